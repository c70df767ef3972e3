import Foundation
import Synchronization

/// A program that runs beside the test.
///
/// Not Foundation's `Process`: in Swift 6.3 its `run()` reads past the end of the last entry of `/proc/self/fd`, which
/// ends the tests with a SIGSEGV once some 1,300 descriptors are open (swift-corelibs-foundation, issue 5472). It also
/// lets a program inherit the signals that Dispatch's threads block, SIGTERM among them.
final class Child: Sendable {
    let id: pid_t
    private let ended = Mutex<Int32?>(nil)

    /// Starts a program with no signal blocked. `environment` comes beside the test's own; without `input` there is
    /// nothing to read; without `output` and `errors` those are the test's own.
    init(
        _ program: String, _ arguments: [String], environment: [String: String] = [:], input: FileHandle? = nil,
        output: FileHandle? = nil, errors: FileHandle? = nil,
    ) throws {
        var (actions, attributes, none) = (posix_spawn_file_actions_t(), posix_spawnattr_t(), sigset_t())
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        let streams = [input ?? .nullDevice, output ?? .standardOutput, errors ?? .standardError]
        for (number, stream) in streams.enumerated() {
            posix_spawn_file_actions_adddup2(&actions, stream.fileDescriptor, Int32(number))
        }

        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        sigemptyset(&none)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK))

        let settings = ProcessInfo.processInfo.environment.merging(environment) { $1 }.map { "\($0)=\($1)" }
        var (words, variables) = (([program] + arguments).map { strdup($0) }, settings.map { strdup($0) })
        defer { (words + variables).forEach { free($0) } }
        words.append(nil)
        variables.append(nil)
        var child: pid_t = 0
        let code = posix_spawn(&child, program, &actions, &attributes, words, variables)
        guard code == 0 else { throw StackError.failed(program, code, String(cString: strerror(code))) }
        id = child
    }

    /// Sends it a signal, unless it is known to have ended.
    func signal(_ signal: Int32) {
        ended.withLock { if $0 == nil { kill(id, signal) } }
    }

    /// Waits for its end.
    ///
    /// - Returns: its exit status; for one that a signal has ended 128 and the signal's number, as shells have it.
    @discardableResult
    func wait() -> Int32 {
        ended.withLock { ended in
            if let ended { return ended }
            var status: Int32 = 0
            while waitpid(id, &status, 0) == -1, errno == EINTR {}
            let (code, signal) = ((status >> 8) & 0xff, status & 0x7f)
            ended = signal == 0 ? code : 128 + signal
            return ended ?? 0
        }
    }
}

/// Runs a program to its end.
///
/// - Returns: its standard output, without the line's end.
/// - Throws: `StackError.failed` where it ends with another status than 0.
func run(_ program: String, _ arguments: [String], input: String = "") throws -> String {
    // Files, not pipes: no one waits for the other to read.
    let (source, output, errors) = (try FileHandle.scratch(), try FileHandle.scratch(), try FileHandle.scratch())
    try source.write(contentsOf: Data(input.utf8))
    let status = try Child(program, arguments, input: source.fromItsBeginning(), output: output, errors: errors).wait()
    guard status == 0 else { throw StackError.failed(program, status, try errors.text) }
    return try output.text.trimmingCharacters(in: .newlines)
}

extension Pipe {
    /// A pipe that only those inherit who are given one of its ends: else nobody sees it end.
    static func unshared() -> Pipe {
        let pipe = Pipe()
        for end in [pipe.fileHandleForReading, pipe.fileHandleForWriting] {
            _ = fcntl(end.fileDescriptor, F_SETFD, FD_CLOEXEC)
        }
        return pipe
    }
}

extension FileHandle {
    /// A file without a name, gone once it is closed.
    fileprivate static func scratch() throws -> FileHandle {
        var name = Array("/tmp/leadhub-XXXXXX".utf8CString)
        let descriptor = mkstemp(&name)
        guard descriptor >= 0 else { throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO) }
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
        unlink(name)
        return FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
    }

    fileprivate func fromItsBeginning() throws -> FileHandle {
        try seek(toOffset: 0)
        return self
    }

    fileprivate var text: String {
        get throws { String(decoding: try fromItsBeginning().readToEnd() ?? Data(), as: UTF8.self) }
    }
}
