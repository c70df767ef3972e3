import HTTP
import HTTPTypes
import Testing

@testable import LeadHub

/// The addresses of integrations: who may send, and what is done but once.
@Suite struct InboundIntegrationTests {
    private static let body = #"{"email": "a@example.com", "phone": "+1 555 0100", "message": "Hello"}"#

    @Test func makesALeadInTheIntegrationsName() throws {
        try Workbench.run { bench in
            let path = try bench.source("make")
            let answer = try bench.deliver(Self.body, to: path)
            #expect(answer.status == 200)
            #expect(answer.json == ["status": "created", "lead_id": 1, "is_duplicate": false])
            #expect(answer.header("X-RateLimit-Remaining") != nil)
            let history = try bench.get("/api/v1/leads/1/activities")
            #expect(history["data", "0", "actor"] == ["type": "integration", "id": 1, "name": "make"])
            #expect(history["data", "0", "details", "integration"] == ["id": 1, "type": "make", "name": "make"])
            #expect(history["data", "0", "details", "values", "email"] == "a@example.com")
            let shown = try bench.get("/api/v1/integrations/1")
            #expect(shown["data", "events_count"] == 1)
            #expect(shown["data", "last_event_at"] == "2026-09-21T14:13:20+00:00")
            #expect(shown["data", "last_error"] == .null)
            let duplicate = try bench.deliver(#"{"email": "a@example.com", "x": 1}"#, to: path)
            #expect(duplicate.json == ["status": "duplicate", "lead_id": 1, "is_duplicate": true])
        }
    }

    @Test func takesALeadWithOnlyAPhoneAndNoneWithout() throws {
        try Workbench.run { bench in
            let path = try bench.source("make")
            #expect(try bench.deliver(#"{"phone": "+1 555 0100"}"#, to: path).status == 200)
            #expect(try bench.shown(1)["first_name"] == "+1 555 0100")
            let neither = try bench.deliver(#"{"first_name": "A"}"#, to: path)
            #expect(neither.status == 422)
            #expect(neither["errors"]?.names == ["email"])
            #expect(
                try bench.ledger().last?.hasPrefix("refused - The given data was invalid. The message must have")
                    == true)
            let shown = try bench.get("/api/v1/integrations/1")
            #expect(shown["data", "last_error"]?.string?.contains("must have an email address") == true)
            #expect(shown["data", "events_count"] == 2)
            #expect(try bench.deliver(Self.body, to: path).status == 200)
            #expect(try bench.get("/api/v1/integrations/1")["data", "last_error"] == .null)
        }
    }

    @Test func doesTheSameOnceWithinFiveMinutes() throws {
        try Workbench.run { bench in
            let (path, other) = (try bench.source("make"), try bench.source("zapier"))
            let first = try bench.deliver(Self.body, to: path)
            let shuffled = #"{"message": "Hello", "phone": "+1 555 0100", "email": "a@example.com"}"#
            for now in [0, 1, 299] as [Int64] {
                let again = try bench.deliver(shuffled, to: path, now: Workbench.now + now)
                #expect(again.status == 200)
                #expect(again.text == first.text)
            }
            #expect(try bench.activities("received") == 1)
            #expect(try bench.deliver(Self.body, to: other)["status"] == "duplicate")
            #expect(try bench.deliver(Self.body, to: path, now: Workbench.now + 301)["status"] == "duplicate")
            #expect(try bench.activities("received") == 3)
            #expect(
                try bench.ledger().map { $0.prefix(while: { $0 != " " }) } == [
                    "created", "repeated", "repeated", "repeated", "duplicate", "duplicate",
                ])
        }
    }

    /// Who tries a form out deletes the lead and sends it again.
    @Test func makesALeadAgainOnceItIsDeleted() throws {
        try Workbench.run { bench in
            let path = try bench.source("make")
            #expect(try bench.deliver(Self.body, to: path)["lead_id"] == 1)
            #expect(try bench.send(.delete, "/api/v1/leads/1", key: bench.key).status == 204)
            for _ in 0..<2 { #expect(try bench.deliver(Self.body, to: path)["lead_id"] == 2) }
            #expect(try bench.leads == 2)
        }
    }

    /// Some services send along where they send to.
    @Test func keepsItsOwnTokenOutOfLeadAndLedger() throws {
        try Workbench.run { bench in
            let path = try bench.source("webhook_in")
            let token = try #require(path.split(separator: "/").last.map(String.init))
            let body = #"{"email": "a@example.com", "webhookURL": "https://x.example/\#(token)"}"#
            #expect(try bench.deliver(body, to: path).status == 200)
            #expect(try bench.shown(1)["custom_fields"]?["webhookURL"] == "https://x.example/********")
            for text in [
                try bench.get("/api/v1/inbound/1").text, try bench.get("/api/v1/leads/1/activities").text,
            ] {
                #expect(!text.contains(token))
            }
        }
    }

    @Test func knowsARepetitionByTheSendersId() throws {
        try Workbench.run { bench in
            let path = try bench.source("make")
            let id = try #require(HTTPField.Name("webhook-id"))
            let first = try bench.deliver(Self.body, to: path, [id: "msg_1"])
            // Whenever it comes, and whatever it says then.
            let late = try bench.deliver(
                #"{"email": "a@example.com", "x": 1}"#, to: path, [id: "msg_1"], now: Workbench.now + 86_400)
            #expect(late.text == first.text)
            #expect(try bench.activities("received") == 1)
            // Another id is another message, even if it says the same.
            #expect(try bench.deliver(Self.body, to: path, [id: "msg_2"])["status"] == "duplicate")
            #expect(try bench.activities("received") == 2)
        }
    }

    @Test func knowsARepetitionByTheIdempotencyKey() throws {
        try Workbench.run { bench in
            let path = try bench.source("make")
            let first = try bench.deliver(Self.body, to: path, [.idempotencyKey: "1"])
            let again = try bench.deliver(Self.body, to: path, [.idempotencyKey: "1"])
            #expect(again.text == first.text)
            #expect(again.header("Idempotency-Replayed") == "true")
            #expect(try bench.deliver(Self.body, to: path, [.idempotencyKey: "2"])["status"] == "duplicate")
            let other = try bench.deliver(#"{"email": "b@example.com"}"#, to: path, [.idempotencyKey: "1"])
            #expect(other.status == 422)
            #expect(other.code == "IDEMPOTENCY_KEY_REUSED")
        }
    }

    @Test func takesNothingByATokenThatOpensNothing() throws {
        try Workbench.run { bench in
            let path = try bench.source("make")
            let outputs = try bench.post(
                "/api/v1/integrations",
                #"{"type": "slack", "name": "S", "config": {"webhook_url": "https://hooks.slack.com/x"}}"#)
            #expect(outputs["data", "inbound_url"] == .null, "\(outputs.text)")
            func expectClosed(_ path: String) throws {
                let changes = bench.changes
                let answer = try bench.deliver(Self.body, to: path)
                #expect(answer.status == 401)
                #expect(answer["message"] == "The address is unknown, expired or revoked.")
                #expect(bench.changes == changes)
            }
            try expectClosed(path + "0")
            #expect(try bench.send(.patch, path + "0", "{}", key: nil).status == 405)
            #expect(try bench.send(.options, path, key: nil).header("Allow") == "POST, GET, HEAD, OPTIONS")
            try expectClosed("/api/inbound/integrations/\(bench.key)")
            let start = "/api/inbound/integrations/".count
            // A token opens its own door: no other, and not the API's.
            #expect(try bench.get("/api/v1/leads", key: String(path.dropFirst(start))).status == 401)
            #expect(try bench.deliver(Self.body, to: "/api/inbound/forms/\(path.dropFirst(start))").status == 404)
            for (set, unset) in [
                ("api_key SET revoked_at = 5", "api_key SET revoked_at = NULL"),
                ("api_key SET expires_at = \(Workbench.now)", "api_key SET expires_at = NULL"),
                ("workspace SET suspended_at = 5", "workspace SET suspended_at = NULL"),
            ] {
                try bench.execute("UPDATE \(set)")
                try expectClosed(path)
                try bench.execute("UPDATE \(unset)")
            }
            #expect(try bench.deliver(Self.body, to: path).status == 200)
            #expect(try bench.send(.delete, "/api/v1/integrations/1", key: bench.key).status == 204)
            try expectClosed(path)
        }
    }

    @Test func countsWhereALimitIsSet() throws {
        try Workbench.run { bench in
            let path = try bench.source("make")
            #expect(try bench.deliver(Self.body, to: path).header("X-RateLimit-Limit") == "4294967295")
            try bench.execute("UPDATE api_key SET rate_limit = 2 WHERE kind = 'inbound'")
            #expect(try bench.deliver(Self.body, to: path).status == 200)
            let refused = try bench.deliver(Self.body, to: path)
            #expect(refused.status == 429)
            #expect(refused.header("Retry-After").flatMap { Int($0) } ?? 0 > 0)
        }
    }

    @Test func keepsWhatCameWhileItWasSwitchedOff() throws {
        try Workbench.run { bench in
            let path = try bench.source("make")
            let target = "/api/v1/integrations/1"
            _ = try bench.send(.patch, target, #"{"is_active": false}"#, key: bench.key)
            #expect(try bench.deliver(Self.body, to: path).status == 409)
            #expect(try bench.ledger() == ["refused - The integration is switched off. \(Self.body)"])
            #expect(try bench.post("/api/v1/inbound/1/replay", "")["data", "outcome"] == "created")
        }
    }

    @Test func takesAFormByItsOwnAddress() throws {
        try Workbench.run { bench in
            let form = try bench.form(#"{"name": "Contact", "settings": {"success_message": "Thanks!"}}"#)
            let path = try bench.path(of: form["submit_url"])
            let answer = try bench.deliver("email=a%40example.com&first_name=Ada", to: path, type: Workbench.urlEncoded)
            #expect(answer.status == 201, "\(answer.text)")
            #expect(answer.header("Location") == "\(Workbench.origin)/api/v1/forms/1/submissions/1")
            #expect(try bench.get("/api/v1/forms/1/submissions/1")["data"] == answer["data"])
            let history = try bench.get("/api/v1/leads/1/activities")
            #expect(history["data", "0", "actor"] == ["type": "form", "id": 1, "name": "Contact"])

            let page = try bench.deliver(
                "email=b%40example.com", to: path, type: Workbench.urlEncoded, [.accept: "text/html"])
            #expect(page.status == 200)
            #expect(page.text.contains("Thanks!"))
            let twice = try (0..<2).map { _ in try bench.deliver(Self.body, to: path, [.idempotencyKey: "visit"]) }
            #expect(twice.map(\.status) == [201, 201])
            #expect(twice[0].text == twice[1].text)
            #expect(try bench.number("SELECT count(*) FROM submission") == 3)
            #expect(try bench.deliver(Self.body, to: path + "x").status == 401)
            try bench.execute("UPDATE workspace SET suspended_at = 5")
            #expect(try bench.deliver(Self.body, to: path).status == 401)
        }
    }
}
