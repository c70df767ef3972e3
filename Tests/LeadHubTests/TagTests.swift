import HTTP
import HTTPTypes
import Testing

@testable import LeadHub

/// What is special about tags; `RecordTests` has what they share with the others.
@Suite struct TagTests {
    private static let later = Workbench.now + 60

    @Test func beginsWithTheContractsDefaults() throws {
        try Workbench.run { bench in
            let expected = """
                {"id":1,"name":"vip","color":"#6B7280","leads_count":0,\
                "created_at":"2026-09-21T14:13:20+00:00","updated_at":"2026-09-21T14:13:20+00:00"}
                """
            let created = try bench.data("/tags", #"{"name": "vip"}"#)
            #expect(created.minified == expected)
            #expect(try bench.data("/tags", ##"{"name": "b", "color": "#aAbB01"}"##)["color"] == "#aAbB01")
            let longest = String(repeating: "🔥", count: 64)
            #expect(try bench.data("/tags", "{\"name\": \"\(longest)\"}")["name"] == .string(longest))
        }
    }

    @Test func isTheOneThatLeadsAreGiven() throws {
        try Workbench.run { bench in
            _ = try bench.data("/tags", ##"{"name": "Hot Lead", "color": "#ff0000"}"##)
            _ = try bench.lead(#"{"first_name": "A", "tags": ["HOT LEAD", "new"]}"#)
            #expect(try bench.record(1)["tags"] == ["Hot Lead", "new"])
            #expect(try bench.names("/tags") == ["Hot Lead", "new"])
            #expect(try bench.data("/tags/1")["color"] == "#ff0000")
            #expect(try bench.ask(.post, "/tags", #"{"name": "NEW"}"#).status == 422)
        }
    }

    // MARK: - Names

    @Test(arguments: ["VIP", "gold", "Ünder \\\"quotes\\\" \\\\ 👩‍💻", "rarest"])
    func showsItsNewNameOnEveryLead(name: String) throws {
        try Workbench.run { bench in
            _ = try bench.lead(#"{"first_name": "A", "tags": ["a", "vip", "z"]}"#)
            _ = try bench.lead(#"{"first_name": "B", "tags": ["vip"]}"#)
            _ = try bench.lead(#"{"first_name": "C", "tags": ["a", "vip 2"]}"#)
            _ = try bench.lead(#"{"first_name": "D", "tags": ["vip"]}"#)
            #expect(try bench.send(.delete, lead: 4).status == 204)
            let untouched = try bench.record(3)
            let answer = try bench.ask(.patch, "/tags/2", "{\"name\": \"\(name)\"}", now: Self.later)
            #expect(answer.status == 200, "\(answer.text)")
            let shown = try #require(answer["data", "name"])

            #expect(try bench.record(1)["tags"] == ["a", shown, "z"])
            #expect(try bench.record(2)["tags"] == [shown])
            #expect(try bench.record(3) == untouched)
            #expect(try bench.connection.write { try Lead.restore(4, $0, now: Self.later) })
            #expect(try bench.record(4)["tags"] == [shown])
            let text = try #require(shown.string)
            #expect(try bench.found("tag=\(text.escaped)") == [1, 2, 4])
            #expect(try bench.found("tag=vip") == (name == "VIP" ? [1, 2, 4] : []))
            #expect(try bench.names("/tags?search=\(text.escaped)").contains(text))
            #expect(try bench.data("/tags/2")["leads_count"] == 3)
            let (kept, counted) = try bench.counts()
            #expect(kept == counted)
            // The tag goes on under its new name, and the old one is free.
            #expect(try bench.send(.delete, lead: 1, "/tags/\(text.escaped)").status == 204)
            if name != "VIP" { #expect(try bench.data("/tags", #"{"name": "vip"}"#)["leads_count"] == 0) }
        }
    }

    @Test func takesNoNameThatAnotherTagHas() throws {
        try Workbench.run { bench in
            _ = try bench.lead(#"{"first_name": "A", "tags": ["vip", "Élite"]}"#)
            let contents = try bench.contents()
            for name in ["Élite", "élite", "ELITE"] {
                let answer = try bench.ask(.put, "/tags/1", "{\"name\": \"\(name)\"}")
                #expect(answer.status == 422)
                #expect(answer["errors"]?.minified == #"{"name":["The name has already been taken."]}"#)
            }
            #expect(try bench.contents() == contents)
        }
    }

    @Test func leavesItsLeadsAsTheyAreWhereOnlyItsColorChanges() throws {
        try Workbench.run { bench in
            _ = try bench.lead(#"{"first_name": "A", "tags": ["vip"]}"#)
            let lead = try bench.send(.get, lead: 1).text
            #expect(try bench.ask(.patch, "/tags/1", ##"{"color": "#000000"}"##, now: Self.later).status == 200)
            #expect(try bench.send(.get, lead: 1).text == lead)
        }
    }

    // MARK: - Deleting

    @Test func comesOffEveryLead() throws {
        try Workbench.run { bench in
            _ = try bench.lead(#"{"first_name": "A", "tags": ["a", "vip", "z"]}"#)
            _ = try bench.lead(#"{"first_name": "B", "tags": ["vip"]}"#)
            _ = try bench.lead(#"{"first_name": "C", "tags": ["a"]}"#)
            _ = try bench.lead(#"{"first_name": "D", "tags": ["vip", "a"]}"#)
            #expect(try bench.send(.delete, lead: 4).status == 204)
            let (first, third) = (try bench.record(1), try bench.record(3))
            #expect(try bench.ask(.delete, "/tags/2", now: Self.later).status == 204)

            let changed: [(String, JSONValue)] = [("tags", ["a", "z"]), ("updated_at", "2026-09-21T14:14:20+00:00")]
            #expect(try bench.record(1) == first.replacing(changed.map { (name: $0.0, value: $0.1) }))
            #expect(try bench.record(2)["tags"] == [])
            #expect(try bench.record(3) == third)
            let entry = try #require(try bench.history(2).first)
            #expect(entry["type"] == "tag_removed")
            #expect(entry["details"]?.minified == #"{"tag":"vip"}"#)
            #expect(entry["actor"]?["type"] == "key")
            #expect(try bench.found("tag=vip") == [])
            #expect(try bench.names("/tags") == ["a", "z"])
            #expect(try bench.connection.write { try Lead.restore(4, $0, now: Self.later) })
            #expect(try bench.record(4)["tags"] == ["a"])
            #expect(try bench.history(4).map { $0["type"] } == ["restored", "deleted", "created"])
            let (kept, counted) = try bench.counts()
            #expect(kept == counted)
            // A new one of the name has none of them.
            #expect(try bench.data("/tags", #"{"name": "vip"}"#)["leads_count"] == 0)
        }
    }

    @Test func countsTheLeadsThatHaveIt() throws {
        try Workbench.run { bench in
            func count() throws -> Int64? { try bench.data("/tags/1")["leads_count"]?.integer }
            for name in ["A", "B", "C"] { _ = try bench.lead("{\"first_name\": \"\(name)\", \"tags\": [\"vip\"]}") }
            #expect(try count() == 3)
            #expect(try bench.send(.delete, lead: 1).status == 204)
            #expect(try count() == 2)
            #expect(try bench.send(.patch, lead: 2, "", #"{"tags": ["other"]}"#).status == 200)
            #expect(try count() == 1)
            #expect(try bench.connection.write { try Lead.restore(1, $0, now: Self.later) })
            #expect(try count() == 2)
            #expect(try bench.send(.delete, lead: 3, "/tags/VIP").status == 204)
            #expect(try count() == 1)
        }
    }
}
