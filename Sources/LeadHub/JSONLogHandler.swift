import Glibc
import HTTP
import Logging

/// Writes each entry as one line of JSON to standard error, in one write(2), so that the lines of several
/// processes never mix.
package struct JSONLogHandler: LogHandler {
    package var metadata: Logger.Metadata = [:]
    package var logLevel: Logger.Level

    package init(level: Logger.Level) {
        logLevel = level
    }

    package subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    package func log(event: LogEvent) {
        var writer = JSONWriter(reserving: 512)
        writer.beginObject()
        writer.member("time", Timestamp.text(Int64(time(nil))))
        writer.member("level", event.level.rawValue)
        writer.member("message", "\(event.message)")
        let all = metadata.merging(event.metadata ?? [:]) { _, new in new }
        for (name, value) in all.sorted(by: { $0.key < $1.key }) {
            writer.key(name)
            if case .stringConvertible(let number as Int64) = value {
                writer.integer(number)
            } else {
                writer.string("\(value)")
            }
        }
        writer.endObject()
        var line = writer.bytes
        line.append(UInt8(ascii: "\n"))
        line.withUnsafeBytes { bytes in
            // Where standard error is gone, there is nobody left to tell.
            _ = Glibc.write(STDERR_FILENO, bytes.baseAddress, bytes.count)
        }
    }
}
