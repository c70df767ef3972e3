import Foundation
import HTTP
import Testing

extension SystemTests {
    /// The reference's own examples, with host and key changed, over TLS.
    @Suite struct ReferenceTests {
        @Test func itsTwoCurlExamplesWork() throws {
            let stack = try Stack()
            let key = try stack.demoKey
            let listed = try JSONValue(
                parsing: Array(
                    curl(
                        stack,
                        [
                            "-X", "GET", "\(stack.base)/leads?status=new&per_page=25",
                            "-H", "Authorization: Bearer \(key)", "-H", "Accept: application/json",
                        ],
                    ).utf8
                )
            )
            #expect(listed.names == ["data", "meta", "links"])
            #expect(listed["meta"]?.names == ["current_page", "last_page", "per_page", "total", "from", "to"])
            #expect(listed["links"]?.names == ["first", "last", "prev", "next", "self"])
            #expect(listed["links", "self"] == .string("\(stack.base)/leads?status=new&per_page=25&page=1"))

            let created = try JSONValue(
                parsing: Array(
                    curl(
                        stack,
                        [
                            "-X", "POST", "\(stack.base)/leads", "-H", "Authorization: Bearer \(key)",
                            "-H", "Content-Type: application/json",
                            "-d", #"{"first_name":"Sarah","email":"sarah@example.com","source":"api"}"#,
                        ],
                    ).utf8
                )
            )
            #expect(created.names == ["data"])
            #expect(created["data", "email"] == .string("sarah@example.com"))
        }

        @Test func everyAnswerHasItsHeaders() throws {
            let stack = try Stack(workers: 1)
            let client = stack.client(try stack.key(rateLimit: 100))
            for target in ["/leads", "/leads/1", "/leads/999", "/nothing", "/leads?per_page=x"] {
                let answer = try client.get(target)
                #expect(answer.headers["content-type"] == "application/json; charset=utf-8")
                #expect(answer.headers["x-ratelimit-limit"] == "100")
                #expect(answer.headers["x-ratelimit-remaining"] != nil)
                #expect(answer.headers["x-ratelimit-reset"] != nil)
                #expect(answer.headers["ratelimit-policy"] == "\"default\";q=100;w=3600")
                #expect(answer.headers["cache-control"] == "private, no-cache")
                #expect(answer.headers["x-request-id"]?.count == 32)
            }
            let given = try client.send("GET", "/leads", headers: ["X-Request-Id": "mine-1"])
            #expect(given.headers["x-request-id"] == "mine-1")
        }

        @Test func healthNeedsNoKey() throws {
            let stack = try Stack(workers: 1)
            let health = try JSONValue(parsing: Array(curl(stack, ["\(stack.base)/health"]).utf8))
            #expect(health.names == ["status", "version", "timestamp"])
            #expect(health["status"] == .string("ok"))
        }

        /// What nginx answers itself looks like what a worker answers.
        @Test func nginxSpeaksInTheSameEnvelope() throws {
            let stack = try Stack(workers: 1)
            let client = stack.client(try stack.key())
            let long = String(repeating: "a", count: 9_000)
            let cases: [(Client.Answer, Int, String)] = [
                (
                    try client.send("POST", "/leads", body: String(repeating: " ", count: 1_100_000)),
                    413, "PAYLOAD_TOO_LARGE"
                ),
                (try client.get("/leads?\(long)"), 414, "URI_TOO_LONG"),
                (try client.send("GET", "/leads", headers: ["X-Long": long]), 431, "HEADERS_TOO_LARGE"),
                (try client.send("TRACE", "/leads"), 405, "METHOD_NOT_ALLOWED"),
                (try client.get("/../../elsewhere"), 404, "NOT_FOUND"),
            ]
            for (answer, status, code) in cases {
                #expect(answer.status == status)
                #expect(answer["code"] == .string(code))
                #expect(answer["status"] == .string("error"))
                #expect(answer.headers["x-request-id"] != nil)
            }
        }

        @Test func nginxWritesDownNoTokenOfAnAddress() throws {
            let stack = try Stack(workers: 1)
            let client = stack.client(try stack.key())
            let form = try client.post("/forms", #"{"name":"Contact"}"#)
            guard case .string(let address) = form["data", "submit_url"] else { throw StackError.notStarted }
            let path = try #require(URL(string: address)).path
            let body = String(repeating: "a", count: 3_000_000)
            #expect(try client.send("POST", path, body: body).status == 413)
            #expect(try client.send("POST", "/leads", body: body).status == 413)
            let errors = try stack.nginxErrors
            #expect(errors.contains("/api/v1/leads"))
            #expect(try !errors.contains(#require(path.split(separator: "/").last)))
        }

        private func curl(_ stack: Stack, _ arguments: [String]) throws -> String {
            try run("/usr/bin/curl", ["-q", "--silent", "--fail", "--cacert", stack.certificate] + arguments)
        }
    }
}

extension JSONValue {
    fileprivate var names: [String] {
        if case .object(let object) = self { object.map(\.name) } else { [] }
    }

    fileprivate subscript(path: String...) -> JSONValue? {
        path.reduce(self as JSONValue?) { value, name in
            if case .object(let object) = value { object[name] } else { nil }
        }
    }
}
