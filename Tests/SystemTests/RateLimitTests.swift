import Foundation
import Testing

extension SystemTests {
    @Suite struct RateLimitTests {
        private static let limit = 3_000
        private static let processes = 8
        private static let requests = 500

        @Test func answersExactlyAsManyAsTheLimit() throws {
            let stack = try Stack()
            let answers = try flood(stack, key: stack.key(rateLimit: Self.limit))
            let answered = answers.filter { $0.status == 200 }
            let refused = answers.filter { $0.status == 429 }
            #expect(answered.count == Self.limit)
            #expect(refused.count == Self.processes * Self.requests - Self.limit)
            #expect(refused.allSatisfy { (1...3600).contains($0.retryAfter ?? 0) })
            #expect(Set(answered.map(\.remaining)).count == Self.limit)
        }

        @Test func neverAnswersMoreWhileWorkersAreKilled() throws {
            let stack = try Stack()
            let key = try stack.key(rateLimit: Self.limit)
            let done = Flag()
            let answers = Collected<[Answer]>()
            try concurrently(2) { role in
                if role == 0 {
                    defer { done.raise() }
                    answers.append(try flood(stack, key: key))
                } else {
                    while !done.isRaised {
                        if let worker = try stack.workers.randomElement() { kill(worker, SIGKILL) }
                        usleep(50_000)
                    }
                }
            }
            let answered = answers.all.flatMap { $0 }.filter { $0.status == 200 }
            #expect(answered.count <= Self.limit)
            #expect(Set(answered.map(\.remaining)).count == answered.count)
            // No row stays locked: the key is answered still, be it that it has had enough.
            let after = try stack.client(key).get("/leads/1")
            #expect([200, 429].contains(after.status))
            #expect(
                try !String(contentsOf: stack.state.appending(path: "worker.log"), encoding: .utf8).contains("damaged")
            )
        }

        private struct Answer {
            let status: Int
            let remaining: Int?
            let retryAfter: Int?
        }

        /// Each process sends its requests one after the other, and prints what came of each.
        private func flood(_ stack: Stack, key: String) throws -> [Answer] {
            let urls = String(
                repeating: "url = http://127.0.0.1:\(stack.httpPort)/api/v1/leads/1\noutput = /dev/null\n",
                count: Self.requests,
            )
            let printed = Collected<String>()
            try concurrently(Self.processes) { _ in
                printed.append(
                    try run(
                        "/usr/bin/curl",
                        [
                            "-q", "--silent", "-H", "Authorization: Bearer \(key)", "--config", "-", "--write-out",
                            "%{http_code} %header{x-ratelimit-remaining} %header{retry-after}\n",
                        ],
                        input: urls,
                    )
                )
            }
            return printed.all.flatMap { $0.split(separator: "\n") }.map { line in
                let words = line.split(separator: " ", omittingEmptySubsequences: false).map { Int($0) }
                return Answer(status: words[0] ?? 0, remaining: words[1], retryAfter: words.count > 2 ? words[2] : nil)
            }
        }

        /// The token of an inbound address has no limit until it is given one.
        @Test func limitsAndRevokesTheAddressOfAnIntegration() throws {
            let stack = try Stack(workers: 2)
            let client = stack.client(try stack.key())
            let made = try client.post("/integrations", #"{"type":"make","name":"Make"}"#)
            guard case .string(let url) = made["data", "inbound_url"] else { throw StackError.notStarted }
            let path = try #require(URL(string: url)).path()
            let body = #"{"email":"a@example.com"}"#
            let id = try stack.sql("SELECT id FROM api_key WHERE kind = 'inbound'")
            #expect(throws: StackError.self) { try stack.leadhub("key", "update", id) }
            #expect(throws: StackError.self) { try stack.leadhub("key", "update", id, "--rate-limit", "-1") }
            #expect(throws: StackError.self) { try stack.leadhub("key", "update", "999", "--rate-limit", "1") }
            #expect(try client.post(path, body).status == 200)
            try stack.leadhub("key", "update", id, "--rate-limit", "2")
            #expect(try client.post(path, body).status == 200)
            #expect(try client.post(path, body).status == 429)
            try stack.leadhub("key", "update", id, "--rate-limit", "5", "--expires", "2020-01-01")
            #expect(try client.post(path, body).status == 401)
            try stack.leadhub("key", "update", id, "--expires", "2100-01-01")
            #expect(try client.post(path, body).status == 200)
            try stack.leadhub("key", "revoke", id)
            #expect(try client.post(path, body).status == 401)
        }
    }
}
