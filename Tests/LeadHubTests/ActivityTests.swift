import HTTP
import HTTPTypes
import Testing

@testable import LeadHub

/// A lead's history: what happened, from what to what, when, and by whom.
@Suite struct ActivityTests {
    /// What is sent to a lead, and the entries that come of it, oldest first, as `type details`.
    static let changes: [(method: HTTPRequest.Method, more: String, body: String?, entries: [String])] = [
        (.patch, "", #"{"last_name": "B"}"#, [#"updated {"changes":{"last_name":{"from":null,"to":"B"}}}"#]),
        (
            .put, "", #"{"starred": true, "deal_value": 1.50, "lead_score": 9, "first_name": "Z"}"#,
            [
                #"updated {"changes":{"first_name":{"from":"A","to":"Z"},"lead_score":{"from":0,"to":9},"#
                    + #""deal_value":{"from":null,"to":1.5},"starred":{"from":false,"to":true}}}"#
            ]
        ),
        (
            .patch, "", #"{"custom_fields": {"a": null, "b": 2}}"#,
            [#"updated {"changes":{"custom_fields":{"from":{"a":1},"to":{"b":2}}}}"#]
        ),
        (.patch, "", #"{"assigned_user_id": 2}"#, [#"assigned {"from":1,"to":2}"#]),
        (.patch, "", #"{"assigned_user_id": null}"#, [#"assigned {"from":1,"to":null}"#]),
        (
            .patch, "", #"{"pipeline_stage_id": 2}"#,
            [
                #"updated {"changes":{"status":{"from":"new","to":"converted"}}}"#,
                #"stage_changed {"from":{"pipeline_id":1,"pipeline_stage_id":1},"#
                    + #""to":{"pipeline_id":1,"pipeline_stage_id":2}}"#,
            ]
        ),
        (
            .patch, "", #"{"pipeline_id": null}"#,
            [
                #"stage_changed {"from":{"pipeline_id":1,"pipeline_stage_id":1},"#
                    + #""to":{"pipeline_id":null,"pipeline_stage_id":null}}"#
            ]
        ),
        (.patch, "", #"{"tags": ["c", "b", "d"]}"#, [added("c"), added("d"), removed("a")]),
        (.patch, "", #"{"tags": null}"#, [removed("a"), removed("b")]),
        (.post, "/tags", #"{"tag": "vip"}"#, [added("vip")]), (.delete, "/tags/A", nil, [removed("a")]),
        (.post, "/tags", #"{"tag": "B"}"#, []), (.patch, "", "{}", []), (.patch, "", #"{"first_name": "A"}"#, []),
        (.patch, "", #"{"first_name": ""}"#, []), (.post, "/tags", "{}", []), (.delete, "/tags/x", nil, []),
        (
            .patch, "", #"{"notes": "x", "assigned_user_id": 2, "pipeline_stage_id": null, "tags": ["a"]}"#,
            [
                #"updated {"changes":{"notes":{"from":null,"to":"x"}}}"#,
                #"stage_changed {"from":{"pipeline_id":1,"pipeline_stage_id":1},"#
                    + #""to":{"pipeline_id":1,"pipeline_stage_id":null}}"#,
                #"assigned {"from":1,"to":2}"#, removed("b"),
            ]
        ),
    ]

    private static func added(_ tag: String) -> String { "tag_added {\"tag\":\"\(tag)\"}" }

    private static func removed(_ tag: String) -> String { "tag_removed {\"tag\":\"\(tag)\"}" }

    @Test(arguments: changes)
    func tellsWhatChangedFromWhatToWhat(
        method: HTTPRequest.Method, more: String, body: String?, entries: [String],
    ) throws {
        try Workbench.run { bench in
            try furnish(bench)
            let answer = try bench.send(method, lead: 1, more, body, now: Workbench.now + 5)
            #expect((200..<500).contains(answer.status), "\(answer.text)")
            let history = try bench.history(1).reversed().dropFirst()
            #expect(history.map { "\($0["type"]?.string ?? "") \($0["details"]?.minified ?? "")" } == entries)
            #expect(history.allSatisfy { $0["created_at"] == "2026-09-21T14:13:25+00:00" })
        }
    }

    @Test func beginsWithTheLeadsCreation() throws {
        try Workbench.run { bench in
            try furnish(bench)
            let answer = try bench.send(.get, lead: 1, "/activities")
            let expected = """
                {"id":1,"type":"created","actor":{"type":"key","id":1,"name":"all"},"details":{},\
                "created_at":"2026-09-21T14:13:20+00:00"}
                """
            #expect(answer["data", "0"]?.minified == expected)
            #expect(answer.json?.names == ["data", "meta", "links"])
        }
    }

    @Test func namesWhoDidIt() throws {
        try Workbench.run { bench in
            try furnish(bench)
            let key = try bench.key(["write:leads"])
            _ = try bench.send(.patch, "/api/v1/leads/1", #"{"notes": "x"}"#, key: key)
            let lead = try bench.send(.delete, lead: 1)
            #expect(lead.status == 204)
            _ = try bench.connection.write { try Lead.restore(1, $0, now: Workbench.now) }
            let actors = try bench.history(1).map { $0["actor"]?.minified }
            #expect(
                actors == [
                    #"{"type":"command_line","id":null,"name":null}"#, #"{"type":"key","id":1,"name":"all"}"#,
                    #"{"type":"key","id":2,"name":"test"}"#, #"{"type":"key","id":1,"name":"all"}"#,
                ]
            )
        }
    }

    @Test func showsTheNewestFirstPageByPage() throws {
        try Workbench.run { bench in
            try furnish(bench)
            _ = try bench.lead(#"{"first_name": "Other"}"#)
            for number in 1...6 {
                _ = try bench.send(
                    .patch, lead: 1, "", "{\"lead_score\": \(number)}", now: Workbench.now - Int64(number))
            }
            var target: String? = "/api/v1/leads/1/activities?per_page=3"
            var (ids, pages): ([Int64], Int) = ([], 0)
            while let current = target, pages < 9 {
                let page = try bench.get(current)
                #expect(page["meta", "total"] == 7)
                #expect(page["meta", "last_page"] == 3)
                ids += page.ids
                pages += 1
                target = page["links", "next"]?.string.map { String($0.dropFirst(Workbench.origin.count)) }
            }
            #expect(pages == 3)
            #expect(ids == [8, 7, 6, 5, 4, 3, 1])
            let past = try bench.get("/api/v1/leads/1/activities?page=4&per_page=3")
            #expect(past.ids == [])
            #expect(past["meta", "from"] == .null)
            let first: JSONValue = "https://crm.example.com/api/v1/leads/1/activities?per_page=3&page=1"
            #expect(past["links", "first"] == first)
        }
    }

    @Test(arguments: [
        ("?page=0", 422), ("?per_page=x", 422), ("?cursor=", 422), ("?type=created", 422), ("?page=1&page=1", 422),
        ("?page=%", 400), ("/1", 404), ("/", 404),
    ])
    func refusesWhatItDoesNotKnow(more: String, status: Int) throws {
        try Workbench.run { bench in
            try furnish(bench)
            #expect(try bench.send(.get, lead: 1, "/activities\(more)").status == status)
        }
    }

    @Test func needsToReadLeads() throws {
        try Workbench.run { bench in
            try furnish(bench)
            let target = "/api/v1/leads/1/activities"
            #expect(try bench.get(target, key: try bench.key(["write:leads"])).status == 403)
            #expect(try bench.get(target, key: try bench.key(["read:leads"])).status == 200)
            #expect(try bench.get("/api/v1/leads/9/activities").status == 404)
        }
    }

    private func furnish(_ bench: Workbench) throws {
        _ = (try bench.user("a@example.com"), try bench.user("b@example.com"))
        _ = try bench.pipeline("Sales", ["Open", "Won"])
        _ = try bench.lead(
            #"{"first_name": "A", "assigned_user_id": 1, "custom_fields": {"a": 1}, "tags": ["a", "b"]}"#
        )
    }
}
