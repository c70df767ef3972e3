import HTTP
import HTTPTypes
import Testing

@testable import LeadHub

/// The record of an automation: its life, its list, and all that it can be made of.
@Suite struct AutomationTests {
    private static let path = "/api/v1/automations"
    private static let later = Workbench.now + 60

    // MARK: - Life

    @Test func livesFromCreationToRemoval() throws {
        try Workbench.run { bench in
            try bench.furnish()
            let made = try bench.post(
                Self.path,
                """
                {"name": " Welcome ", "description": "For new ones", "is_active": true,
                 "trigger": {"type": "lead_created", "config": {"sources": ["web_form", "Web_Form"]}},
                 "steps": [{"type": "delay", "config": {"value": 1, "unit": "days"}},
                     {"type": "action", "action": "add_tag", "config": {"tag": "VIP"}}]}
                """,
            )
            #expect(made.status == 201, "\(made.text)")
            #expect(made.header("Location") == "\(Workbench.origin)\(Self.path)/1")
            #expect(
                made.text == """
                    {"data":{"id":1,"name":"Welcome","description":"For new ones","is_active":true,\
                    "trigger":{"type":"lead_created","config":{"sources":["web_form"]}},\
                    "steps":[{"type":"delay","config":{"unit":"days","value":1}},\
                    {"type":"action","action":"add_tag","config":{"tag":"VIP"}}],\
                    "runs_count":0,"last_run_at":null,\
                    "created_at":"2026-09-21T14:13:20+00:00","updated_at":"2026-09-21T14:13:20+00:00"}}
                    """
            )
            let shown = try bench.get("\(Self.path)/1")
            #expect(shown.text == made.text)
            #expect(shown.header("ETag") == made.header("ETag"))

            let changed = try bench.send(
                .patch, "\(Self.path)/1", #"{"is_active": false, "steps": []}"#, key: bench.key, now: Self.later,
            )
            #expect(changed.status == 200, "\(changed.text)")
            let expected = try #require(made["data"]).replacing([
                ("is_active", false), ("steps", []), ("updated_at", "2026-09-21T14:14:20+00:00"),
            ])
            #expect(changed["data"] == expected)

            #expect(try bench.send(.delete, "\(Self.path)/1", key: bench.key).status == 204)
            #expect(try bench.get("\(Self.path)/1").status == 404)
            #expect(try bench.get(Self.path)["meta", "total"] == 0)
            #expect(try bench.automation()["data", "id"] == 2)
        }
    }

    /// What is sent by mistake to real people cannot be called back.
    @Test func runsNothingUnlessAsked() throws {
        try Workbench.run { bench in
            let made = try bench.post(Self.path, #"{"name": "A", "trigger": {"type": "manual"}}"#)
            #expect(made.status == 201, "\(made.text)")
            #expect(made["data", "is_active"] == false)
            #expect(made["data", "steps"] == [])
            #expect(made["data", "description"] == .null)
            #expect(made["data", "trigger"]?.minified == #"{"type":"manual","config":{}}"#)
            let other = try bench.post(
                Self.path, #"{"name": "A", "trigger": {"type": "manual"}, "steps": null, "is_active": null}"#,
            )
            #expect(other.status == 201, "names may be the same: \(other.text)")
            #expect(other["data", "is_active"] == false)
            #expect(other["data", "steps"] == [])
        }
    }

    @Test func replacesTriggerAndStepsAsWholes() throws {
        try Workbench.run { bench in
            try bench.furnish()
            let steps = #"[{"type": "delay", "config": {"value": 1, "unit": "days"}}]"#
            _ = try bench.automation(#"{"type": "tag_added", "config": {"tag": "vip"}}"#, steps: steps)
            for method in [HTTPRequest.Method.put, .patch] {
                let body = """
                    {"trigger": {"type": "lead_stage_changed", "config": {"to_stage_id": 1}},
                     "steps": [{"type": "action", "action": "adjust_score", "config": {"points": -5}}]}
                    """
                let answer = try bench.send(method, "\(Self.path)/1", body, key: bench.key)
                #expect(answer.status == 200, "\(answer.text)")
                #expect(answer["data", "name"] == "A")
                #expect(
                    answer["data", "trigger"]?.minified
                        == #"{"type":"lead_stage_changed","config":{"from_stage_id":null,"to_stage_id":1}}"#
                )
                #expect(
                    answer["data", "steps"]?.minified
                        == #"[{"type":"action","action":"adjust_score","config":{"points":-5}}]"#
                )
                _ = try bench.send(method, "\(Self.path)/1", #"{"steps": null}"#, key: bench.key)
                #expect(try bench.automation(1)["steps"] == [])
            }
        }
    }

    @Test func isListedLikeOtherNamedRecords() throws {
        try Workbench.run { bench in
            for name in ["Élan", "beta", "Alpha", "eland"] {
                let body = #"{"name": "\#(name)", "trigger": {"type": "manual"}}"#
                #expect(try bench.post(Self.path, body).status == 201)
            }
            #expect(try bench.get(Self.path).ids == [3, 2, 1, 4])
            #expect(try bench.get("\(Self.path)?sort=id&direction=desc").ids == [4, 3, 2, 1])
            #expect(try bench.get("\(Self.path)?sort=created_at").ids == [1, 2, 3, 4])
            #expect(try bench.get("\(Self.path)?search=ELAN").ids == [1, 4])
            let page = try bench.get("\(Self.path)?per_page=3&page=2")
            #expect(page.ids == [4])
            #expect(page["meta", "total"] == 4)
            #expect(page["data", "0"] == (try bench.automation(4)))
            #expect(try bench.get("\(Self.path)?sort=steps").status == 422)
            #expect(try bench.get("\(Self.path)?is_active=true").status == 422)
        }
    }

    // MARK: - What was read can be sent back

    @Test(arguments: triggers + steps)
    func takesBackWhatWasRead(part: Part) throws {
        try Workbench.run { bench in
            try bench.furnish()
            let made = try part.create(bench)
            try #require(made.status == 201, "\(made.text)")
            // Whatever it refers to goes, and the user whom it names is suspended.
            for target in ["tags/1", "tags/2", "pipelines/1/stages/1", "pipelines/1/stages/2", "users/1"] {
                try #require(try bench.send(.delete, "/api/v1/\(target)", key: bench.key).status == 204)
            }
            _ = try bench.send(.patch, "/api/v1/users/2", #"{"status": "suspended"}"#, key: bench.key)
            try bench.execute("DELETE FROM form")
            try bench.execute("DELETE FROM integration")
            let record = try bench.automation(1)
            #expect(record == made["data"])
            for method in [HTTPRequest.Method.put, .patch] {
                let answer = try bench.send(
                    method, "\(Self.path)/1", record.minified, key: bench.key, now: Self.later,
                )
                #expect(answer.status == 200, "\(answer.text)")
                #expect(answer.text == made.text)
            }
            let renamed = record.replacing([("name", "B")])
            let answer = try bench.send(.put, "\(Self.path)/1", renamed.minified, key: bench.key)
            #expect(answer.status == 200, "\(answer.text)")
            #expect(answer["data"] == renamed)
        }
    }

    /// One step that refers to something gone is accepted only as long as the steps stay as they are.
    @Test func missesWhatIsGoneOnceStepsChange() throws {
        try Workbench.run { bench in
            try bench.furnish()
            let gone = #"{"type": "action", "action": "assign_user", "config": {"mode": "user", "user_id": 1}}"#
            _ = try bench.automation(steps: "[\(gone)]")
            _ = try bench.send(.delete, "/api/v1/users/1", key: bench.key)
            let note = #"{"type": "action", "action": "add_note", "config": {"text": "Hi"}}"#
            let answer = try bench.send(
                .put, "\(Self.path)/1", "{\"steps\": [\(note), \(gone)]}", key: bench.key,
            )
            #expect(answer.status == 422)
            #expect(
                answer["errors"]?.minified
                    == #"{"steps.1.config.user_id":["The selected steps.1.config.user id is invalid."]}"#
            )
        }
    }

    // MARK: - All that there is

    /// A trigger or a step, as it is sent and as it reads.
    struct Part: CustomTestStringConvertible, Sendable {
        let isTrigger: Bool
        let sent: String
        let read: String

        var testDescription: String { sent }

        func create(_ bench: Workbench) throws -> Answer {
            isTrigger ? try bench.automation(sent) : try bench.automation(steps: "[\(sent)]")
        }
    }

    private static func trigger(_ type: String, _ config: String?, reads: String) -> Part {
        Part(
            isTrigger: true, sent: "{\"type\": \"\(type)\"\(config.map { ", \"config\": \($0)" } ?? "")}",
            read: "{\"type\":\"\(type)\",\"config\":\(reads)}",
        )
    }

    private static func step(_ type: String, _ config: String, reads: String) -> Part {
        Part(
            isTrigger: false, sent: "{\"config\": \(config), \"type\": \"\(type)\"}",
            read: "{\"type\":\"\(type)\",\"config\":\(reads)}",
        )
    }

    private static func action(_ action: String, _ config: String, reads: String? = nil) -> Part {
        Part(
            isTrigger: false, sent: "{\"type\":\"action\",\"action\":\"\(action)\",\"config\":\(config)}",
            read: "{\"type\":\"action\",\"action\":\"\(action)\",\"config\":\(reads ?? config)}",
        )
    }

    static let triggers: [Part] = [
        trigger("lead_created", nil, reads: #"{"sources":[]}"#),
        trigger("lead_created", "null", reads: #"{"sources":[]}"#),
        trigger("lead_created", #"{"sources": null}"#, reads: #"{"sources":[]}"#),
        trigger("lead_created", #"{"sources": ["zapier", " api "]}"#, reads: #"{"sources":["zapier","api"]}"#),
        trigger("lead_stage_changed", "{}", reads: #"{"from_stage_id":null,"to_stage_id":null}"#),
        trigger(
            "lead_stage_changed", #"{"to_stage_id": 2, "from_stage_id": 1}"#,
            reads: #"{"from_stage_id":1,"to_stage_id":2}"#,
        ),
        trigger("lead_assigned", nil, reads: "{}"), trigger("lead_assigned", "{}", reads: "{}"),
        trigger("tag_added", #"{"tag": " hot LEAD "}"#, reads: #"{"tag":"hot LEAD"}"#),
        trigger(
            "lead_score_crossed", #"{"threshold": 50, "direction": "above"}"#,
            reads: #"{"threshold":50,"direction":"above"}"#,
        ),
        trigger(
            "lead_score_crossed", #"{"threshold": -1000000, "direction": "below"}"#,
            reads: #"{"threshold":-1000000,"direction":"below"}"#,
        ),
        trigger("no_activity", #"{"value": 14, "unit": "days"}"#, reads: #"{"unit":"days","value":14}"#),
        trigger("form_submitted", nil, reads: #"{"form_id":null}"#),
        trigger("form_submitted", #"{"form_id": 1}"#, reads: #"{"form_id":1}"#),
        trigger("manual", nil, reads: "{}"),
    ]

    static let steps: [Part] =
        actions + [
            step("delay", #"{"value": 1, "unit": "minutes"}"#, reads: #"{"unit":"minutes","value":1}"#),
            step("delay", #"{"value": 525600, "unit": "minutes"}"#, reads: #"{"unit":"minutes","value":525600}"#),
            step("delay", #"{"value": 8760, "unit": "hours"}"#, reads: #"{"unit":"hours","value":8760}"#),
            step("delay", #"{"value": 365, "unit": "days"}"#, reads: #"{"unit":"days","value":365}"#),
            step(
                "condition", #"{"field": "assigned_user_id", "operator": "equals", "value": 3}"#,
                reads: #"{"field":"assigned_user_id","operator":"equals","value":3}"#,
            ),
            step(
                "condition", #"{"field": "tags", "operator": "has_tag", "value": "VIP"}"#,
                reads: #"{"field":"tags","operator":"has_tag","value":"VIP"}"#,
            ),
            step(
                "condition", #"{"field": "pipeline_stage_id", "operator": "not_equals", "value": 2}"#,
                reads: #"{"field":"pipeline_stage_id","operator":"not_equals","value":2}"#,
            ),
        ]

    private static let actions: [Part] = [
        action("add_tag", #"{"tag":"vip"}"#), action("remove_tag", #"{"tag":"HOT LEAD"}"#),
        action("assign_user", #"{"mode":"user","user_id":1}"#),
        action("assign_user", #"{"mode":"round_robin","user_ids":[2,1]}"#),
        action("move_to_stage", #"{"pipeline_stage_id":2}"#), action("change_status", #"{"status":"qualified"}"#),
        action("update_field", #"{"field":"company","value":"{{lead.last_name}} & Co"}"#),
        action("update_field", #"{"field":"email","value":null}"#),
        action("update_field", #"{"field":"starred","value":true}"#),
        action(
            "update_field", #"{"field":"deal_value","value":1250.50}"#, reads: #"{"field":"deal_value","value":1250.5}"#
        ),
        action("update_field", #"{"field":"assigned_user_id","value":2}"#),
        action("update_field", #"{"field":"tags","value":["vip","new"]}"#),
        action("update_field", #"{"field":"tags","value":null}"#),
        action("update_field", #"{"field":"custom_fields","value":{"a":1,"b":"{{lead.email}}","c":null}}"#),
        action("update_field", #"{"field":"custom_fields.budget","value":1000.123}"#),
        action("update_field", #"{"field":"custom_fields.a b.c","value":"{{lead.custom_fields.x y}}"}"#),
        action("update_field", #"{"field":"custom_fields.budget","value":null}"#),
        action("adjust_score", #"{"points":-10}"#),
        action("add_note", #"{"text":"Called {{ lead.first_name }} about {{lead.custom_fields.budget}}\n}}"}"#),
        action("send_email", #"{"to":"lead","subject":"Hello {{lead.first_name}}","body":"I am {{user.name}}."}"#),
        action("send_email", #"{"to":"assignee","subject":"New","body":"Look"}"#),
        action("send_email", #"{"to":"Sales@example.com","subject":"New","body":"Look"}"#),
        action("send_notification", #"{"user_ids":[1,2],"message":"{{lead.email}} is hot"}"#),
        action(
            "send_webhook", #"{"url":"https://hooks.example.com/a?b=c"}"#,
            reads: #"{"url":"https://hooks.example.com/a?b=c","secret":null}"#,
        ),
        action(
            "send_webhook", #"{"secret":"whsec_0123456789","url":"https://hooks.example.com"}"#,
            reads: #"{"url":"https://hooks.example.com","secret":"********6789"}"#,
        ),
        action("send_slack", #"{"integration_id":1,"text":"New lead: {{lead.email}}"}"#),
    ]

    /// And the document allows what is sent and what is answered.
    @Test(arguments: triggers + steps)
    func takesEveryTriggerAndStep(part: Part) throws {
        try Workbench.run { bench in
            try bench.furnish()
            let made = try part.create(bench)
            #expect(made.status == 201, "\(made.text)")
            let (checker, sent) = (DocumentTests.checker, try JSONValue(reading: part.sent))
            let body: JSONValue =
                part.isTrigger
                ? ["name": "A", "trigger": sent] : ["name": "A", "trigger": ["type": "manual"], "steps": [sent]]
            #expect(checker.problems(body, JSONSchema.reference("NewAutomation")) == [])
            #expect(checker.problems(made.json ?? .null, JSONSchema.reference("AutomationRecord")) == [])
            let read = part.isTrigger ? made["data", "trigger"] : made["data", "steps", "0"]
            #expect(read?.minified == part.read)
        }
    }

    @Test func hasExamplesOfAllThatTheContractNames() {
        let sent = (Self.triggers + Self.steps).map(\.sent)
        let names = """
            lead_created lead_stage_changed lead_assigned tag_added lead_score_crossed no_activity form_submitted manual \
            condition delay add_tag remove_tag assign_user move_to_stage change_status update_field adjust_score add_note \
            send_email send_notification send_webhook send_slack
            """
        for name in names.split(separator: " ") { #expect(sent.contains { $0.contains("\"\(name)\"") }, "\(name)") }
    }

    @Test func takesFiftyStepsAndNoMore() throws {
        try Workbench.run { bench in
            let step = #"{"type": "action", "action": "adjust_score", "config": {"points": 1}}"#
            let fifty = Array(repeating: step, count: 50).joined(separator: ", ")
            let made = try bench.automation(steps: "[\(fifty)]")
            #expect(made["data", "steps"]?.elements.count == 50, "\(made.text)")
            let errors = #"{"steps":["The steps field must not have more than 50 items."]}"#
            #expect(try bench.automation(steps: "[\(fifty), \(step)]")["errors"]?.minified == errors)
            #expect(try bench.automation(steps: "[\(fifty), null]")["errors"]?.minified == errors)
        }
    }

    /// What decides has changed: then nothing beside it is the record's own any more.
    @Test func completesAConfigWhoseTypeChanges() throws {
        try Workbench.run { bench in
            _ = try bench.automation(#"{"type": "manual", "config": {}}"#)
            let body = #"{"trigger": {"type": "form_submitted", "config": {}}}"#
            let answer = try bench.send(.patch, "/api/v1/automations/1", body, key: bench.key)
            #expect(answer["data", "trigger", "config"]?.minified == #"{"form_id":null}"#, "\(answer.text)")
        }
    }
}
