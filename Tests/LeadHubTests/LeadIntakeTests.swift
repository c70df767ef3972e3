import GRDB
import HTTP
import Testing

@testable import LeadHub

/// What somebody outside says of a lead: found or made, filled in, and nothing lost.
@Suite struct LeadIntakeTests {
    @Test(arguments: [
        (#"{"email": "Jo.Doe@example.com", "phone": "555 12 34"}"#, "Jo.Doe"),
        (#"{"phone": "555 12 34"}"#, "555 12 34"),
        (#"{"company": "Acme"}"#, "Unknown"), (#"{"first_name": " ", "email": "a@example.com"}"#, "a"),
        (#"{"first_name": "Ann", "email": "a@example.com"}"#, "Ann"),
    ])
    func givesALeadAName(body: String, name: String) throws {
        try Workbench.run { bench in
            let taken = try take(bench, body)
            #expect(taken == "1 made")
            #expect(try bench.record(1)["first_name"]?.string == name)
        }
    }

    @Test func findsByEmailThenByPhoneTheOldestThatIsThere() throws {
        try Workbench.run { bench in
            _ = try bench.lead(#"{"first_name": "1", "phone": "+1 555 123"}"#)
            _ = try bench.lead(#"{"first_name": "2", "email": "a@example.com"}"#)
            _ = try bench.lead(#"{"first_name": "3", "email": "A@example.com"}"#)
            _ = try bench.lead(#"{"first_name": "4", "phone": "001555123"}"#)
            // Email wins over phone, the oldest among equals.
            #expect(try take(bench, #"{"email": "A@EXAMPLE.com", "phone": "1555123"}"#) == "2 found")
            #expect(try take(bench, #"{"email": "new@example.com", "phone": "(1) 555-123"}"#) == "1 found")
            #expect(try bench.send(.delete, lead: 2).status == 204)
            #expect(try take(bench, #"{"email": "a@example.com"}"#) == "3 found")
            #expect(try take(bench, #"{"email": "b@example.com", "phone": "5551234"}"#) == "5 made")
            // Nobody of another workspace.
            let other = try bench.workspace("other")
            #expect(try take(bench, #"{"email": "a@example.com"}"#, in: other) == "6 made")
        }
    }

    @Test func givesALeadWhatItLacksAndOverwritesNothing() throws {
        try Workbench.run { bench in
            let sales = try bench.pipeline("Sales", ["New", "Won"])
            _ = try bench.lead(
                """
                {"first_name": "Ann", "email": "a@example.com", "company": "Acme", \
                "source": "api", "notes": "Old", "tags": ["VIP"], "custom_fields": {"a": 1, "b": "x"}}
                """
            )
            let body = """
                {"first_name": "Bob", "last_name": "Doe", "email": "A@EXAMPLE.COM", "company": "Other", "country": "DE",
                "source": "web", "status": "lost", "lead_score": "7", "pipeline_stage_id": "\(sales.stages[1])",
                "notes": "New\\n\\nand more", "tags": "vip, fresh", "custom_fields": {"a": 2, "c": true}}
                """
            #expect(try take(bench, body) == "1 found")
            let lead = try bench.record(1)
            for (name, value) in [
                ("first_name", "Ann"), ("last_name", "Doe"), ("email", "a@example.com"), ("company", "Acme"),
                ("country", "DE"), ("source", "api"), ("status", "new"), ("lead_score", 0),
                ("pipeline_stage_id", .number("\(sales.stages[0])")), ("tags", ["VIP", "fresh"]),
                ("notes", "Old\n\n2026-09-21: New\nand more"),
            ] as [(String, JSONValue)] {
                #expect(lead[name] == value, "\(name)")
            }
            #expect(lead["custom_fields"]?.minified == #"{"a":1,"b":"x","c":true}"#)
            #expect(try bench.found("tag=fresh&search=doe") == [1])
            let (kept, counted) = try bench.counts()
            #expect(kept == counted)
            // The same once more changes nothing.
            let before = try bench.contents()
            #expect(try take(bench, body) == "1 found")
            #expect(try bench.contents() == before)
        }
    }

    /// A lead that was nowhere is put where the form says, and stays what it was.
    @Test func placesALeadThatIsNowhere() throws {
        try Workbench.run { bench in
            _ = try bench.lead(#"{"first_name": "Ann", "email": "a@example.com", "status": "contacted"}"#)
            let sales = try bench.pipeline("Sales", ["New", "Won"])
            let body = "{\"email\": \"a@example.com\", \"pipeline_stage_id\": \(sales.stages[1])}"
            #expect(try take(bench, body) == "1 found")
            #expect(try bench.record(1)["pipeline_stage_id"]?.integer == sales.stages[1])
            #expect(try bench.record(1)["status"] == "contacted")
        }
    }

    @Test(arguments: [
        ("Hi", "Hi", "Hi"), ("Hi", "Hi there", "Hi\n\n2026-09-21: Hi there"),
        ("Hi there", "Hi", "Hi there\n\n2026-09-21: Hi"), ("A\n\nHi", "Hi", "A\n\nHi"),
        ("A\n\n2026-01-01: Hi", "Hi", "A\n\n2026-01-01: Hi"), ("A\n\nB", "A\n\nB", "A\n\nB"),
        ("A\n\nB\n\n2026-01-01: C", "A\n\nB", "A\n\nB\n\n2026-01-01: C"),
    ])
    func appendsNotesThatAreNotThere(old: String, new: String, notes: String) throws {
        try Workbench.run { bench in
            func body(_ text: String) -> String {
                let members: [JSONObject.Member] = [
                    ("first_name", "A"), ("email", "a@example.com"), ("notes", .string(text)),
                ]
                return JSONValue.object(JSONObject(members)).minified
            }
            _ = try bench.lead(body(old))
            for _ in 1...2 {
                #expect(try take(bench, body(new)) == "1 found")
                #expect(try bench.record(1)["notes"]?.string == notes)
            }
        }
    }

    @Test func putsAsideWhatDoesNotFit() throws {
        try Workbench.run { bench in
            let long = many("x", 300)
            let body = """
                {"first_name": "\(long)", "email": "no address", "phone": "12", "lead_score": "many", "starred": "on",
                "deal_value": "1.005", "status": "weird", "linkedin_url": null, "company": ["A", "B"],
                "job_title": "a\\u0000b\\r\\nc", "budget": 5, "ok": false, "list": ["a", ["b"], null, 1], "map": {"k": [1]},
                "tags": ["one", "\(many("t", 65))", 2], "assigned_user_id": 99, "\(many("k", 70))": "v", " ": "w"}
                """
            #expect(try take(bench, body) == "1 made")
            let lead = try bench.record(1)
            #expect(lead["first_name"] == "Unknown")
            #expect(lead["email"] == .null)
            #expect(lead["starred"] == true)
            #expect(lead["job_title"] == "a b\nc")
            #expect(lead["status"] == "new")
            #expect(lead["tags"] == ["one", "2"])
            #expect(lead["assigned_user_id"] == .null)
            #expect(lead["notes"]?.string == "tag: \(many("t", 65))")
            let fields = try #require(lead["custom_fields"])
            let key = try #require(fields.names.first { $0.hasPrefix("kkk") })
            #expect(key.wholeMatch(of: /k{55}-[0-9a-f]{8}/) != nil)
            #expect(
                fields.minified == """
                    {"first_name":"\(long)","email":"no address","phone":"12","lead_score":"many","deal_value":"1.005",\
                    "status":"weird","company":"A; B","budget":5,"ok":false,"list":"a; b; 1","map":"{\\"k\\":[1]}",\
                    "\(key)":"v","unnamed":"w","assigned_user_id":99}
                    """
            )
            // What was put aside can be changed over the API.
            let change = #"{"custom_fields": {"budget": 6}}"#
            #expect(try bench.send(.patch, lead: 1, "", change).status == 200)
        }
    }

    @Test func writesIntoTheNotesWhatIsPastTheLimits() throws {
        try Workbench.run { bench in
            let keys = (1...99).map { "\"k\($0)\": 1" }.joined(separator: ", ")
            let tags = (1...49).map { "\"t\($0)\"" }.joined(separator: ", ")
            _ = try bench.lead(
                "{\"first_name\": \"A\", \"email\": \"a@example.com\", \"custom_fields\": {\(keys)}, \"tags\": [\(tags)]}"
            )
            let body = #"{"email": "a@example.com", "x": 1, "y": "2", "z": true, "tags": ["u", "v"]}"#
            for _ in 1...2 { #expect(try take(bench, body) == "1 found") }
            let lead = try bench.record(1)
            #expect(lead["custom_fields"]?.names.count == 100)
            #expect(lead["custom_fields"]?["x"] == 1)
            #expect(lead["tags"]?.elements.count == 50)
            #expect(lead["notes"] == "y: 2\nz: true\ntag: v")
            #expect(
                try bench.send(.patch, lead: 1, "", #"{"tags": ["a"], "custom_fields": {"k1": null}}"#).status == 200)
        }
    }

    @Test func fitsTheLargestBody() throws {
        try Workbench.run { bench in
            let texts = (1...9).map { "\"f\($0)\": \"\(many("é", 10_000))\"" }.joined(separator: ", ")
            let body = "{\"email\": \"a@example.com\", \"notes\": \"\(many("n", 200_000))\", \(texts)}"
            for expected in ["1 made", "1 found"] {
                let taken = try take(bench, body)
                #expect(taken == expected)
                #expect(try bench.number("SELECT length(notes) FROM lead") == 65_535)
                let size = try bench.number("SELECT length(CAST(custom_fields AS BLOB)) FROM lead")
                #expect((60_000...65_536).contains(size ?? 0))
            }
        }
    }

    /// Takes the members of an object in, one by one.
    ///
    /// - Returns: the lead's id, and whether it was made or found.
    private func take(_ bench: Workbench, _ body: String, in workspace: Int64? = nil) throws -> String {
        guard case .object(let object) = try JSONValue(reading: body) else { return "" }
        var intake = Intake()
        for member in object { intake.add(member.value, as: member.name) }
        return try bench.connection.write { database in
            let (lead, isDuplicate) = try Lead.take(
                intake, workspace: workspace ?? bench.workspace, by: .commandLine, database, now: Workbench.now,
            )
            return "\(lead["id"] as Int64) \(isDuplicate ? "found" : "made")"
        }
    }
}

private func many(_ text: String, _ count: Int) -> String { String(repeating: text, count: count) }
