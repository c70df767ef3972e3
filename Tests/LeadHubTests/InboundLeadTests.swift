import HTTP
import HTTPTypes
import Testing

@testable import LeadHub

/// `POST /api/inbound/leads`, as the reference and the contract have it.
@Suite struct InboundLeadTests {
    private static let body = """
        {
            "email": "sarah@example.com", "first_name": "Sarah", "last_name": "Johnson", "phone": "+14155551234",
            "company": "Tech Corp", "source": "zapier", "notes": "Came from newsletter signup", "tags": ["newsletter"],
            "custom_fields": {"utm_campaign": "spring-promo"}
        }
        """

    @Test func makesTheLeadOfTheReference() throws {
        try Workbench.run { bench in
            let answer = try bench.sendLead(Self.body)
            #expect(answer.status == 201)
            #expect(answer.json == ["status": "created", "lead_id": 1, "is_duplicate": false])
            let lead = try bench.shown(1)
            for (name, value) in [
                ("email", "sarah@example.com"), ("first_name", "Sarah"), ("last_name", "Johnson"),
                ("phone", "+14155551234"), ("company", "Tech Corp"), ("source", "zapier"),
                ("notes", "Came from newsletter signup"), ("tags", ["newsletter"]),
                ("custom_fields", ["utm_campaign": "spring-promo"]),
            ] as [(String, JSONValue)] {
                #expect(lead[name] == value, "\(name)")
            }
            #expect(try bench.activities("created") == 1)
            let history = try bench.get("/api/v1/leads/1/activities")
            #expect(history["data", "0", "type"] == "received")
            #expect(try history["data", "0", "details", "values"] == JSONValue(reading: Self.body))
            #expect(history["data", "0", "actor", "type"] == "key")
        }
    }

    @Test func findsTheSameLeadAgainAndLosesNothing() throws {
        try Workbench.run { bench in
            _ = try bench.sendLead(#"{"email": "Sarah@Example.com", "first_name": "Sarah", "notes": "One"}"#)
            let body = """
                {
                    "email": "sarah@example.COM", "first_name": "Sally", "last_name": "Johnson", "phone": "+1 415 555",
                    "notes": "Two", "tags": ["late"], "budget": 5
                }
                """
            let answer = try bench.sendLead(body)
            #expect(answer.status == 200)
            #expect(answer.json == ["status": "duplicate", "lead_id": 1, "is_duplicate": true])
            let lead = try bench.shown(1)
            #expect(lead["first_name"] == "Sarah")
            #expect(lead["last_name"] == "Johnson")
            #expect(lead["phone"] == "+1 415 555")
            #expect(lead["tags"] == ["late"])
            #expect(lead["custom_fields"] == ["budget": 5])
            #expect(lead["notes"] == "One\n\n2026-09-21: Two")
            let history = try bench.get("/api/v1/leads/1/activities")
            #expect(try history["data", "0", "details", "values"] == JSONValue(reading: body))

            _ = try bench.sendLead(body)
            #expect(try bench.shown(1)["notes"] == "One\n\n2026-09-21: Two")
            #expect(
                try bench.ledger().map { $0.prefix(while: { $0 != "{" }) } == [
                    "created 1 - ", "duplicate 1 - ", "duplicate 1 - ",
                ])
        }
    }

    @Test func findsByEmailBeforePhoneAndTheOldest() throws {
        try Workbench.run { bench in
            let byPhone = try bench.lead(#"{"first_name": "P", "phone": "+49 30 1234567"}"#)
            let byEmail = try bench.lead(#"{"first_name": "E", "email": "e@example.com"}"#)
            _ = try bench.lead(#"{"first_name": "Later", "email": "e@example.com"}"#)
            let both = try bench.sendLead(#"{"email": "e@example.com", "phone": "+49301234567"}"#)
            #expect(both["lead_id"]?.integer == byEmail)
            let phone = try bench.sendLead(#"{"email": "new@example.com", "phone": "0049 30/1234567"}"#)
            #expect(phone["lead_id"]?.integer == byPhone)
            #expect(try bench.shown(byPhone)["email"] == "new@example.com")
        }
    }

    @Test(
        arguments: [
            (#""full_name": "Ada King Lovelace""#, "Ada", "King Lovelace", [:]),
            (#""name": "Ada Lovelace""#, "Ada", "Lovelace", [:]),
            (#""name": "Ada""#, "Ada", nil, [:]),
            (#""name": "Ada Lovelace", "first_name": "Augusta""#, "Augusta", nil, ["full_name": "Ada Lovelace"]),
            (#""name": "Ada Lovelace", "first_name": "Ada", "last_name": "Lovelace""#, "Ada", "Lovelace", [:]),
            (#""name": "Ada", "full_name": "Ada Lovelace""#, "Ada", nil, ["full_name": "Ada Lovelace"]),
            (#""phone": "none""#, "a", nil, ["phone": "none"]),
            (
                #""what": ["x", "y"], "how": {"a": 1}, "n": 1.50, "t": true, "e": "", "z": null"#, "a", nil,
                ["what": "x; y", "how": #"{"a":1}"#, "n": .number("1.50"), "t": true]
            ),
            (
                #""id": 9, "created_at": "x", "status": "nonsense", "lead_score": "many""#, "a", nil,
                ["id": 9, "created_at": "x", "status": "nonsense", "lead_score": "many"]
            ),
        ] as [(String, String, String?, JSONValue)])
    func takesWhateverComes(members: String, first: String, last: String?, others: JSONValue) throws {
        try Workbench.run { bench in
            let answer = try bench.sendLead(#"{"email": "a@example.com", \#(members)}"#)
            #expect(answer.status == 201, "\(answer.text)")
            let lead = try bench.shown(1)
            #expect(lead["first_name"] == .string(first))
            #expect(lead["last_name"] == (last.map { .string($0) } ?? .null))
            #expect(lead["custom_fields"] == others)
            #expect(lead["source"] == "inbound")
        }
    }

    @Test(
        arguments: [
            (
                #"{"name": {"first": "Mary Ann", "last": "Lee", "middle": "J."}}"#, "Mary Ann", "Lee",
                ["name.middle": "J."]
            ),
            (#"{"full_name": {"first_name": "Mary", "last_name": "Lee"}}"#, "Mary", "Lee", [:]),
            (#"{"name": {"given": "Mary"}}"#, "a", nil, ["name.given": "Mary"]),
            (#"{"name": ["Mary", "Ann", "Lee"]}"#, "Mary", "Ann Lee", [:]), (#"{"name": []}"#, "a", nil, [:]),
            (#"{"first_name": "Bob", "name": {"first": "Mary"}}"#, "Bob", nil, ["name.first": "Mary"]),
            (#"{"name": {"first": "M.", "last": "Lee"}, "first_name": "Mary"}"#, "Mary", "Lee", ["name.first": "M."]),
            (#"{"notes": "cut \ud83d"}"#, "a", nil, [:]), ("\u{FEFF}{}", "a", nil, [:]),
        ] as [(String, String, String?, JSONValue)])
    func takesNamesInPartsAndTextThatWasCut(
        body: String, first: String, last: String?, others: JSONValue,
    ) throws {
        try Workbench.run { bench in
            let isEmpty = body.hasSuffix("{}")
            let members = #""email": "a@example.com"\#(isEmpty ? "" : ", ")"#
            let answer = try bench.sendLead(body.replacing("{", with: "{\(members)", maxReplacements: 1))
            #expect(answer.status == 201, "\(answer.text)")
            let lead = try bench.shown(1)
            #expect(lead["first_name"] == .string(first))
            #expect(lead["last_name"] == (last.map { .string($0) } ?? .null))
            #expect(lead["custom_fields"] == others)
        }
    }

    /// As Stripe's clients and PHP write what lies within something else.
    @Test func readsBracketsInForms() throws {
        try Workbench.run { bench in
            let body = """
                email=a%40example.com&custom_fields%5Butm%5D=spring&custom_fields[plan]=a&tags%5B0%5D=x&tags%5B1%5D=y\
                &address[city]=Bern
                """
            let answer = try bench.sendLead(body, type: Workbench.urlEncoded)
            #expect(answer.status == 201, "\(answer.text)")
            let lead = try bench.shown(1)
            #expect(lead["tags"] == ["x", "y"])
            #expect(lead["custom_fields"] == ["utm": "spring", "plan": "a", "address": #"{"city":"Bern"}"#])
        }
    }

    /// A name that only stood in for one gives way to the first that somebody says, and no other does.
    @Test(arguments: [
        (#"{"email": "jo@example.com"}"#, "jo"), (#"{"email": "jo@example.com", "phone": "+1 555 12345"}"#, "jo"),
    ])
    func givesALeadItsNameOnceItIsSaid(body: String, standIn: String) throws {
        try Workbench.run { bench in
            #expect(try bench.sendLead(body).status == 201)
            #expect(try bench.shown(1)["first_name"] == .string(standIn))
            #expect(try bench.sendLead(body).status == 200)
            #expect(try bench.shown(1)["first_name"] == .string(standIn))
            #expect(try bench.sendLead(#"{"email": "jo@example.com", "name": "Joan Doe"}"#).status == 200)
            #expect(try bench.sendLead(#"{"email": "jo@example.com", "name": "Other Name"}"#).status == 200)
            let lead = try bench.shown(1)
            #expect(lead["first_name"] == "Joan")
            #expect(lead["last_name"] == "Doe")
        }
    }

    /// One that somebody gave stays, were it what would stand in for it, or taken back to that.
    @Test func keepsANameThatIsOnlyLikeAStandIn() throws {
        try Workbench.run { bench in
            _ = try bench.sendLead(#"{"email": "jo@example.com", "first_name": "jo"}"#)
            _ = try bench.sendLead(#"{"email": "al@example.com"}"#)
            for name in ["Al", "al"] {
                #expect(try bench.send(.patch, lead: 2, "", #"{"first_name": "\#(name)"}"#).status == 200)
            }
            for (index, name) in ["jo", "al"].enumerated() {
                let body = #"{"email": "\#(name)@example.com", "first_name": "Someone"}"#
                #expect(try bench.sendLead(body).status == 200)
                #expect(try bench.shown(Int64(index + 1))["first_name"] == .string(name))
            }
        }
    }

    /// What is past a lead's limits is put into its notes in one pass, however much it is.
    @Test func takesManyTagsAndNotesInOnePass() throws {
        try Workbench.run { bench in
            let notes = String(repeating: #"n\n\n"#, count: 9_000)
            _ = try bench.sendLead(#"{"email": "a@example.com", "notes": "\#(notes)"}"#)
            let tags = (0..<40_000).map { #""t\#($0)""# }.joined(separator: ",")
            let path = try bench.source("make")
            let comments = (0..<20_000).map { #""comment \#($0)": "c\#($0)""# }.joined(separator: ",")
            let blanks = (1...400).map { #""\#(String(repeating: " ", count: $0))": "b""# }.joined(separator: ",")
            let start = ContinuousClock.now
            #expect(try bench.sendLead(#"{"email": "a@example.com", "tags": [\#(tags)], \#(blanks)}"#).status == 200)
            #expect(try bench.deliver(#"{"email": "a@example.com", \#(comments)}"#, to: path).status == 200)
            // What is quadratic takes minutes, also where a test has little of the processor.
            #expect(ContinuousClock.now - start < .seconds(10))
            let lead = try bench.shown(1)
            #expect(lead["tags"]?.elements.count == 50)
            #expect(lead["notes"]?.string?.contains("tag: t50\ntag: t51\n") == true)
            #expect(lead["custom_fields"]?["unnamed"]?.string?.hasPrefix("b; b; b") == true)
        }
    }

    @Test func keepsWhichKeyItCameWith() throws {
        try Workbench.run { bench in
            _ = try bench.sendLead(#"{"email": "a@example.com"}"#)
            _ = try bench.deliver(#"{"email": "a@example.com"}"#, to: try bench.source("make"))
            #expect(try bench.get("/api/v1/inbound/1")["data", "key_id"] == 1)
            #expect(try bench.get("/api/v1/inbound/2")["data", "key_id"] == .null)
        }
    }

    @Test func takesFormsToo() throws {
        try Workbench.run { bench in
            let encoded = try bench.sendLead(
                "email=a%40example.com&name=Ada+L&tags=x,y&q=1&q=2", type: Workbench.urlEncoded)
            #expect(encoded.status == 201, "\(encoded.text)")
            let lead = try bench.shown(1)
            #expect(lead["last_name"] == "L")
            #expect(lead["tags"] == ["x", "y"])
            #expect(lead["custom_fields"] == ["q": "1; 2"])
            let part = "--b\r\nContent-Disposition: form-data; name=\"email\"\r\n\r\nb@example.com\r\n--b--\r\n"
            #expect(try bench.sendLead(part, type: "multipart/form-data; boundary=b").status == 201)
        }
    }

    @Test(
        arguments: [
            ("{}", 422, "The email field is required.", "refused"),
            (#"{"email": ""}"#, 422, "The email field is required.", "refused"),
            (#"{"email": "nobody"}"#, 422, "The email field must be a valid email address.", "refused"),
            (#"{"email": 5}"#, 422, "The email field must be a valid email address.", "refused"),
            ("[]", 422, "The body must be a JSON object.", "refused"),
            ("{", 400, nil, "unreadable"),
        ] as [(String, Int, String?, String)])
    func keepsWhatItRefuses(body: String, status: Int, message: String?, outcome: String) throws {
        try Workbench.run { bench in
            let answer = try bench.sendLead(body)
            #expect(answer.status == status)
            if let message {
                #expect(answer["errors", message.contains("email") ? "email" : "body", "0"] == .string(message))
            }
            #expect(try bench.number("SELECT count(*) FROM lead") == 0)
            let kept = try bench.ledger()
            #expect(kept.count == 1)
            #expect(kept[0].hasPrefix(outcome) && kept[0].hasSuffix(" \(body)"), "\(kept)")
        }
    }

    @Test func needsTheTenantOfItsKey() throws {
        try Workbench.run { bench in
            _ = try bench.workspace("other")
            let body = #"{"email": "a@example.com"}"#
            for (query, status) in [("", 422), ("?tenant=", 422), ("?tenant=other", 403), ("?tenant=nobody", 403)] {
                let answer = try bench.post("/api/inbound/leads\(query)", body)
                #expect(answer.status == status, "\(query): \(answer.text)")
                if status == 422 { #expect(answer["errors"]?.names == ["tenant"]) }
            }
            #expect(try bench.number("SELECT count(*) FROM lead") == 0)
            // They are not lost to a misspelt name.
            #expect(try bench.ledger().allSatisfy { $0.hasPrefix("refused - ") && $0.hasSuffix(body) })
            #expect(try bench.post("/api/v1/inbound/3/replay", "")["data", "outcome"] == "created")
            let reader = try bench.key(["read:leads"])
            #expect(try bench.post("/api/inbound/leads?tenant=acme", body, key: reader).status == 403)
            #expect(try bench.send(.post, "/api/inbound/leads?tenant=acme", body, key: nil).status == 401)
        }
    }

    @Test func isDoneOnceForOneIdempotencyKey() throws {
        try Workbench.run { bench in
            let answers = try (0..<3).map { _ in try bench.sendLead(#"{"email": "a@example.com"}"#, key: "k") }
            #expect(answers.map(\.status) == [201, 201, 201])
            #expect(Set(answers.map(\.text)).count == 1)
            #expect(answers.map { $0.header("Idempotency-Replayed") } == [nil, "true", "true"])
            #expect(try bench.activities("received") == 1)
        }
    }
}
