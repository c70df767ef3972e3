import Foundation
import RateLimit
import Testing

/// A directory of a test's own, with a path for a counter file in it.
final class Scratch: Sendable {
    let directory: URL
    var path: String { directory.appending(path: "counters").path }

    init() throws {
        directory = FileManager.default.temporaryDirectory.appending(path: "ratelimit-\(UUID())")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
    }

    deinit {
        try? FileManager.default.removeItem(at: directory)
    }

    /// Opens the counters as one worker does.
    func table(now: Int64 = begin, log: Log = Log()) throws -> CounterTable {
        try CounterTable(path: path, now: now) { log.add($0) }
    }

    func names() throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: directory.path).sorted()
    }

    func size() throws -> Int {
        try status().st_size
    }

    func status() throws -> stat {
        var status = stat()
        try #require(stat(path, &status) == 0)
        return status
    }

    func write(_ bytes: [UInt8]) throws {
        try Data(bytes).write(to: URL(filePath: path))
    }

    /// Overwrites bytes in the file where it is.
    func overwrite(at offset: Int, with bytes: [UInt8]) throws {
        let descriptor = open(path, O_RDWR)
        try #require(descriptor >= 0)
        defer { close(descriptor) }
        try #require(pwrite(descriptor, bytes, bytes.count, offset) == bytes.count)
    }

    func bytes(at offset: Int, count: Int) throws -> [UInt8] {
        let descriptor = open(path, O_RDONLY)
        try #require(descriptor >= 0)
        defer { close(descriptor) }
        var bytes = [UInt8](repeating: 0, count: count)
        try #require(pread(descriptor, &bytes, count, offset) == count)
        return bytes
    }

    func row(_ key: Int64) throws -> Row {
        Row(bytes: try bytes(at: Int(key) * 32, count: 32))
    }

    func put(_ row: Row, at key: Int64) throws {
        try overwrite(at: Int(key) * 32, with: row.bytes)
    }
}

/// A row's bytes, as the layout has them.
struct Row: Equatable {
    var bytes: [UInt8]
    var word: ArraySlice<UInt8> {
        get { bytes[0..<8] }
        set { bytes.replaceSubrange(0..<8, with: newValue) }
    }
    var check: ArraySlice<UInt8> {
        get { bytes[8..<16] }
        set { bytes.replaceSubrange(8..<16, with: newValue) }
    }
    var lastUsed: ArraySlice<UInt8> {
        get { bytes[16..<24] }
        set { bytes.replaceSubrange(16..<24, with: newValue) }
    }
}

/// The lines that tables report, from whichever thread.
final class Log: @unchecked Sendable {
    private let lock = NSLock()
    private var reported: [String] = []

    var lines: [String] { lock.withLock { reported } }

    func add(_ line: String) {
        lock.withLock { reported.append(line) }
    }
}

/// An hour's beginning in 2026, in seconds of Unix time.
let begin: Int64 = 1_790_000_000

func allowed(_ remaining: UInt32, of limit: UInt32, until end: Int64 = begin + 3600) -> Verdict {
    Verdict(isAllowed: true, limit: limit, remaining: remaining, resetsAt: end)
}

func refused(of limit: UInt32, until end: Int64 = begin + 3600) -> Verdict {
    Verdict(isAllowed: false, limit: limit, remaining: 0, resetsAt: end)
}

/// Runs the body on so many threads at once, and gives what each returned.
func onThreads<Result: Sendable>(_ count: Int, _ body: @escaping @Sendable (Int) throws -> Result) throws -> [Result] {
    let results = Results<Result>()
    DispatchQueue.concurrentPerform(iterations: count) { number in
        results.add(Swift.Result { try body(number) })
    }
    return try results.all.map { try $0.get() }
}

private final class Results<Value: Sendable>: @unchecked Sendable {
    private let lock = NSLock()
    private(set) var all: [Result<Value, any Error>] = []

    func add(_ result: Result<Value, any Error>) {
        lock.withLock { all.append(result) }
    }
}
