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

    /// Whether systemd's journal reads standard error (systemd.exec(5)): it takes a line's priority from its beginning.
    package static let isForJournal: Bool = {
        var status = stat()
        guard let stream = getenv("JOURNAL_STREAM"), fstat(STDERR_FILENO, &status) == 0 else { return false }
        return String(cString: stream) == "\(status.st_dev):\(status.st_ino)"
    }()

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
        var line = JSONLogHandler.isForJournal ? Array("<\(event.level.priority)>".utf8) : []
        line += writer.bytes
        line.append(UInt8(ascii: "\n"))
        line.withUnsafeBytes { bytes in
            // Where standard error is gone, there is nobody left to tell.
            _ = Glibc.write(STDERR_FILENO, bytes.baseAddress, bytes.count)
        }
    }
}

extension Logger.Level {
    /// The same for the journal (sd-daemon(3)).
    fileprivate var priority: Int {
        switch self {
        case .critical: 2
        case .error: 3
        case .warning: 4
        case .notice: 5
        case .info: 6
        case .debug, .trace: 7
        }
    }
}
