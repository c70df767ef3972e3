import HTTP
import HTTPTypes
import Testing

@testable import LeadHub

/// What is refused before anything is looked at in it is kept like all else, and what is not the sender's own is not
/// looked at.
@Suite struct InboundRefusalTests {
    private static let body = #"{"email": "a@example.com"}"#
    private static let long = String(repeating: "x", count: 64)

    @Test(
        arguments: [
            ("tenant=acme&x=1", [:], 422, "The x parameter is unknown."),
            ("tenant=acme&tenant=acme", [:], 422, "comes more than once"),
            ("tenant=\(long)", [:], 422, "63 characters"),
            ("tenant=acme", [.idempotencyKey: "é"], 400, "The Idempotency-Key must be"),
            ("tenant=acme", [.idempotencyKey: ""], 400, "The Idempotency-Key must be"),
            ("tenant=%zz", [:], 400, "percent"),
        ] as [(String, HTTPFields, Int, String)])
    func keepsALead(query: String, fields: HTTPFields, status: Int, reason: String) throws {
        try Workbench.run { bench in
            let target = "/api/inbound/leads?\(query)"
            let answer = try bench.send(.post, target, Self.body, key: bench.key, fields: fields)
            #expect(answer.status == status)
            let kept = try bench.ledger()
            #expect(kept.count == 1)
            #expect(kept.first?.hasSuffix(Self.body) == true)
            #expect(kept.first?.contains(reason) == true, "\(kept)")
            #expect(try bench.replay(1)["data", "outcome"] == "created")
        }
    }

    @Test func keepsABodyUnderAKeyOfAnother() throws {
        try Workbench.run { bench in
            let form = try bench.form(#"{"name": "F"}"#)
            let addresses = [
                try bench.source("make"), try bench.path(of: form["submit_url"]), "/api/v1/forms/1/submissions",
                "/api/inbound/leads?tenant=acme",
            ]
            for (index, address) in addresses.enumerated() {
                let key = index < 2 ? nil : bench.key
                func send(_ body: String) throws -> Answer {
                    try bench.send(.post, address, body, key: key, fields: [.idempotencyKey: "k\(index)"])
                }
                #expect(try send(Self.body).status < 300)
                let other = try send(#"{"email": "\#(index)@example.com"}"#)
                #expect(other.code == "IDEMPOTENCY_KEY_REUSED", "\(other.text)")
                let kept = try #require(try bench.ledger().last)
                #expect(kept.hasPrefix("refused - This Idempotency-Key came with another request before. {"))
                #expect(kept.contains("\(index)@example.com"))
            }
            #expect(try bench.ledger().count == 8)
            let shown = try bench.get("/api/v1/integrations/1")
            #expect(shown["data", "last_error"] == "This Idempotency-Key came with another request before.")
        }
    }

    @Test func looksAtTheSignatureAndTheSwitchFirst() throws {
        try Workbench.run { bench in
            let recording = Recording("calendly", "invitee.created.json")
            let body = try recording.bytes()
            let path = try bench.source("calendly", ["signing_key": .string(IntegrationSample.secret)])
            func deliver(_ body: [UInt8], key: String = "k", now: Int64 = Workbench.now) throws -> Answer {
                var fields = try recording.signature(of: try recording.bytes(), at: Workbench.now)
                fields[.idempotencyKey] = key
                return try bench.deliver(String(decoding: body, as: UTF8.self), to: path, fields, now: now)
            }
            let first = try deliver(body)
            #expect(first["status"] == "created", "\(first.text)")
            #expect(try deliver(body).text == first.text)
            #expect(try bench.ledger().count == 1)
            // Forged under a known key, under none that is one, and what somebody recorded.
            #expect(try deliver(body + [0x20]).status == 401)
            #expect(try deliver(body + [0x20], key: "é").status == 401)
            #expect(try deliver(body, now: Workbench.now + 301).status == 401)
            let forged = try bench.ledger().dropFirst()
            #expect(forged.allSatisfy { $0 == "forged - The signature is missing or wrong. " }, "\(forged)")
            #expect(forged.count == 3)
            let off = #"{"is_active": false}"#
            #expect(try bench.send(.patch, "/api/v1/integrations/1", off, key: bench.key).status == 200)
            #expect(try deliver(body).status == 409)
        }
    }

    @Test func takesLeadsByAKeyToForms() throws {
        try Workbench.run { bench in
            let target = "/api/inbound/leads?tenant=acme"
            for (scope, status) in [("write:forms", 201), ("write:leads", 200), ("write:tags", 403)] {
                let answer = try bench.post(target, Self.body, key: try bench.key([scope]))
                #expect(answer.status == status, "\(answer.text)")
            }
        }
    }

    @Test func keepsNoKeyOfGoogle() throws {
        try Workbench.run { bench in
            let secret = IntegrationSample.secret
            let path = try bench.source("google_ads", ["google_key": .string(secret)])
            let bodies = [
                #"{"google_key": "\#(secret)", "lead_id": "#, #"{"lead_id": "\#(secret)", "google_key" "\#(secret)"}"#,
                #"{"google_key": "\#(secret)x"}"#,
            ]
            for (body, status) in zip(bodies, [400, 400, 401]) {
                let answer = try bench.deliver(body, to: path)
                #expect(answer.status == status)
                #expect(answer["message"]?.string?.contains("signature") == false)
            }
            let kept = try bench.ledger()
            #expect(kept.map { $0.prefix(while: { $0 != " " }) } == ["unreadable", "unreadable", "forged"])
            #expect(kept.allSatisfy { !$0.contains(secret) })
            #expect(kept[2].contains("The key is missing or wrong."))
        }
    }

    @Test(arguments: ["true", #""TRUE""#, #""true""#, #""1""#, "1"])
    func knowsGooglesTest(value: String) throws {
        try Workbench.run { bench in
            let path = try bench.source("google_ads", ["google_key": "k"])
            let columns = #"[{"column_id": "EMAIL", "string_value": "a@example.com"}]"#
            let body = #"{"google_key": "k", "is_test": \#(value), "user_column_data": \#(columns)}"#
            #expect(try bench.deliver(body, to: path)["status"] == "test")
            let other = body.replacing("\"is_test\": \(value)", with: "\"is_test\": \"no\"")
            #expect(try bench.deliver(other, to: path)["status"] == "created")
        }
    }

    // MARK: - The same field twice

    @Test(
        arguments: [
            ("email=a%40example.com&email=a%40example.com", "a@example.com", nil, [:]),
            (
                "email=none&email=a%40example.com&email=b%40example.com", "a@example.com", nil,
                ["email": "none; b@example.com"]
            ),
            (
                "email=a%40example.com&phone=no&phone=%2B49+30+1234567", "a@example.com", "+49 30 1234567",
                ["phone": "no"]
            ),
            ("email=a%40example.com&phone=no&phone=none", "a@example.com", nil, ["phone": "no; none"]),
        ] as [(String, String, String?, JSONValue)])
    func takesTheFirstThatFits(body: String, email: String, phone: String?, others: JSONValue) throws {
        try Workbench.run { bench in
            let path = try bench.source("elementor")
            for isByKey in [true, false] {
                let answer =
                    try isByKey
                    ? bench.sendLead(body, type: Workbench.urlEncoded)
                    : bench.deliver(body, to: path, type: Workbench.urlEncoded)
                #expect(answer["status"] == "created", "\(answer.text)")
                let id = try #require(answer["lead_id"]?.integer)
                let lead = try bench.shown(id)
                #expect(lead["email"] == .string(email))
                #expect(lead["phone"] == (phone.map { .string($0) } ?? .null))
                #expect(lead["custom_fields"] == others)
                #expect(try bench.send(.delete, "/api/v1/leads/\(id)", key: bench.key).status == 204)
            }
        }
    }

    @Test func takesTheFirstThatFitsAFormToo() throws {
        try Workbench.run { bench in
            _ = try bench.form(#"{"name": "F"}"#)
            let body = "email=none&email=a%40example.com&email=a%40example.com&email=b%40example.com"
            let answer = try bench.submit(body, type: Workbench.urlEncoded)
            #expect(answer.status == 201, "\(answer.text)")
            #expect(answer["data", "values", "email"] == "a@example.com")
            #expect(try bench.shown(1)["custom_fields"] == ["email": "none; b@example.com"])
            let neither = try bench.submit("email=none&email=no", type: Workbench.urlEncoded)
            #expect(neither.status == 422)
        }
    }
}
