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

    @Test func hasItsNewNameInFormsAndAutomations() throws {
        try Workbench.run { bench in
            let other = try bench.key(["*"], in: try bench.workspace("other"))
            for key in [bench.key, other] {
                _ = try bench.lead(#"{"first_name": "A", "tags": ["vip", "gold"]}"#, key: key)
                try Self.name(#"["a", "VIP", "z"]"#, bench, key: key)
            }
            try Self.name(#"["gold"]"#, bench, tag: "gold", key: bench.key)
            let (gold, theirs) = (try Self.named(bench, 3), try Self.named(bench, 2, key: other))

            // Its own name in other letters, another one, and one that a form has named already.
            for name in ["Vip", "Partner", "Z"] {
                let answer = try bench.ask(.patch, "/tags/1", "{\"name\": \"\(name)\"}", now: Self.later)
                #expect(answer.status == 200, "\(answer.text)")
                let tags = name == "Z" ? #"["a","Z"]"# : #"["a","\#(name)","z"]"#
                #expect(
                    try Self.named(bench, 1).steps == """
                        {"type":"tag_added","config":{"tag":"\(name)"}}\
                        [{"type":"action","action":"add_tag","config":{"tag":"\(name)"}},\
                        {"type":"action","action":"remove_tag","config":{"tag":"\(name)"}},\
                        {"type":"condition","config":{"field":"tags","operator":"has_tag","value":"\(name)"}},\
                        {"type":"condition","config":{"field":"tags","operator":"lacks_tag","value":"\(name)"}},\
                        {"type":"condition","config":{"field":"tags","operator":"contains","value":"vip"}},\
                        {"type":"condition","config":{"field":"company","operator":"equals","value":"vip"}},\
                        {"type":"action","action":"update_field","config":{"field":"tags","value":\(tags)}},\
                        {"type":"action","action":"update_field","config":{"field":"company","value":"vip"}}]
                        """
                )
                #expect(try Self.named(bench, 1).tags == tags)
            }
            #expect(try bench.data("/forms/1")["updated_at"] == "2026-09-21T14:13:20+00:00")
            #expect(try Self.named(bench, 3) == gold)
            #expect(try Self.named(bench, 2, key: other) == theirs)
            // The steps can be sent back, and the form gives the tag by its new name.
            let whole = try bench.data("/automations/1")
            #expect(try bench.ask(.put, "/automations/1", whole.minified)["data"] == whole)
            _ = try bench.submit(#"{"email": "b@example.com"}"#)
            #expect(try bench.names("/tags") == ["a", "gold", "Z"])
        }
    }

    /// In whatever letters they name it, however JSON writes it.
    @Test(arguments: ["ÉLITE \\\"a\\\"", "élite \\\"A\\\"", "elite \\\"a\\\""])
    func isKnownToFormsAndAutomationsByAnySpelling(name: String) throws {
        try Workbench.run { bench in
            _ = try bench.lead(#"{"first_name": "A", "tags": ["Élite \"a\""]}"#)
            try Self.name("[\"\(name)\"]", bench, tag: name, key: bench.key)
            #expect(try bench.ask(.patch, "/tags/1", #"{"name": "Plain"}"#).status == 200)
            let named = try Self.named(bench, 1)
            #expect(named.tags == #"["Plain"]"#)
            #expect(named.steps?.contains(#"{"type":"tag_added","config":{"tag":"Plain"}}"#) == true)
            #expect(named.steps?.contains(#""field":"tags","value":["Plain"]"#) == true)
        }
    }

    /// What names no tag is not taken apart while others wait to write.
    @Test func isRenamedAtOnceBesideMuchThatDoesNotNameIt() throws {
        try Workbench.run { bench in
            _ = try bench.lead(#"{"first_name": "A", "tags": ["vip", "gold"]}"#)
            try Self.name(#"["gold"]"#, bench, tag: "gold", key: bench.key)
            let text = String(repeating: "é ", count: 20_000)
            let note = "{\"type\":\"action\",\"action\":\"add_note\",\"config\":{\"text\":\"\(text)\"}}"
            let steps = "[" + Array(repeating: note, count: 15).joined(separator: ",") + "]"
            try bench.execute("UPDATE automation SET steps = ?", [steps])
            for _ in 1...4 {
                try bench.execute(
                    """
                    INSERT INTO automation (workspace_id, name, name_folded, is_active, trigger, steps, created_at, updated_at)
                    SELECT workspace_id, name, name_folded, is_active, trigger, steps, created_at, updated_at FROM automation
                    """
                )
            }
            let began = ContinuousClock.now
            #expect(try bench.ask(.patch, "/tags/1", #"{"name": "partner"}"#).status == 200)
            #expect(ContinuousClock.now - began < .seconds(1))
        }
    }

    @Test func isGivenByNoFormOnceItIsGone() throws {
        try Workbench.run { bench in
            _ = try bench.lead(#"{"first_name": "A", "tags": ["vip", "gold"]}"#)
            try Self.name(#"["a", "VIP", "z"]"#, bench, key: bench.key)
            try Self.name(#"["gold"]"#, bench, tag: "gold", key: bench.key)
            let (before, gold) = (try Self.named(bench, 1), try Self.named(bench, 2))
            #expect(try bench.ask(.delete, "/tags/1", now: Self.later).status == 204)
            #expect(try Self.named(bench, 1).tags == #"["a","z"]"#)
            #expect(try bench.data("/forms/1")["updated_at"] == "2026-09-21T14:14:20+00:00")
            #expect(try bench.data("/forms/2")["updated_at"] == "2026-09-21T14:13:20+00:00")
            #expect(try Self.named(bench, 2) == gold)
            #expect(try Self.named(bench, 1).steps == before.steps)
            _ = try bench.submit(#"{"email": "b@example.com"}"#)
            #expect(try bench.names("/tags") == ["a", "gold", "z"])
        }
    }

    /// Makes a form that gives these tags, and an automation that names one wherever that can be.
    private static func name(_ tags: String, _ bench: Workbench, tag: String = "vip", key: String) throws {
        let steps = """
            [{"type": "action", "action": "add_tag", "config": {"tag": "\(tag)"}},
            {"type": "action", "action": "remove_tag", "config": {"tag": "\(tag)"}},
            {"type": "condition", "config": {"field": "tags", "operator": "has_tag", "value": "\(tag)"}},
            {"type": "condition", "config": {"field": "tags", "operator": "lacks_tag", "value": "\(tag)"}},
            {"type": "condition", "config": {"field": "tags", "operator": "contains", "value": "\(tag)"}},
            {"type": "condition", "config": {"field": "company", "operator": "equals", "value": "\(tag)"}},
            {"type": "action", "action": "update_field", "config": {"field": "tags", "value": \(tags)}},
            {"type": "action", "action": "update_field", "config": {"field": "company", "value": "\(tag)"}}]
            """
        let trigger = "{\"type\": \"tag_added\", \"config\": {\"tag\": \"\(tag)\"}}"
        for (target, body) in [
            ("forms", "{\"name\": \"A\", \"settings\": {\"tags\": \(tags)}}"),
            ("automations", "{\"name\": \"A\", \"trigger\": \(trigger), \"steps\": \(steps)}"),
        ] {
            let answer = try bench.post("/api/v1/\(target)", body, key: key)
            try #require(answer.status == 201, "\(answer.text)")
        }
    }

    /// The tags that a form gives, and the trigger and steps of the automation of the same id.
    private static func named(
        _ bench: Workbench, _ id: Int64, key: String? = nil,
    ) throws -> (tags: String?, steps: String?) {
        let form = try bench.get("/api/v1/forms/\(id)", key: key)
        let automation = try bench.get("/api/v1/automations/\(id)", key: key)
        let steps = ["trigger", "steps"].compactMap { automation["data", $0]?.minified }.joined()
        return (form["data", "settings", "tags"]?.minified, steps)
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
