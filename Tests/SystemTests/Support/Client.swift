import Foundation
import Glibc
import HTTP

/// A client of the plain HTTP listener, over one connection that it keeps. It tells what curl would hide: whether
/// an answer came at all, and came whole.
final class Client {
    struct Answer: Sendable {
        let status: Int
        /// By lower-case names.
        let headers: [String: String]
        let body: [UInt8]

        var json: JSONValue? { try? JSONValue(parsing: body) }

        subscript(path: String...) -> JSONValue? {
            path.reduce(json) { value, name in
                if case .object(let object) = value { object[name] } else { nil }
            }
        }
    }

    enum Failure: Error {
        case noConnection(Int32)
        case cutOff
        case malformed(String)
    }

    private let port: Int
    private let key: String
    private var socket: Socket?
    private var unread: [UInt8] = []

    init(port: Int, key: String) {
        self.port = port
        self.key = key
    }

    func get(_ target: String) throws -> Answer {
        try send("GET", target)
    }

    func post(_ target: String, _ body: String) throws -> Answer {
        try send("POST", target, body: body)
    }

    /// Sends one request to a path below `/api/v1`, or to one that begins with `/api/`.
    func send(
        _ method: String, _ target: String, headers: [String: String] = [:], body: String? = nil,
    ) throws -> Answer {
        let path = target.hasPrefix("/api/") ? target : "/api/v1\(target)"
        var head = "\(method) \(path) HTTP/1.1\r\nHost: localhost:\(port)\r\nAuthorization: Bearer \(key)\r\n"
        for (name, value) in headers { head += "\(name): \(value)\r\n" }
        if let body { head += "Content-Type: application/json\r\nContent-Length: \(body.utf8.count)\r\n" }
        let bytes = Array((head + "\r\n" + (body ?? "")).utf8)
        let socket = try connected()
        do {
            try socket.write(bytes)
            return try answer(socket, hasBody: method != "HEAD")
        } catch {
            self.socket = nil
            throw error
        }
    }

    deinit {
        socket?.close()
    }

    private func connected() throws -> Socket {
        if let socket { return socket }
        unread = []
        let new = try Socket.connected(port: port)
        socket = new
        return new
    }

    private func answer(_ socket: Socket, hasBody: Bool) throws -> Answer {
        let end = Array("\r\n\r\n".utf8)
        while unread.firstRange(of: end) == nil { try readMore(socket) }
        guard let range = unread.firstRange(of: end) else { throw Failure.cutOff }
        let lines = String(decoding: unread[..<range.lowerBound], as: UTF8.self).split(separator: "\r\n")
        unread.removeSubrange(..<range.upperBound)
        guard let status = lines.first?.split(separator: " ").dropFirst().first.flatMap({ Int($0) }) else {
            throw Failure.malformed(lines.first.map(String.init) ?? "")
        }
        var headers: [String: String] = [:]
        for line in lines.dropFirst() {
            let parts = line.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            headers[parts[0].lowercased()] = parts.last?.trimmingCharacters(in: .whitespaces)
        }
        let length = hasBody ? Int(headers["content-length"] ?? "0") ?? 0 : 0
        while unread.count < length { try readMore(socket) }
        let body = Array(unread.prefix(length))
        unread.removeFirst(length)
        if headers["connection"] == "close" {
            socket.close()
            self.socket = nil
        }
        return Answer(status: status, headers: headers, body: body)
    }

    private func readMore(_ socket: Socket) throws {
        let more = try socket.read()
        guard !more.isEmpty else { throw Failure.cutOff }
        unread += more
    }
}

/// A TCP socket on this machine.
struct Socket {
    let descriptor: Int32
    let port: Int

    static func connected(port: Int) throws -> Socket {
        let socket = Socket(descriptor: unbound(), port: port)
        let code = withAddress(port) { Glibc.connect(socket.descriptor, $0, $1) }
        guard code == 0 else { throw Client.Failure.noConnection(errno) }
        return socket
    }

    static func listening() throws -> Socket {
        let descriptor = unbound()
        guard withAddress(0, { Glibc.bind(descriptor, $0, $1) }) == 0, Glibc.listen(descriptor, 1) == 0 else {
            throw Client.Failure.noConnection(errno)
        }
        var address = sockaddr_in()
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        _ = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(descriptor, $0, &length) }
        }
        return Socket(descriptor: descriptor, port: Int(UInt16(bigEndian: address.sin_port)))
    }

    /// Programs that a test starts do not inherit it.
    private static func unbound() -> Int32 {
        Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    }

    func write(_ bytes: [UInt8]) throws {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
            guard count > 0 else { throw Client.Failure.cutOff }
            rest = rest.dropFirst(count)
        }
    }

    func read() throws -> [UInt8] {
        var failure = false
        let bytes = [UInt8](unsafeUninitializedCapacity: 65_536) { buffer, count in
            let received = recv(descriptor, buffer.baseAddress, buffer.count, 0)
            failure = received < 0
            count = max(0, received)
        }
        guard !failure else { throw Client.Failure.cutOff }
        return bytes
    }

    func close() {
        Glibc.close(descriptor)
    }

    private static func withAddress<Result>(
        _ port: Int, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Result,
    ) -> Result {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(port).bigEndian
        address.sin_addr.s_addr = in_addr_t(INADDR_LOOPBACK).bigEndian
        return withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                body($0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
    }
}
