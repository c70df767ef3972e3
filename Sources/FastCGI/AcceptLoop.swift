import CFastCGI
import CLinux
import Glibc

/// Takes requests off the shared socket, one at a time, until the process is told to stop.
///
/// libfcgi's own handling of SIGTERM is not used: it hands truncated bodies to the application and
/// lets truncated answers pass as whole ones. Here the signals that end a worker are blocked, and
/// become readable on a descriptor that is watched beside the socket: they are seen between two
/// requests and nowhere else, and a worker that always finds a request waiting still sees them.
package struct AcceptLoop: ~Copyable {
    private let listener: Listener
    private let signals: Int32
    private var request = FCGX_Request()

    /// Blocks SIGTERM, SIGINT and SIGUSR1. To be called before the process starts any other thread,
    /// which would not inherit the block.
    ///
    /// - Returns: a descriptor that is readable once one of them has come.
    /// - Throws: `AcceptError.failed` with the system call's `errno`.
    package static func blockStopSignals() throws(AcceptError) -> Int32 {
        var set = stopSignals
        guard sigprocmask(SIG_BLOCK, &set, nil) == 0 else { throw .failed("sigprocmask", errno) }
        let descriptor = linux_signal_descriptor(&set)
        guard descriptor >= 0 else { throw .failed("signalfd", errno) }
        return descriptor
    }

    /// Lets the stop signals through again: one that has come ends the process now, as its sender expects.
    package static func unblockStopSignals() {
        var set = stopSignals
        sigprocmask(SIG_UNBLOCK, &set, nil)
    }

    private static var stopSignals: sigset_t {
        var set = sigset_t()
        sigemptyset(&set)
        for signal in [SIGTERM, SIGINT, SIGUSR1] { sigaddset(&set, signal) }
        return set
    }

    /// Readies libfcgi for one process with one thread.
    ///
    /// - Parameters:
    ///   - listener: the socket that requests come in on.
    ///   - signals: what `blockStopSignals` gave.
    /// - Throws: `AcceptError.failed` where libfcgi cannot start.
    package init(on listener: Listener, signals: Int32) throws(AcceptError) {
        self.listener = listener
        self.signals = signals
        // After each answer libfcgi would wait up to 2 s for nginx to close first. It need not: every
        // body is read to its end below, so that close() finds nothing unread and resets nothing.
        setenv("LIBFCGI_OS_CLOSE_POLL_TIMEOUT", "0", 1)
        var code = FCGX_Init()
        guard code == 0 else { throw .failed("FCGX_Init", code) }
        code = FCGX_InitRequest(&request, listener.descriptor, FCGI_FAIL_ACCEPT_ON_INTR)
        guard code == 0 else { throw .failed("FCGX_InitRequest", code) }
    }

    /// Answers requests until a stop signal comes; the request in hand is finished first.
    ///
    /// - Parameters:
    ///   - bodyLimit: the most bytes of a body that are kept.
    ///   - longestWait: how long it may wait for a request before `alive` runs.
    ///   - alive: runs before each request, and while there is none.
    ///   - respond: takes a request, gives the whole answer in CGI form (RFC 3875 §6).
    ///   - afterwards: runs once the answer is on its way; false ends the loop.
    /// - Throws: `AcceptError.failed` when the socket can no longer be waited for.
    package mutating func run(
        bodyLimit: Int,
        longestWait: Duration,
        alive: () -> Void,
        respond: (Incoming) -> [UInt8],
        afterwards: () -> Bool,
    ) throws(AcceptError) {
        while try waitForConnection(longestWait, alive) {
            // Another worker was faster, or the connection went away again: not an error.
            guard FCGX_Accept_r(&request) == 0 else { continue }
            let incoming = Incoming(params: Params(request.envp), body: readBody(keeping: bodyLimit))
            write(respond(incoming))
            FCGX_Finish_r(&request)
            guard afterwards() else { return }
        }
    }

    private func waitForConnection(_ longestWait: Duration, _ alive: () -> Void) throws(AcceptError) -> Bool {
        let milliseconds = Int32(clamping: Int64(longestWait / .milliseconds(1)))
        while true {
            alive()
            var watched = [
                pollfd(fd: listener.descriptor, events: Int16(POLLIN), revents: 0),
                pollfd(fd: signals, events: Int16(POLLIN), revents: 0),
            ]
            let ready = poll(&watched, nfds_t(watched.count), milliseconds)
            if ready < 0 && errno != EINTR { throw .failed("poll", errno) }
            if watched[1].revents != 0 { return false }
            if watched[0].revents & Int16(POLLIN) != 0 { return true }
            if watched[0].revents != 0 { throw .failed("poll", EBADF) }
        }
    }

    private func readBody(keeping limit: Int) -> Incoming.Body {
        let declared = FCGX_GetParam("CONTENT_LENGTH", request.envp).flatMap { Int(String(cString: $0)) } ?? 0
        guard declared <= limit else {
            drain()
            return .tooLarge
        }
        let body = [UInt8](unsafeUninitializedCapacity: declared) { buffer, count in
            buffer.withMemoryRebound(to: CChar.self) { characters in
                count = Int(FCGX_GetStr(characters.baseAddress, Int32(declared), request.in))
            }
        }
        drain()
        return body.count == declared ? .complete(body) : .incomplete
    }

    private func drain() {
        withUnsafeTemporaryAllocation(of: CChar.self, capacity: 8_192) { scratch in
            let size = Int32(scratch.count)
            while FCGX_GetStr(scratch.baseAddress, size, request.in) == size {}
        }
    }

    /// A client that went away cannot be told so: what libfcgi says of the write is of no use here.
    private func write(_ answer: [UInt8]) {
        answer.withUnsafeBytes { bytes in
            let characters = bytes.assumingMemoryBound(to: CChar.self)
            _ = FCGX_PutStr(characters.baseAddress, Int32(characters.count), request.out)
        }
    }
}

/// Why a worker cannot take requests.
package enum AcceptError: Error, CustomStringConvertible {
    /// The named call refused, with this `errno`.
    case failed(String, Int32)

    package var description: String {
        switch self {
        case .failed(let call, let code): "\(call) failed: \(String(cString: strerror(code)))"
        }
    }
}
