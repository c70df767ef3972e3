import GRDB
import HTTP
import HTTPTypes
import Testing

@testable import LeadHub

/// The address that a source sends its leads to, and the key behind it.
@Suite struct InboundTokenTests {
    private static let target = "/api/v1/integrations"

    @Test(arguments: IntegrationSample.all)
    func isGivenToSourcesOnly(_ sample: IntegrationSample) throws {
        try Workbench.run { bench in
            let url = try bench.post(Self.target, sample.body)["data", "inbound_url"]
            guard IntegrationSample.sources.contains(where: { $0.type == sample.type }) else {
                #expect(url == .null)
                #expect(try bench.number("SELECT count(*) FROM api_key WHERE kind = 'inbound'") == 0)
                return
            }
            let start = "\(Workbench.origin)/api/inbound/integrations/"
            let token = try #require(url?.string?.dropFirst(start.count))
            #expect(url?.string?.hasPrefix(start) == true)
            #expect(token.wholeMatch(of: /lhi_[0-9A-Za-z]{40}/) != nil)
            let key = try #require(
                try Row.fetchOne(
                    bench.database, sql: "SELECT * FROM api_key WHERE hash = ?", arguments: [Key.hash(String(token))]
                )
            )
            #expect(key["kind"] == "inbound")
            #expect(key["workspace_id"] == bench.workspace)
            #expect(key["scopes"] == "")
            #expect(key["rate_limit"] == Int64(UInt32.max))
            #expect(try bench.number("SELECT api_key_id FROM integration") == key["id"])
        }
    }

    @Test func differsEachTimeAndStays() throws {
        try Workbench.run { bench in
            let urls = try (0..<20).map { number in
                let answer = try bench.post(Self.target, #"{"type": "make", "name": "\#(number)"}"#)
                return try #require(answer["data", "inbound_url"]?.string)
            }
            #expect(Set(urls).count == urls.count)
            for body in [#"{"name": "x"}"#, #"{"inbound_url": "https://evil.example/"}"#, #"{"is_active": false}"#] {
                let answer = try bench.send(.patch, "\(Self.target)/1", body, key: bench.key)
                #expect(answer["data", "inbound_url"] == .string(urls[0]))
            }
        }
    }

    /// It opens its own address, and nothing of /api/v1, whatever its row may say.
    @Test func authenticatesNobody() throws {
        try Workbench.run { bench in
            let url = try #require(
                try bench.post(Self.target, #"{"type": "make", "name": "x"}"#)["data", "inbound_url"]?.string)
            let token = String(url.suffix(44))
            #expect(try bench.get("/api/v1/leads", key: token).status == 401)
            #expect(try bench.get("/api/v1/leads", key: String(token.dropFirst(4))).status == 401)
            #expect(try bench.get("/api/v1/leads", key: "lh_" + token.dropFirst(4)).status == 401)
            // Even with the form of a key and all scopes.
            let secret = try bench.key(["*"])
            try bench.execute("UPDATE api_key SET kind = 'inbound' WHERE hash = ?", [Key.hash(secret)])
            #expect(try bench.get("/api/v1/leads", key: secret).status == 401)
        }
    }

    @Test func goesWithItsIntegration() throws {
        try Workbench.run { bench in
            _ = try bench.post(Self.target, #"{"type": "make", "name": "x"}"#)
            _ = try bench.post(Self.target, #"{"type": "make", "name": "y"}"#)
            let keys = try #require(try bench.number("SELECT count(*) FROM api_key"))
            let first = try #require(try bench.number("SELECT api_key_id FROM integration WHERE id = 1"))
            #expect(try bench.send(.delete, "\(Self.target)/1", key: bench.key).status == 204)
            #expect(try bench.number("SELECT count(*) FROM api_key") == keys - 1)
            #expect(try bench.number("SELECT count(*) FROM api_key WHERE id = ?", [first]) == 0)
            // Its number, and with it its counter, is never another key's.
            let answer = try bench.post(Self.target, #"{"type": "make", "name": "z"}"#)
            try #require(answer.status == 201)
            #expect(try #require(try bench.number("SELECT max(id) FROM api_key")) > first + 1)
        }
    }

    @Test func isShownUnderItsIntegrationsName() throws {
        try Workbench.run { bench in
            _ = try bench.post(Self.target, #"{"type": "make", "name": "Before"}"#)
            _ = try bench.send(.patch, "\(Self.target)/1", #"{"name": "After"}"#, key: bench.key)
            #expect(try bench.text("SELECT name FROM api_key WHERE kind = 'inbound'") == "After")
        }
    }

    @Test func isTheSameForARepetition() throws {
        try Workbench.run { bench in
            let answers = try (0..<2).map { _ in
                try bench.send(
                    .post, Self.target, #"{"type": "make", "name": "x"}"#, key: bench.key,
                    fields: [.idempotencyKey: "a"],
                )
            }
            #expect(answers[1].header("Idempotency-Replayed") == "true")
            #expect(answers[1].text == answers[0].text)
            #expect(answers[1].header("Location") == answers[0].header("Location"))
            #expect(try bench.number("SELECT count(*) FROM integration") == 1)
            #expect(
                try bench.number("SELECT count(*) FROM kept_answer WHERE is_sealed = 1 AND body NOT LIKE '{%'") == 1)
        }
    }

    /// It belongs to the origin that the client asked by.
    @Test func beginsAsTheClientKnowsTheServer() throws {
        try Workbench.run { bench in
            let created = try bench.post(Self.target, #"{"type": "make", "name": "x"}"#)
            var request = Request(
                method: .get, target: Target("\(Self.target)/1"), fields: [.authorization: "Bearer \(bench.key)"],
                origin: "http://localhost:8080", id: "test-request",
            )
            let path = try #require(created["data", "inbound_url"]?.string).dropFirst(Workbench.origin.count)
            #expect(try bench.send(request)["data", "inbound_url"] == .string("http://localhost:8080" + path))
            request.target = Target(Self.target)
            #expect(try bench.send(request)["data", "0", "inbound_url"] == .string("http://localhost:8080" + path))
        }
    }
}
