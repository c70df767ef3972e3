import GRDB
import HTTP
import Testing

@testable import LeadHub

@Suite struct LeadTagTests {
    @Test func makesTheTagsThatAreNew() throws {
        try Workbench.run { bench in
            let lead = try bench.lead(#"{"first_name": "A", "tags": ["vip", "Enterprise"]}"#)
            let tags = try Row.fetchAll(bench.database, sql: "SELECT name, color, workspace_id FROM tag ORDER BY id")
            #expect(tags.map { $0["name"] } == ["vip", "Enterprise"])
            #expect(tags.map { $0["color"] } == ["#6B7280", "#6B7280"])
            #expect(tags.map { $0["workspace_id"] } == [bench.workspace, bench.workspace])
            #expect(try tagged(lead, bench) == ["Enterprise", "vip"])
        }
    }

    @Test func sharesATagBetweenLeadsAndKeepsItsFirstSpelling() throws {
        try Workbench.run { bench in
            let first = try bench.lead(#"{"first_name": "A", "tags": ["Hot Lead"]}"#)
            let second = try bench.post("/api/v1/leads", #"{"first_name": "B", "tags": ["new", "HOT LEAD"]}"#)
            #expect(second["data", "tags"] == ["new", "Hot Lead"])
            #expect(try bench.number("SELECT count(*) FROM tag") == 2)
            #expect(try tagged(first, bench) == ["Hot Lead"])
            #expect(try tagged(2, bench) == ["Hot Lead", "new"])
        }
    }

    @Test func keepsTheOrderInWhichTagsCame() throws {
        try Workbench.run { bench in
            _ = try bench.lead(#"{"first_name": "A", "tags": ["c", "a", "b"]}"#)
            let body = #"{"first_name": "B", "tags": ["b", "z", "c", "B", "a"]}"#
            #expect(try bench.post("/api/v1/leads", body)["data", "tags"] == ["b", "z", "c", "a"])
        }
    }

    @Test func keepsTheTagsOfWorkspacesApart() throws {
        try Workbench.run { bench in
            let other = try bench.workspace("other")
            let key = try bench.key(["*"], in: other)
            _ = try bench.lead(#"{"first_name": "A", "tags": ["VIP"]}"#)
            let answer = try bench.post("/api/v1/leads", #"{"first_name": "B", "tags": ["vip"]}"#, key: key)
            #expect(answer["data", "tags"] == ["vip"])
            let sql = "SELECT workspace_id FROM tag WHERE name = ?"
            #expect(try bench.number(sql, ["vip"]) == other)
            #expect(try bench.number(sql, ["VIP"]) == bench.workspace)
        }
    }

    @Test func takesFiftyTagsHoweverOftenTheyAreRepeated() throws {
        try Workbench.run { bench in
            let names = (1...50).flatMap { ["\"tag \($0)\"", "\"TAG \($0)\""] }.joined(separator: ", ")
            let lead = try bench.lead("{\"first_name\": \"A\", \"tags\": [\(names)]}")
            #expect(try tagged(lead, bench).count == 50)
        }
    }

    private func tagged(_ lead: Int64, _ bench: Workbench) throws -> [String] {
        try String.fetchAll(
            bench.database,
            sql: """
                SELECT name FROM lead_tag JOIN tag ON tag.id = tag_id AND tag.workspace_id = lead_tag.workspace_id
                WHERE lead_id = ? ORDER BY name
                """,
            arguments: [lead],
        )
    }
}

@Suite struct LeadDuplicateTests {
    @Test(arguments: [
        ("email", "Sarah@Example.com", "sARAH@eXAMPLE.COM"),
        ("email", "Ö@example.com", "ö@example.com"),
        ("phone", "+1 (415) 555-1234", "0014155551234"),
        ("phone", "030 123456", "30123456"),
        ("phone", "+49 30 123456", "49/30/12 34 56"),
        ("phone", "123456", "١٢٣٤٥٦"),
    ])
    func marksALeadThatRepeatsAnother(field: String, first: String, second: String) throws {
        try Workbench.run { bench in
            let original = try bench.lead("{\"first_name\": \"A\", \"\(field)\": \"\(first)\"}")
            let answer = try bench.post("/api/v1/leads", "{\"first_name\": \"B\", \"\(field)\": \"\(second)\"}")
            #expect(answer.status == 201)
            #expect(answer["data", "duplicate_of_id"]?.integer == original)
            #expect(answer["data", field] == .string(second))
        }
    }

    @Test(arguments: [
        ("email", "sarah@example.com", "sara@example.com"),
        ("email", "jose@example.com", "josé@example.com"),
        ("phone", "123456", "1234560"),
    ])
    func marksNothingThatIsAnother(field: String, first: String, second: String) throws {
        try Workbench.run { bench in
            _ = try bench.lead("{\"first_name\": \"A\", \"\(field)\": \"\(first)\"}")
            let answer = try bench.post("/api/v1/leads", "{\"first_name\": \"B\", \"\(field)\": \"\(second)\"}")
            #expect(answer.status == 201)
            #expect(answer["data", "duplicate_of_id"] == .null)
        }
    }

    @Test func namesTheOldestOfAllMatches() throws {
        try Workbench.run { bench in
            let byPhone = try bench.lead(#"{"first_name": "A", "phone": "123456"}"#, now: Workbench.now + 9)
            _ = try bench.lead(#"{"first_name": "B", "email": "a@example.com"}"#)
            _ = try bench.lead(#"{"first_name": "C", "email": "a@example.com"}"#)
            let both = #"{"first_name": "D", "email": "a@example.com", "phone": "123456"}"#
            #expect(try bench.post("/api/v1/leads", both)["data", "duplicate_of_id"]?.integer == byPhone)
            let one = #"{"first_name": "E", "email": "a@example.com", "phone": "999999"}"#
            #expect(try bench.post("/api/v1/leads", one)["data", "duplicate_of_id"] == 2)
        }
    }

    @Test func looksOnlyIntoItsOwnWorkspace() throws {
        try Workbench.run { bench in
            let key = try bench.key(["*"], in: try bench.workspace("other"))
            _ = try bench.lead(#"{"first_name": "A", "email": "a@example.com"}"#, key: key)
            let answer = try bench.post("/api/v1/leads", #"{"first_name": "B", "email": "a@example.com"}"#)
            #expect(answer["data", "duplicate_of_id"] == .null)
        }
    }

    @Test func findsNoRepetitionAmongLeadsWithNeither() throws {
        try Workbench.run { bench in
            _ = try bench.lead(#"{"first_name": "A"}"#)
            #expect(try bench.post("/api/v1/leads", #"{"first_name": "A"}"#)["data", "duplicate_of_id"] == .null)
        }
    }
}
