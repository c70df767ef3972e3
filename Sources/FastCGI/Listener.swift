import Glibc

/// The listening socket, made by systemd or spawn-fcgi and shared by all workers.
package struct Listener {
    let descriptor: Int32

    /// Finds the socket that this process was started with: descriptor 3 where systemd passed one
    /// (sd_listen_fds(3)), else standard input (FastCGI 1.0 §2.2).
    ///
    /// - Throws: `ListenerError.none` when neither is a listening socket.
    package init() throws(ListenerError) {
        let descriptor = Listener.isPassedBySystemd ? Listener.firstDescriptorOfSystemd : STDIN_FILENO
        guard Listener.isListening(descriptor) else { throw .none }
        // Without this a worker that lost the race for a connection would sit in accept(), deaf to SIGTERM.
        let flags = fcntl(descriptor, F_GETFL)
        guard flags >= 0, fcntl(descriptor, F_SETFL, flags | O_NONBLOCK) == 0 else { throw .failed(errno) }
        self.descriptor = descriptor
    }

    private static let firstDescriptorOfSystemd: Int32 = 3

    private static var isPassedBySystemd: Bool {
        guard let process = variable("LISTEN_PID"), let count = variable("LISTEN_FDS") else { return false }
        return process == Int(getpid()) && count >= 1
    }

    private static func variable(_ name: String) -> Int? {
        getenv(name).flatMap { Int(String(cString: $0)) }
    }

    private static func isListening(_ descriptor: Int32) -> Bool {
        var answer: Int32 = 0
        var length = socklen_t(MemoryLayout<Int32>.size)
        return getsockopt(descriptor, SOL_SOCKET, SO_ACCEPTCONN, &answer, &length) == 0 && answer == 1
    }
}

/// Why a worker has no socket to serve.
package enum ListenerError: Error, CustomStringConvertible {
    /// The process was started with no listening socket.
    case none
    /// A system call refused; its `errno`.
    case failed(Int32)

    package var description: String {
        switch self {
        case .none: "no listening socket on standard input or from systemd; start workers by systemd or spawn-fcgi"
        case .failed(let code): "the listening socket cannot be used: \(String(cString: strerror(code)))"
        }
    }
}
