import Foundation
import HTTP
import HTTPTypes
import Testing

@testable import LeadHub

/// The ledger of what came: read, and taken once more.
@Suite struct InboundLedgerTests {
    private static let target = "/api/v1/inbound"

    @Test func listsWhatCameNewestFirstWithoutBodies() throws {
        try Workbench.run { bench in
            let path = try bench.source("make")
            _ = try bench.sendLead(#"{"email": "a@example.com"}"#, now: Workbench.now - 100)
            _ = try bench.deliver(#"{"email": "b@example.com"}"#, to: path)
            _ = try bench.deliver("{", to: path)
            let all = try bench.get(Self.target)
            #expect(all.ids == [3, 2, 1])
            #expect(all["meta", "total"] == 3)
            #expect(all["data", "1", "body"] == .null)
            for (query, ids) in [
                ("outcome=created", [2, 1]), ("outcome=unreadable", [3]), ("outcome=spam", []),
                ("integration_id=1", [3, 2]), ("integration_id=2", []), ("integration_id=1&outcome=created", [2]),
                ("created_after=2026-09-21T14:13:00Z", [3, 2]), ("per_page=1&page=2", [2]),
            ] as [(String, [Int64])] {
                #expect(try bench.get("\(Self.target)?\(query)").ids == ids, "\(query)")
            }
            #expect(try bench.get("\(Self.target)?outcome=lost").status == 422)
            let one = try bench.get("\(Self.target)/2")
            #expect(one["data"]?.names == Inbound.fields.map(\.name))
            #expect(one["data", "way"] == "integration")
            #expect(one["data", "integration_id"] == 1)
            #expect(one["data", "content_type"] == "application/json")
            #expect(one["data", "body_encoding"] == "text")
            #expect(one["data", "body"] == #"{"email": "b@example.com"}"#)
            #expect(one["data", "lead_id"] == 2)
        }
    }

    @Test(
        arguments: [
            ([0x7B, 0xFF, 0x7D], "base64", "e/99"), ([0x61, 0x00, 0x62], "base64", "YQBi"),
            (Array("é\n".utf8), "text", "é\n"),
            ([], "text", ""),
        ] as [([UInt8], String, String)])
    func showsAnyBytes(bytes: [UInt8], encoding: String, text: String) throws {
        try Workbench.run { bench in
            let path = try bench.source("make")
            let request = Request(
                method: .post, target: Target(path), fields: [.contentType: "application/json"], body: .complete(bytes),
                origin: Workbench.origin, id: "test",
            )
            #expect(try bench.send(request).status == 400)
            let shown = try bench.get("\(Self.target)/1")
            #expect(shown["data", "body_encoding"] == .string(encoding))
            #expect(shown["data", "body"] == .string(text))
            #expect(shown["data", "outcome"] == "unreadable")
        }
    }

    @Test func takesABodyOnceMoreAfterTheFieldMapWasMended() throws {
        try Workbench.run { bench in
            let path = try bench.source("webhook_in", ["field_map": ["company": "nothing"]])
            let body = #"{"contact": {"where": "a@example.com"}, "firm": "Tech Corp"}"#
            #expect(try bench.deliver(body, to: path).status == 422)
            let unchanged = try bench.post("\(Self.target)/1/replay", "")
            #expect(unchanged.status == 422, "\(unchanged.text)")
            let map = #"{"config": {"field_map": {"email": "contact.where", "company": "firm"}}}"#
            #expect(try bench.send(.patch, "/api/v1/integrations/1", map, key: bench.key).status == 200)
            let replayed = try bench.post("\(Self.target)/1/replay", "")
            #expect(replayed.status == 200, "\(replayed.text)")
            #expect(replayed["data", "outcome"] == "created")
            #expect(replayed["data", "error"] == .null)
            #expect(replayed["data", "body"] == .string(body))
            let lead = try bench.shown(replayed["data", "lead_id"]?.integer)
            #expect(lead["email"] == "a@example.com")
            #expect(lead["company"] == "Tech Corp")
            #expect(try bench.ledger().count == 1)
            // Then the sender repeats it.
            #expect(try bench.deliver(body, to: path)["lead_id"] == 1)
            #expect(try bench.number("SELECT count(*) FROM lead") == 1)
        }
    }

    @Test func takesFormsAndLeadsOnceMore() throws {
        try Workbench.run { bench in
            _ = try bench.form(#"{"name": "F", "fields": [{"key": "email", "type": "email", "required": true}]}"#)
            #expect(try bench.submit(#"{"mail": "a@example.com"}"#).status == 422)
            #expect(try bench.sendLead(#"{"email": "b@example.com"}"#).status == 201)
            let fields = #"{"fields": [{"key": "mail", "type": "email", "maps_to": "email"}]}"#
            #expect(try bench.send(.patch, "/api/v1/forms/1", fields, key: bench.key).status == 200)
            let form = try bench.post("\(Self.target)/1/replay", "")
            #expect(form["data", "outcome"] == "created", "\(form.text)")
            #expect(try bench.number("SELECT count(*) FROM submission") == 1)
            let lead = try bench.post("\(Self.target)/2/replay", "")
            #expect(lead["data", "outcome"] == "created")
            #expect(lead["data", "lead_id"] == 1)
            #expect(try bench.send(.delete, "/api/v1/forms/1", key: bench.key).status == 204)
            let gone = try bench.post("\(Self.target)/1/replay", "")
            #expect(gone.status == 409)
            #expect(try bench.get("\(Self.target)/1")["data", "outcome"] == "created")
        }
    }

    @Test func isDoneOnceForOneIdempotencyKey() throws {
        try Workbench.run { bench in
            _ = try bench.sendLead(#"{"email": "b@example.com"}"#)
            #expect(try bench.send(.delete, "/api/v1/leads/1", key: bench.key).status == 204)
            let answers = try (0..<2).map { _ in
                try bench.send(.post, "\(Self.target)/1/replay", key: bench.key, fields: [.idempotencyKey: "k"])
            }
            #expect(answers[0].text == answers[1].text)
            #expect(answers[1].header("Idempotency-Replayed") == "true")
            #expect(try bench.number("SELECT count(*) FROM lead") == 2)
        }
    }

    @Test func keepsBodiesForThirtyDays() throws {
        try Workbench.run { bench in
            let month = Int64(30 * 86_400)
            for age in [month + 1, month, month - 1, 0] {
                _ = try bench.sendLead(#"{"email": "a@example.com"}"#, now: Workbench.now - age)
            }
            let removed = try bench.connection.write { try Inbound.purge(limit: 1, $0, now: Workbench.now) }
            #expect(removed == 1)
            _ = try bench.connection.write { try Inbound.purge(limit: 10, $0, now: Workbench.now) }
            #expect(try bench.get(Self.target).ids == [4, 3])
        }
    }

    @Test func keepsNoAuthorizationAndNoToken() throws {
        try Workbench.run { bench in
            let path = try bench.source("make")
            _ = try bench.deliver(#"{"email": "a@example.com"}"#, to: path)
            _ = try bench.sendLead(#"{"email": "a@example.com"}"#)
            let token = try #require(path.split(separator: "/").last.map(String.init))
            for id in 1...2 {
                let shown = try bench.get("\(Self.target)/\(id)").text
                #expect(!shown.contains(token) && !shown.contains(bench.key))
            }
        }
    }
}
