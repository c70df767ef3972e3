import HTTP
import HTTPTypes
import Testing

@testable import LeadHub

@Suite struct LeadDeleteTests {
    private static let body = """
        {
            "first_name": "Anna", "last_name": "Öst", "email": "anna@example.com", "phone": "030 123456",
            "company": "Ärzte", "source": "web", "status": "qualified", "assigned_user_id": 1, "starred": true,
            "custom_fields": {"plan": "gold"}, "tags": ["vip", "Hot Lead"]
        }
        """

    /// Everything that finds the lead while it is there.
    private static let filters = [
        "", "source=web", "status=qualified", "status=qualified,new", "pipeline_id=1", "stage_id=1",
        "assigned_user_id=1", "tag=vip", "tag=hot+lead&tag=vip", "search=anna", "search=an", "search=123456",
        "starred=true", "company=arzte", "email=anna@example.com", "phone=030123456", "custom_fields[plan]=gold",
        "created_after=2000-01-01", "updated_before=2100-01-01", "sort=email", "sort=last_name&direction=asc",
    ]
    private static let day: Int64 = 86_400

    @Test func hidesTheLeadFromEverything() throws {
        try Workbench.run { bench in
            try furnish(bench)
            for filter in Self.filters { #expect(try ids(filter, bench) == [1], "\(filter)") }
            let answer = try bench.send(.delete, lead: 1)
            #expect(answer.status == 204)
            #expect(answer.text == "")
            #expect(answer.header("Content-Type") == nil)
            try expectHidden(bench)
        }
    }

    @Test func isRestoredWithAllThatItHad() throws {
        try Workbench.run { bench in
            try furnish(bench)
            let before = try bench.send(.get, lead: 1).text
            for moment in [0, 30 * Self.day - 1] {
                #expect(try bench.send(.delete, lead: 1).status == 204)
                try expectHidden(bench)
                #expect(try restore(1, Workbench.now + moment, bench))
                #expect(try bench.send(.get, lead: 1).text == before)
                for filter in Self.filters { #expect(try ids(filter, bench) == [1], "\(filter)") }
                let (kept, counted) = try bench.counts()
                #expect(kept == counted)
                #expect(kept.contains("1 tag 1 1"))
            }
            let twin = try bench.post("/api/v1/leads", #"{"first_name": "B", "phone": "030 123456"}"#)
            #expect(twin["data", "duplicate_of_id"] == 1)
        }
    }

    /// A lead with the same address and number repeats nothing that is deleted.
    @Test func isRepeatedByNobody() throws {
        try Workbench.run { bench in
            try furnish(bench)
            #expect(try bench.send(.delete, lead: 1).status == 204)
            #expect(try bench.post("/api/v1/leads", Self.body)["data", "duplicate_of_id"] == .null)
        }
    }

    @Test(arguments: [30 * day, 31 * day, 3_650 * day])
    func staysHiddenAfterThirtyDays(moment: Int64) throws {
        try Workbench.run { bench in
            try furnish(bench)
            #expect(try bench.send(.delete, lead: 1).status == 204)
            #expect(try !restore(1, Workbench.now + moment, bench))
            try expectHidden(bench)
        }
    }

    @Test func restoresNothingThatIsThereOrNeverWas() throws {
        try Workbench.run { bench in
            try furnish(bench)
            let before = try bench.contents()
            for id in [1, 2, 0, -1, .max] as [Int64] { #expect(try !restore(id, Workbench.now, bench), "\(id)") }
            #expect(try bench.contents() == before)
            #expect(try bench.send(.delete, lead: 1).status == 204)
            #expect(try restore(1, Workbench.now, bench))
            #expect(try !restore(1, Workbench.now, bench))
        }
    }

    @Test func leavesTheOthersAndNeverGivesItsIDAgain() throws {
        try Workbench.run { bench in
            try furnish(bench)
            #expect(try bench.lead(Self.body) == 2)
            let other = try bench.record(2)
            #expect(other["duplicate_of_id"] == 1)
            #expect(try bench.send(.delete, lead: 1).status == 204)
            // What it repeats is hidden from it too, until that is back.
            #expect(try bench.record(2) == other.with(("duplicate_of_id", .null)))
            #expect(try bench.get("/api/v1/leads")["data", "0", "duplicate_of_id"] == .null)
            #expect(try restore(1, Workbench.now, bench))
            #expect(try bench.record(2) == other)
            #expect(try bench.send(.delete, lead: 1).status == 204)
            for filter in Self.filters { #expect(try ids(filter, bench) == [2], "\(filter)") }
            #expect(try bench.send(.delete, lead: 2).status == 204)
            #expect(try bench.lead(#"{"first_name": "C"}"#) == 3)
        }
    }

    @Test func isWrittenIntoTheHistory() throws {
        try Workbench.run { bench in
            try furnish(bench)
            #expect(try bench.send(.delete, lead: 1, now: Workbench.now + 5).status == 204)
            #expect(try restore(1, Workbench.now + 9, bench))
            let entries = try bench.history(1)
            #expect(entries.map { $0["type"] } == ["restored", "deleted", "created"])
            #expect(entries.map { $0["actor"]?["type"] } == ["command_line", "key", "key"])
            #expect(entries[0]["actor"]?["id"] == .null)
            #expect(entries[0]["created_at"] == "2026-09-21T14:13:29+00:00")
            #expect(entries[1]["created_at"] == "2026-09-21T14:13:25+00:00")
            #expect(entries[1]["details"] == .object(JSONObject([])))
        }
    }

    @Test func needsItsOwnScope() throws {
        try Workbench.run { bench in
            try furnish(bench)
            let key = try bench.key(["read:*", "write:*"])
            let before = try bench.contents()
            let answer = try bench.send(.delete, "/api/v1/leads/1", key: key)
            #expect(answer.status == 403)
            #expect(answer["message"] == "The API key lacks the scope delete:leads.")
            #expect(try bench.contents() == before)
        }
    }

    private func expectHidden(_ bench: Workbench) throws {
        for filter in Self.filters { #expect(try ids(filter, bench) == [], "\(filter)") }
        let rest =
            [
                (.get, "", nil), (.head, "", nil), (.put, "", #"{"first_name": "B"}"#), (.patch, "", "{}"),
                (.delete, "", nil), (.get, "/activities", nil), (.post, "/tags", #"{"tag": "vip"}"#),
                (.delete, "/tags/vip", nil),
            ] as [(HTTPRequest.Method, String, String?)]
        let contents = try bench.contents()
        for (method, more, body) in rest {
            let answer = try bench.send(method, lead: 1, more, body)
            #expect(answer.status == 404, "\(method) \(more)")
            #expect(answer.code == "NOT_FOUND")
        }
        #expect(try bench.contents() == contents)
        #expect(try bench.counts().kept == [])
    }

    /// By page and by cursor.
    private func ids(_ filter: String, _ bench: Workbench) throws -> [Int64] {
        let (paged, parts) = (
            try bench.get("/api/v1/leads?\(filter)"), try bench.get("/api/v1/leads?\(filter)&cursor="),
        )
        #expect(paged.status == 200, "\(paged.text)")
        #expect(paged["meta", "total"]?.integer == Int64(paged.ids.count), "\(filter)")
        #expect(parts.ids == paged.ids, "\(filter)")
        return paged.ids
    }

    private func restore(_ id: Int64, _ now: Int64, _ bench: Workbench) throws -> Bool {
        try bench.connection.write { try Lead.restore(id, $0, now: now) }
    }

    private func furnish(_ bench: Workbench) throws {
        _ = try bench.user("a@example.com")
        _ = try bench.pipeline("Sales", ["One"])
        try #require(try bench.lead(Self.body) == 1)
    }
}
