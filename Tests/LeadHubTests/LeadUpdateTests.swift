import HTTP
import HTTPTypes
import Testing

@testable import LeadHub

/// PUT and PATCH are alike: what is sent changes, all else stays.
@Suite struct LeadUpdateTests {
    static let methods: [HTTPRequest.Method] = [.put, .patch]
    private static let later = Workbench.now + 60

    private static let sarah = """
        {
            "first_name": "Sarah", "last_name": "Johnson", "email": "sarah@example.com", "phone": "+1 (415) 555-1234",
            "company": "Ärzte GmbH", "job_title": "Buyer", "country": "DE", "industry": "Health", "company_size": "10",
            "linkedin_url": "https://example.com/sarah", "source": "website", "status": "contacted",
            "assigned_user_id": 1, "lead_score": 7, "deal_value": 10, "starred": true, "notes": "One.",
            "custom_fields": {"budget": "10000", "size": 5}, "tags": ["vip", "Hot Lead"]
        }
        """

    /// What is sent for one field, and what the field holds afterwards.
    static let changes: [(field: String, sent: String, becomes: String)] = [
        ("first_name", #"" Zoë\n""#, #""Zoë""#), ("last_name", #""O'Neil""#, #""O'Neil""#),
        ("last_name", "null", "null"),
        ("last_name", #""  ""#, "null"), ("email", #""New@Example.org""#, #""New@Example.org""#),
        ("email", "null", "null"), ("phone", #""030 12345""#, #""030 12345""#), ("phone", #""""#, "null"),
        ("company", #""ÄRZTE GMBH""#, #""ÄRZTE GMBH""#), ("company", "null", "null"),
        ("job_title", #""CEO""#, #""CEO""#),
        ("country", "null", "null"), ("industry", #""IT""#, #""IT""#), ("company_size", #""500+""#, #""500+""#),
        ("linkedin_url", "null", "null"), ("source", #""api""#, #""api""#), ("status", #""lost""#, #""lost""#),
        ("assigned_user_id", "2", "2"), ("assigned_user_id", "null", "null"), ("lead_score", "-1e3", "-1000"),
        ("deal_value", "12.50", "12.5"), ("deal_value", "-0.01", "-0.01"), ("deal_value", "null", "null"),
        ("starred", "false", "false"), ("notes", #""a\n\tb""#, #""a\n\tb""#), ("notes", "null", "null"),
        ("tags", #"["new", "VIP"]"#, #"["new", "vip"]"#), ("tags", "[]", "[]"), ("tags", "null", "[]"),
        ("custom_fields", #"{"size": null}"#, #"{"budget": "10000"}"#), ("custom_fields", "null", "{}"),
        ("pipeline_id", "1", "1"),
    ]

    @Test(arguments: methods, changes)
    func changesOnlyWhatIsSent(
        method: HTTPRequest.Method, change: (field: String, sent: String, becomes: String),
    ) throws {
        try Workbench.run { bench in
            let before = try sarah(bench)
            _ = try bench.pipeline("Empty", [])
            let answer = try bench.send(
                method, lead: 1, "", "{\"\(change.field)\": \(change.sent)}", now: Self.later,
            )
            #expect(answer.status == 200, "\(answer.text)")
            let expected = before.replacing([
                (change.field, try JSONValue(reading: change.becomes)), ("updated_at", "2026-09-21T14:14:20+00:00"),
            ])
            #expect(answer["data"] == expected, "\(answer.text)")
            #expect(try bench.send(.get, lead: 1).text == answer.text)
            let (kept, counted) = try bench.counts()
            #expect(kept == counted)
            #expect(try bench.history(1).count >= 2)
        }
    }

    @Test(arguments: methods)
    func changesManyFieldsAtOnce(method: HTTPRequest.Method) throws {
        try Workbench.run { bench in
            let before = try sarah(bench)
            let body =
                #"{"first_name": "Z", "id": 99, "created_at": "x", "tags": ["z"], "starred": false, "email": null}"#
            let answer = try bench.send(method, lead: 1, "", body)
            let expected = before.replacing([
                ("first_name", "Z"), ("tags", ["z"]), ("starred", false), ("email", .null),
            ])
            #expect(answer["data"] == expected, "\(answer.text)")
        }
    }

    /// Bodies that say nothing new.
    static let repetitions = [
        "{}", #"{"custom_fields": {}}"#, #"{"custom_fields": {"nothing": null}}"#, #"{"first_name": " Sarah\n"}"#,
        #"{"custom_fields": {"size": 5, "budget": "10000"}}"#, #"{"tags": ["VIP", "hot lead", "vip"]}"#,
        #"{"deal_value": 1e1}"#, #"{"lead_score": 7.0, "starred": true, "company": "A\u0308rzte GmbH"}"#,
        #"{"id": 99, "created_at": 5, "updated_at": null, "duplicate_of_id": "x"}"#, "whole", "data",
    ]

    @Test(arguments: methods)
    func writesNothingWhereNothingChanges(method: HTTPRequest.Method) throws {
        try Workbench.run { bench in
            let before = try sarah(bench)
            for body in Self.repetitions {
                let body = body == "whole" ? before.minified : body == "data" ? Self.sarah : body
                let (text, changes) = (try bench.send(.get, lead: 1).text, bench.changes)
                let answer = try bench.send(method, lead: 1, "", body, now: Self.later)
                #expect(answer.status == 200, "\(answer.text)")
                #expect(answer.text == text)
                #expect(bench.changes == changes)
                #expect(try bench.history(1).count == 1)
            }
        }
    }

    @Test(arguments: methods)
    func takesBackASuspendedUserAndNoOther(method: HTTPRequest.Method) throws {
        try Workbench.run { bench in
            let before = try sarah(bench)
            _ = try bench.lead(#"{"first_name": "B"}"#)
            try bench.execute("UPDATE workspace_user SET status = 'suspended'")
            let changes = bench.changes
            #expect(try bench.send(method, lead: 1, "", before.minified, now: Self.later)["data"] == before)
            #expect(bench.changes == changes)
            let changed = before.replacing([("notes", "Two.")])
            #expect(try bench.send(method, lead: 1, "", changed.minified)["data"] == changed)
            for (lead, user) in [(1, 2), (2, 1)] as [(Int64, Int64)] {
                let answer = try bench.send(method, lead: lead, "", "{\"assigned_user_id\": \(user)}")
                #expect(answer.status == 422)
                #expect(answer["errors", "assigned_user_id"] == ["The selected assigned user id is invalid."])
            }
            #expect(try bench.send(method, lead: 1, "", #"{"assigned_user_id": null}"#).status == 200)
            #expect(try bench.send(method, lead: 1, "", #"{"assigned_user_id": 1}"#).status == 422)
        }
    }

    @Test(arguments: methods)
    func reachesNothingThatIsAnothersOrDeleted(method: HTTPRequest.Method) throws {
        try Workbench.run { bench in
            let other = try bench.key(["*"], in: try bench.workspace("other"))
            let theirs = try bench.lead(#"{"first_name": "A"}"#, key: other)
            let gone = try bench.lead(#"{"first_name": "B"}"#)
            #expect(try bench.send(.delete, lead: gone).status == 204)
            let before = try bench.contents()
            for id in [theirs, gone, 99] {
                let answer = try bench.send(method, lead: id, "", #"{"first_name": "C"}"#)
                #expect(answer.status == 404)
                #expect(answer["message"] == "The requested record does not exist.")
            }
            #expect(try bench.contents() == before)
        }
    }

    /// A lead with a value, what is sent, a filter that found it before, and one that finds it afterwards.
    static let moves: [(lead: String, sent: String, old: String, new: String)] = [
        (
            #""email": "Old@example.com""#, #""email": "New@example.com""#, "email=old@EXAMPLE.com",
            "email=NEW@example.com"
        ),
        (#""email": "old@example.com""#, #""email": "new@example.com""#, "search=old@ex", "search=NEW@ex"),
        (#""email": "old@example.com""#, #""email": null, "phone": "12345""#, "email=old@example.com", "phone=12345"),
        (#""phone": "030 1234567""#, #""phone": "+49 30 765432""#, "phone=301234567", "phone=0049%2030765432"),
        (#""phone": "030 1234567""#, #""phone": "+49 30 765432""#, "search=123-45", "search=(30)%207654"),
        (#""company": "Ärzte""#, #""company": "Bäcker""#, "company=arzte", "company=BACKER"),
        (#""last_name": "Öst""#, #""last_name": "Väst""#, "search=ost", "search=VAST"),
        (#""last_name": "Öst""#, #""first_name": "Zoë""#, "search=anna%20o", "search=zoe%20ost"),
        (#""last_name": "Öst""#, #""last_name": null, "notes": "x""#, "search=anna%20ost", "search=an"),
        (#""source": "web""#, #""source": "mail""#, "source=web", "source=mail,fax"),
        (#""status": "new""#, #""status": "lost""#, "status=new", "status=lost"),
        (#""tags": ["a", "b"]"#, #""tags": ["b", "c"]"#, "tag=a", "tag=c&tag=B"),
        (#""assigned_user_id": 1"#, #""assigned_user_id": 2"#, "assigned_user_id=1", "assigned_user_id=2"),
        (#""starred": true"#, #""starred": false"#, "starred=true", "starred=false"),
        (#""pipeline_id": 1"#, #""pipeline_id": 2"#, "pipeline_id=1", "pipeline_id=2&stage_id=2"),
        (#""pipeline_id": 1"#, #""pipeline_stage_id": null"#, "stage_id=1", "pipeline_id=1"),
        (
            #""custom_fields": {"a": 1, "b": true}"#, #""custom_fields": {"a": "2", "b": null}"#,
            "custom_fields[b]=true", "custom_fields%5Ba%5D=2"
        ),
    ]

    @Test(arguments: moves)
    func isFoundByWhatItIsAndNoMoreByWhatItWas(lead: String, sent: String, old: String, new: String) throws {
        try Workbench.run { bench in
            _ = (try bench.user("a@example.com"), try bench.user("b@example.com"))
            _ = (try bench.pipeline("Sales", ["One"]), try bench.pipeline("More", ["Two"]))
            _ = try bench.lead("{\"first_name\": \"Anna\", \(lead)}")
            #expect(try bench.found(old) == [1])
            #expect(try bench.found(new).isEmpty || sent.contains("null"))
            #expect(try bench.send(.patch, lead: 1, "", "{\(sent)}").status == 200)
            #expect(try bench.found(old) == [])
            #expect(try bench.found(new) == [1])
            let (kept, counted) = try bench.counts()
            #expect(kept == counted)
        }
    }

    @Test func staysWhatItRepeatsAndIsRepeatedByItsNewAddress() throws {
        try Workbench.run { bench in
            let first = try bench.lead(#"{"first_name": "A", "email": "a@example.com"}"#)
            let second = try bench.lead(#"{"first_name": "B", "email": "a@example.com"}"#)
            let answer = try bench.send(.patch, lead: second, "", #"{"email": "b@example.com"}"#)
            #expect(answer["data", "duplicate_of_id"]?.integer == first)
            #expect(try bench.send(.patch, lead: first, "", #"{"email": null}"#).status == 200)
            for (email, original) in [("a", JSONValue.null), ("b", 2)] {
                let body = "{\"first_name\": \"C\", \"email\": \"\(email)@example.com\"}"
                #expect(try bench.post("/api/v1/leads", body)["data", "duplicate_of_id"] == original)
            }
        }
    }

    /// - Returns: the lead as it is shown.
    private func sarah(_ bench: Workbench) throws -> JSONValue {
        _ = (try bench.user("a@example.com"), try bench.user("b@example.com"))
        return try bench.record(try bench.lead(Self.sarah))
    }
}
