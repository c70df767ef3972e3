import Foundation
import Outgoing
import Testing

extension SystemTests {
    /// Requests to other servers, over real sockets.
    @Suite struct OutgoingTests {
        private let service: FakeService
        private let url: String

        init() throws {
            service = try FakeService()
            url = "http://127.0.0.1:\(service.port)"
        }

        /// Nothing is ever to be read from it: no signal comes.
        private static let silence = Pipe.unshared()

        private func client(
            allowsPrivateNetworks: Bool = true, signals: Int32 = silence.fileHandleForReading.fileDescriptor,
        ) throws -> OutgoingClient {
            try OutgoingClient(agent: "Test/1", allowsPrivateNetworks: allowsPrivateNetworks, signals: signals)
        }

        @Test func sendsAndReceives() throws {
            service.reply { .answer(201, headers: "Retry-After: 7\r\n", "got \($0.body)") }
            let client = try client()
            let fields = [("Authorization", "Bearer t"), ("Content-Type", "application/json")]
            let answer = try client.send(OutgoingRequest(.post(Array("{}".utf8)), url + "/a?b=c", fields: fields))
            #expect(answer.status == 201)
            #expect(String(decoding: answer.body, as: UTF8.self) == "got {}")
            #expect(answer.retryAfter == 7)
            let request = try #require(service.requests.first)
            #expect((request.method, request.target) == ("POST", "/a?b=c"))
            #expect(request.headers["authorization"] == "Bearer t")
            #expect(request.headers["content-type"] == "application/json")
            #expect(request.headers["user-agent"] == "Test/1")

            let empty = try client.send(OutgoingRequest(.post([]), url))
            #expect(String(decoding: empty.body, as: UTF8.self) == "got ")
            #expect(try client.send(OutgoingRequest(.get, url)).status == 201)
            #expect(service.requests.map(\.method) == ["POST", "POST", "GET"])
        }

        @Test func followsNoRedirect() throws {
            service.reply { [url] _ in .answer(302, headers: "Location: \(url)/elsewhere\r\n", "") }
            let answer = try client().send(OutgoingRequest(.get, url))
            #expect(answer.status == 302)
            #expect(answer.retryAfter == nil)
            #expect(service.requests.count == 1)
        }

        @Test func takesAMebibyteAndNoMore() throws {
            service.reply { .answer(200, String(repeating: "x", count: $0.node == "more" ? 1_048_577 : 1_048_576)) }
            let client = try client()
            #expect(try client.send(OutgoingRequest(.get, url + "/all")).body.count == 1_048_576)
            #expect(throws: OutgoingError.tooLong) { try client.send(OutgoingRequest(.get, url + "/more")) }
        }

        @Test func waitsTenSecondsAtTheMost() throws {
            service.reply { _ in .silence(15) }
            let client = try client()
            let began = ContinuousClock.now
            #expect(throws: OutgoingError.timedOut) { try client.send(OutgoingRequest(.get, url)) }
            #expect((.seconds(9)...(.seconds(13))).contains(began.duration(to: .now)))
        }

        @Test func isBrokenOffByASignal() throws {
            service.reply { _ in .silence(15) }
            let signals = Pipe.unshared()
            let client = try client(signals: signals.fileHandleForReading.fileDescriptor)
            let service = service
            Thread.detachNewThread {
                try? eventually(every: 1_000) { !service.requests.isEmpty }
                try? signals.fileHandleForWriting.write(contentsOf: Data([1]))
            }
            let began = ContinuousClock.now
            #expect(throws: OutgoingError.stopped) { try client.send(OutgoingRequest(.get, url)) }
            #expect(began.duration(to: .now) < .seconds(5))
        }

        @Test func saysThatNobodyAnswers() throws {
            service.reply { _ in .silence(0) }
            let client = try client()
            #expect(throws: OutgoingError.self) { try client.send(OutgoingRequest(.get, url)) }
            let closed = "http://127.0.0.1:\(try Stack.freePort())"
            #expect(throws: OutgoingError.self) { try client.send(OutgoingRequest(.get, closed)) }
            // It serves on after failures.
            service.reply { _ in .answer(200, "") }
            #expect(try client.send(OutgoingRequest(.get, url)).status == 200)
        }

        @Test(arguments: [
            "http://127.0.0.1", "http://localhost", "http://127.1", "http://0x7f000001", "http://2130706433",
            "http://0", "http://[::1]", "http://[::ffff:127.0.0.1]", "http://[::ffff:7f00:1]",
        ])
        func asksNoPrivateAddress(host: String) throws {
            service.reply { _ in .answer(200, "") }
            let request = OutgoingRequest(.get, "\(host):\(service.port)/")
            let client = try client(allowsPrivateNetworks: false)
            #expect(throws: OutgoingError.privateNetwork) { try client.send(request) }
            #expect(service.requests.isEmpty)
        }

        @Test(arguments: [
            "file:///etc/passwd", "ftp://127.0.0.1/", "gopher://127.0.0.1/", "dict://127.0.0.1/", "", "http://",
            "http://user:password@127.0.0.1/", "http://user@127.0.0.1/",
        ])
        func asksNothingElse(url: String) throws {
            let client = try client()
            #expect(throws: OutgoingError.invalid) { try client.send(OutgoingRequest(.get, url)) }
        }

        @Test(arguments: ["a\r\nX-More: 1", "a\nb", "a\0b", "a\u{7F}b"])
        func sendsNoLineEndInAHeader(value: String) throws {
            let client = try client()
            let request = OutgoingRequest(.get, url, fields: [("Authorization", value)])
            #expect(throws: OutgoingError.invalid) { try client.send(request) }
            #expect(service.requests.isEmpty)
        }

        @Test func verifiesWhomItTalksTo() throws {
            let stack = try Stack(workers: 1)
            let client = try client()
            for host in ["localhost", "127.0.0.1"] {
                let failure = #expect(throws: OutgoingError.self) {
                    try client.send(OutgoingRequest(.get, "https://\(host):\(stack.port)/api/v1/health"))
                }
                #expect(failure?.description.lowercased().contains("cert") == true)
            }
        }

        @Test func takesNoProxyFromTheEnvironment() throws {
            service.reply { _ in .answer(200, "") }
            for name in ["http_proxy", "HTTPS_PROXY", "all_proxy"] { setenv(name, "http://127.0.0.1:1", 1) }
            defer { for name in ["http_proxy", "HTTPS_PROXY", "all_proxy"] { unsetenv(name) } }
            #expect(try client().send(OutgoingRequest(.get, url)).status == 200)
        }
    }
}
