import Foundation
import HTTP
import HTTPTypes
import Store
import Testing

@testable import LeadHub

/// However often something comes or is taken once more, it makes one lead, and stands once in its history.
@Suite struct InboundReplayTests {
    private static let body = #"{"email": "a@example.com", "where": "Berlin"}"#

    @Test func bringsARowToTheLeadThatItMade() throws {
        try Workbench.run { bench in
            let path = try bench.source("make")
            _ = try bench.deliver(Self.body, to: path)
            _ = try bench.sendLead(#"{"email": "b@example.com"}"#)
            for id in 1...2 {
                let answer = try bench.send(
                    .patch, "/api/v1/leads/\(id)", #"{"email": "new\#(id)@example.com"}"#, key: bench.key)
                #expect(answer.status == 200)
            }
            try bench.configure(#"{"field_map": {"country": "where"}}"#)
            for _ in 0..<2 {
                for row in [1, 2] as [Int64] {
                    let replayed = try bench.replay(row)
                    #expect(replayed["data", "outcome"] == "created", "\(replayed.text)")
                    #expect(replayed["data", "lead_id"]?.integer == row)
                }
            }
            #expect(try bench.leads == 2)
            #expect(try bench.shown(1)["country"] == "Berlin")
            #expect(try bench.shown(1)["email"] == "new1@example.com")
            #expect(try bench.activities("received") == 2)
        }
    }

    @Test func makesAnotherLeadOnceThatOneIsGone() throws {
        try Workbench.run { bench in
            _ = try bench.sendLead(Self.body)
            #expect(try bench.send(.delete, "/api/v1/leads/1", key: bench.key).status == 204)
            for _ in 0..<2 { #expect(try bench.replay(1)["data", "lead_id"] == 2) }
            #expect(try bench.leads == 2)
            #expect(try bench.activities("received") == 2)
        }
    }

    @Test func bringsAFormsBodyToTheLeadThatItMade() throws {
        try Workbench.run { bench in
            _ = try bench.form(#"{"name": "F"}"#)
            #expect(try bench.submit(#"{"first_name": "Ada", "town": "Berlin"}"#).status == 201)
            let fields = #"{"fields": [{"key": "first_name"}, {"key": "town", "maps_to": "country"}]}"#
            #expect(try bench.send(.patch, "/api/v1/forms/1", fields, key: bench.key).status == 200)
            for _ in 0..<2 { #expect(try bench.replay(1)["data", "lead_id"] == 1) }
            #expect(try bench.leads == 1)
            #expect(try bench.shown(1)["country"] == "Berlin")
            #expect(try bench.activities("form_submitted") == 1)
            #expect(try bench.number("SELECT submissions_count FROM form") == 1)
        }
    }

    @Test func takesWhatCameUnderOneIdOnce() throws {
        try Workbench.run { bench in
            let path = try bench.source("typeform", ["secret": .string(IntegrationSample.secret)])
            let body = #"""
                {"event_type": "form_response", "form_response": {"token": "T1", "answers": [
                {"type": "text", "text": "a@example.com", "field": {"id": "1", "type": "short_text", "ref": "where"}}]}}
                """#
            let fields = try Recording("typeform", "response.json").signature(of: Array(body.utf8), at: 0)
            for _ in 0..<3 { #expect(try bench.deliver(body, to: path, fields).status == 422) }
            try bench.configure(#"{"field_map": {"email": "where"}}"#)
            #expect(try bench.replay(2)["data", "outcome"] == "created")
            let email = #"{"email": "new@example.com"}"#
            #expect(try bench.send(.patch, "/api/v1/leads/1", email, key: bench.key).status == 200)
            for row in [1, 3, 2, 1] as [Int64] {
                let replayed = try bench.replay(row)
                #expect(replayed["data", "outcome"] == (row == 2 ? "created" : "repeated"))
                #expect(replayed["data", "lead_id"] == 1)
            }
            #expect(try bench.deliver(body, to: path, fields)["status"] == "created")
            #expect(try bench.leads == 1)
            #expect(try bench.activities("received") == 1)
        }
    }

    @Test func staysWhatItWasWhereItCannotBeTakenAgain() throws {
        try Workbench.run { bench in
            let path = try bench.source("webhook_in", ["field_map": ["email": "contact"]])
            let id = try #require(HTTPField.Name("webhook-id"))
            let body = #"{"contact": "a@example.com"}"#
            let first = try bench.deliver(body, to: path, [id: "m"])
            #expect(first["status"] == "created")
            try bench.configure(#"{"field_map": {"email": "nothing"}}"#)
            #expect(try bench.replay(1).status == 422)
            let row = try bench.get("/api/v1/inbound/1")
            #expect(row["data", "outcome"] == "created")
            #expect(row["data", "lead_id"] == 1)
            #expect(row["data", "error"]?.string?.contains("must have an email address") == true)
            try bench.configure(#"{"field_map": {"email": "contact"}}"#)
            #expect(try bench.deliver(body, to: path, [id: "m"]).text == first.text)
        }
    }

    @Test func makesOneLeadOfReplaysAtTheSameMoment() throws {
        try Workbench.run { bench in
            let path = try bench.source("make")
            _ = try bench.deliver(Self.body, to: path)
            #expect(try bench.send(.delete, "/api/v1/leads/1", key: bench.key).status == 204)
            try bench.execute("UPDATE inbound SET outcome = 'refused', lead_id = NULL, repeat_key = NULL")
            let entry = try Inbound.Entry(1, workspace: bench.workspace, bench.database, now: Workbench.now)
            let secrets = Secrets.read(bench.folder.path + "/secret-key")
            let source = try Integration.source(1, workspace: bench.workspace, secrets, bench.database)
            let delivery = Delivery(request: entry.request, config: source.config, now: Workbench.now)
            // Both have read the row before either writes.
            let takes = try (0..<2).map { _ in try Inbound.taking(source.sender.read(delivery), from: source, entry) }
            let taken = try takes.map { take in try bench.connection.write { try take($0).lead } }
            #expect(taken == [2, 2])
            #expect(try bench.activities("received") == 2)
        }
    }

    @Test(arguments: [
        ("", "application/json"), ("{", "application/json"), (#"{"email": "a@example.com"}"#, "text/xml"),
    ])
    func saysThatWhatCameCannotBeRead(body: String, type: String) throws {
        try Workbench.run { bench in
            #expect([400, 415].contains(try bench.sendLead(body, type: type).status))
            let kept = try bench.ledger()
            let answer = try bench.replay(1)
            #expect(answer.status == 409)
            let message = try #require(answer["message"]?.string)
            #expect(message.hasPrefix("What came cannot be read: The body "), "\(message)")
            #expect(try bench.ledger() == kept)
        }
    }

    // MARK: - The sender's own id in a header

    @Test(arguments: ["", " ", "\t "])
    func takesABlankIdForNone(id: String) throws {
        try Workbench.run { bench in
            let (path, name) = (try bench.source("make"), try #require(HTTPField.Name("webhook-id")))
            for number in 1...3 {
                let answer = try bench.deliver(#"{"email": "\#(number)@example.com"}"#, to: path, [name: id])
                #expect(answer["status"] == "created", "\(answer.text)")
                #expect(try bench.sendLead(#"{"email": "\#(number)@example.org"}"#, [name: id]).status == 201)
            }
            #expect(try bench.leads == 6)
        }
    }

    @Test func knowsLongIdsApart() throws {
        try Workbench.run { bench in
            let (path, name) = (try bench.source("make"), try #require(HTTPField.Name("webhook-id")))
            let long = String(repeating: "x", count: 6_000)
            for (id, status) in [("1", "created"), ("2", "duplicate"), ("1", "created")] {
                #expect(try bench.deliver(Self.body, to: path, [name: long + id])["status"] == .string(status))
            }
            #expect(try bench.activities("received") == 2)
        }
    }

    @Test func answersALeadWithTheSameIdAsTheFirst() throws {
        try Workbench.run { bench in
            let name = try #require(HTTPField.Name("webhook-id"))
            let first = try bench.sendLead(Self.body, [name: "msg_1"])
            #expect(first.status == 201)
            let late = Workbench.now + 29 * 86_400
            let again = try bench.sendLead(#"{"email": "a@example.com", "x": 1}"#, [name: "msg_1"], now: late)
            #expect(again.status == 201)
            #expect(again.text == first.text)
            #expect(try bench.activities("received") == 1)
            #expect(try bench.ledger().map { $0.prefix(while: { $0 != " " }) } == ["created", "repeated"])
            // Without an id, with another one, and by another key it is another message, though of the same lead.
            #expect(try bench.sendLead(Self.body).status == 200)
            #expect(try bench.sendLead(Self.body, [name: "msg_2"]).status == 200)
            let other = try bench.key(["write:forms"])
            let target = "/api/inbound/leads?tenant=acme"
            #expect(try bench.send(.post, target, Self.body, key: other, fields: [name: "msg_1"]).status == 200)
            #expect(try bench.activities("received") == 4)
        }
    }

    @Test func takesARefusedRowOfAnIdToTheLeadThatCameUnderItLater() throws {
        try Workbench.run { bench in
            let name = try #require(HTTPField.Name("webhook-id"))
            #expect(try bench.sendLead(#"{"mail": "a@example.com"}"#, [name: "m"]).status == 422)
            #expect(try bench.sendLead(Self.body, [name: "m"]).status == 201)
            let target = "/api/inbound/leads?tenant=nobody"
            #expect(try bench.send(.post, target, Self.body, key: bench.key, fields: [name: "m"]).status == 403)
            #expect(try bench.replay(3)["data", "outcome"] == "repeated")
            #expect(try bench.activities("received") == 1)
        }
    }
}
