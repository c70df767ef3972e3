import Foundation
import Synchronization

/// A server of HTTP/1.1 on this machine, one connection a request, that answers as a test says: another service.
final class FakeService: Sendable {
    struct Request: Sendable {
        let method: String
        let target: String
        /// By lower-case names.
        let headers: [String: String]
        let body: String

        /// The last piece of the path: the lead's id.
        var node: String { String(target.split(separator: "?")[0].split(separator: "/").last ?? "") }
    }

    enum Reply: Sendable {
        case answer(Int, headers: String = "", String)
        /// Says nothing, and hangs up after so many seconds.
        case silence(Double)
    }

    let port: Int
    private let listener: Socket
    private let received = Collected<Request>()
    private let reply: Mutex<@Sendable (Request) -> Reply>

    /// Starts to listen, and answers with 404 until it is told what to say.
    init() throws {
        listener = try Socket.listening()
        port = listener.port
        let unknown: @Sendable (Request) -> Reply = { _ in .answer(404, "") }
        reply = Mutex(unknown)
        let (listener, received) = (listener, received)
        Thread.detachNewThread { [weak self] in
            while let socket = listener.accepted() {
                guard let self else { return socket.close() }
                Thread.detachNewThread { FakeService.serve(socket, received) { request in self.answer(request) } }
            }
        }
    }

    /// What has come so far, also where nothing was answered.
    var requests: [Request] { received.all }

    /// Answers like this from now on.
    func reply(_ reply: @escaping @Sendable (Request) -> Reply) {
        self.reply.withLock { $0 = reply }
    }

    deinit {
        shutdown(listener.descriptor, Int32(SHUT_RDWR))
        listener.close()
    }

    private func answer(_ request: Request) -> Reply {
        let reply = reply.withLock { $0 }
        return reply(request)
    }

    private static func serve(
        _ socket: Socket, _ received: Collected<Request>, _ answer: (Request) -> Reply,
    ) {
        defer { socket.close() }
        guard let request = try? read(socket) else { return }
        received.append(request)
        switch answer(request) {
        case .answer(let status, let headers, let body):
            let length = "Content-Length: \(body.utf8.count)\r\n"
            let head = "HTTP/1.1 \(status) Said\r\n\(length)Connection: close\r\n\(headers)\r\n"
            try? socket.write(Array((head + body).utf8))
            // Closing before the client does could take the answer away from it.
            while let more = try? socket.read(), !more.isEmpty {}
        case .silence(let seconds):
            Thread.sleep(forTimeInterval: seconds)
        }
    }

    private static func read(_ socket: Socket) throws -> Request {
        var bytes: [UInt8] = []
        func more() throws {
            let piece = try socket.read()
            guard !piece.isEmpty else { throw Client.Failure.cutOff }
            bytes += piece
        }
        let end = Array("\r\n\r\n".utf8)
        while bytes.firstRange(of: end) == nil { try more() }
        guard let range = bytes.firstRange(of: end) else { throw Client.Failure.cutOff }
        let lines = String(decoding: bytes[..<range.lowerBound], as: UTF8.self).split(separator: "\r\n")
        let words = lines[0].split(separator: " ").map(String.init)
        var headers: [String: String] = [:]
        for line in lines.dropFirst() {
            let parts = line.split(separator: ":", maxSplits: 1)
            headers[parts[0].lowercased()] = parts.last?.trimmingCharacters(in: .whitespaces)
        }
        let length = Int(headers["content-length"] ?? "0") ?? 0
        while bytes.count < range.upperBound + length { try more() }
        let body = String(decoding: bytes[range.upperBound...], as: UTF8.self)
        return Request(method: words[0], target: words[1], headers: headers, body: body)
    }
}

extension Socket {
    /// The next connection to a listening socket; nil once it is shut.
    fileprivate func accepted() -> Socket? {
        let connection = accept(descriptor, nil, nil)
        guard connection >= 0 else { return nil }
        _ = fcntl(connection, F_SETFD, FD_CLOEXEC)
        return Socket(descriptor: connection, port: port)
    }
}
