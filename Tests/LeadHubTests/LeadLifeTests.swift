import GRDB
import HTTP
import Testing

@testable import LeadHub

@Suite struct LeadLifeTests {
    private static let sarah = """
        {
            "first_name": "Sarah",
            "last_name": "Johnson",
            "email": "sarah@example.com",
            "phone": "+14155551234",
            "source": "website",
            "status": "new",
            "pipeline_id": 1,
            "pipeline_stage_id": 2,
            "assigned_user_id": 5,
            "notes": "Interested in the enterprise plan.",
            "custom_fields": {
                "budget": "10000"
            },
            "tags": ["hot-lead", "enterprise"]
        }
        """

    @Test func createsShowsAndListsTheLeadOfTheReference() throws {
        try Workbench.run { bench in
            let pipeline = try bench.pipeline("Sales", ["Incoming", "Called"])
            try #require(pipeline == (1, [1, 2]))
            for number in 1...5 { _ = try bench.user("user\(number)@example.com") }

            let created = try bench.post("/api/v1/leads", Self.sarah)
            let record = """
                {
                    "id": 1, "first_name": "Sarah", "last_name": "Johnson", "email": "sarah@example.com",
                    "phone": "+14155551234", "company": null, "job_title": null, "country": null, "industry": null,
                    "company_size": null, "linkedin_url": null, "source": "website", "status": "new",
                    "pipeline_id": 1, "pipeline_stage_id": 2, "assigned_user_id": 5, "lead_score": 0,
                    "deal_value": null, "starred": false, "notes": "Interested in the enterprise plan.",
                    "custom_fields": {"budget": "10000"}, "tags": ["hot-lead", "enterprise"],
                    "duplicate_of_id": null, "created_at": "2026-09-21T14:13:20+00:00",
                    "updated_at": "2026-09-21T14:13:20+00:00"
                }
                """
            #expect(created.status == 201)
            #expect(created.json == (try JSONValue(reading: "{\"data\": \(record)}")))
            #expect(created["data"]?.names == (try JSONValue(reading: record).names))
            #expect(created.header("Location") == "https://crm.example.com/api/v1/leads/1")
            #expect(created.header("Content-Type") == "application/json; charset=utf-8")

            let shown = try bench.get("/api/v1/leads/1", now: Workbench.now + 60)
            #expect(shown.status == 200)
            #expect(shown.text == created.text)

            let list = try bench.get("/api/v1/leads", now: Workbench.now + 60)
            #expect(list.status == 200)
            let shownList = """
                {
                    "data": [\(record)],
                    "meta": {"current_page": 1, "last_page": 1, "per_page": 15, "total": 1, "from": 1, "to": 1},
                    "links": {
                        "first": "https://crm.example.com/api/v1/leads?page=1",
                        "last": "https://crm.example.com/api/v1/leads?page=1",
                        "prev": null,
                        "next": null,
                        "self": "https://crm.example.com/api/v1/leads?page=1"
                    }
                }
                """
            #expect(list.json == (try JSONValue(reading: shownList)))
            #expect(list.json?.names == ["data", "meta", "links"])
            #expect(list["meta"]?.names == ["current_page", "last_page", "per_page", "total", "from", "to"])
            #expect(list["links"]?.names == ["first", "last", "prev", "next", "self"])
        }
    }

    @Test func needsAFirstNameOnly() throws {
        try Workbench.run { bench in
            let answer = try bench.post("/api/v1/leads", #"{"first_name": "  Zoë\n"}"#)
            #expect(answer.status == 201)
            #expect(answer["data", "first_name"] == "Zoë")
            #expect(answer["data", "source"] == "api")
            #expect(answer["data", "status"] == "new")
            #expect(answer["data", "pipeline_id"] == .null)
            #expect(answer["data", "pipeline_stage_id"] == .null)
            #expect(answer["data", "custom_fields"] == .object(JSONObject([])))
            #expect(answer["data", "tags"] == [])
        }
    }

    /// A client that sends null for whatever it does not know makes the same lead as one that sends nothing.
    @Test func takesNullForNoValue() throws {
        try Workbench.run { bench in
            let nulls = Lead.fields.filter { !$0.rules.contains(.required) }.map { "\"\($0.name)\": null" }
            let body = "{\"first_name\": \"Zoë\", " + nulls.joined(separator: ", ") + "}"
            let withNulls = try bench.post("/api/v1/leads", body)
            let without = try bench.post("/api/v1/leads", #"{"first_name": "Zoë"}"#)
            #expect(withNulls.status == 201)
            for name in Lead.fields.map(\.name) where name != "id" {
                #expect(withNulls["data", name] == without["data", name], "\(name)")
            }
        }
    }

    @Test func takesBackWhatWasRead() throws {
        try Workbench.run { bench in
            _ = try bench.pipeline("Sales", ["Incoming"])
            let first = try bench.post(
                "/api/v1/leads",
                #"{"first_name": "A", "deal_value": 12.50, "starred": true, "lead_score": -7, "tags": ["x"]}"#,
            )
            let record = try #require(first["data"]).minified
            let second = try bench.post("/api/v1/leads", record, now: Workbench.now + 9)
            #expect(second.status == 201)
            #expect(second["data", "id"] == 2)
            #expect(second["data", "created_at"] == "2026-09-21T14:13:29+00:00")
            for name in Lead.fields.map(\.name) where !["id", "created_at", "updated_at"].contains(name) {
                #expect(first["data", name] == second["data", name], "\(name)")
            }
        }
    }

    @Test(arguments: [
        ("12.5", "12.5"), ("12.50", "12.5"), ("1250", "1250"), ("0.01", "0.01"), ("-0.10", "-0.1"), ("1e3", "1000"),
        ("-9999999999999.99", "-9999999999999.99"), ("0", "0"), ("-0", "0"),
    ])
    func keepsDealValuesExactly(sent: String, shown: String) throws {
        try Workbench.run { bench in
            let answer = try bench.post("/api/v1/leads", "{\"first_name\": \"A\", \"deal_value\": \(sent)}")
            #expect(answer["data", "deal_value"] == .number(shown), "\(answer.text)")
        }
    }

    @Test func keepsCustomFieldsByteForByte() throws {
        try Workbench.run { bench in
            let fields = #"{"z":1.00,"a":1e400,"n":-0,"long":12345678901234567890.5,"t":"é / \"q\"","b":false}"#
            let answer = try bench.post("/api/v1/leads", "{\"first_name\": \"A\", \"custom_fields\": \(fields)}")
            #expect(answer.status == 201)
            #expect(answer.text.contains("\"custom_fields\":\(fields),"), "\(answer.text)")
            #expect(try bench.get("/api/v1/leads/1").text == answer.text)
        }
    }

    @Test func dropsCustomFieldsThatAreNull() throws {
        try Workbench.run { bench in
            let body = #"{"first_name": "A", "custom_fields": {"gone": null, " kept ": " text "}}"#
            let answer = try bench.post("/api/v1/leads", body)
            #expect(answer["data", "custom_fields"] == (try JSONValue(reading: #"{"kept": "text"}"#)))
        }
    }

    @Test func writesWhoMadeItIntoItsHistory() throws {
        try Workbench.run { bench in
            let key = try bench.key(["write:leads"])
            let id = try bench.lead(#"{"first_name": "A"}"#, key: key, now: Workbench.now + 5)
            let rows = try Row.fetchAll(bench.database, sql: "SELECT * FROM activity")
            let row = try #require(rows.first)
            #expect(rows.count == 1)
            #expect(row["workspace_id"] == bench.workspace)
            #expect(row["lead_id"] == id)
            #expect(row["type"] == "created")
            #expect(row["actor_type"] == "key")
            #expect(row["actor_id"] == (try bench.number("SELECT max(id) FROM api_key")))
            #expect(row["created_at"] == Workbench.now + 5)
        }
    }

    /// Ids are never used twice, also where the newest record was removed.
    @Test func usesNoIdTwice() throws {
        try Workbench.run { bench in
            let id = try bench.lead(#"{"first_name": "A"}"#)
            try bench.execute("DELETE FROM lead")
            #expect(try bench.lead(#"{"first_name": "B"}"#) == id + 1)
        }
    }

    @Test func hidesWhatIsDeleted() throws {
        try Workbench.run { bench in
            let id = try bench.lead(#"{"first_name": "A", "email": "a@example.com"}"#)
            try bench.execute("UPDATE lead SET deleted_at = 1")
            #expect(try bench.get("/api/v1/leads/\(id)").status == 404)
            #expect(try bench.get("/api/v1/leads")["meta", "total"] == 0)
            let next = try bench.post("/api/v1/leads", #"{"first_name": "B", "email": "a@example.com"}"#)
            #expect(next["data", "duplicate_of_id"] == .null)
        }
    }
}
