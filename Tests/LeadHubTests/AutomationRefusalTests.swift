import HTTP
import HTTPTypes
import Testing

@testable import LeadHub

/// What will not do in an automation: each with its path and its message, and none of it leaves a trace. What there is to
/// refer to stands at `Workbench.furnish`.
@Suite struct AutomationRefusalTests {
    struct Case: CustomTestStringConvertible, Sendable {
        /// The body's members beside `name`.
        let members: String
        let errors: String

        var testDescription: String { String(members.prefix(120)) }
    }

    // MARK: - The cases

    private static let record: [Case] = [
        record(#""trigger": null"#, "trigger", .is("is required.")),
        record(#""trigger": {"type": "manual"}, "step": []"#, "step", .is("is unknown.")),
        record(#""trigger": {"type": "manual"}, "is_active": 1"#, "is_active", .is("must be true or false.")),
        record(#""trigger": {"type": "manual"}, "description": []"#, "description", .is("must be a string.")),
    ]

    private static let triggers: [Case] = [
        trigger(#""manual""#, "", .is("must be an object.")), trigger("[]", "", .is("must be an object.")),
        trigger("5", "", .is("must be an object.")), trigger("{}", ".type", .is("is required.")),
        trigger(#"{"config": {}}"#, ".type", .is("is required.")),
        trigger(#"{"type": null}"#, ".type", .is("is required.")),
        trigger(#"{"type": true}"#, ".type", .is("must be a string.")),
        trigger(#"{"type": "lead_deleted"}"#, ".type", .selected),
        trigger(#"{"type": "condition"}"#, ".type", .selected),
        trigger(#"{"type": "Manual"}"#, ".type", .selected),
        trigger(#"{"type": "manual", "config": []}"#, ".config", .is("must be an object.")),
        trigger(#"{"type": "manual", "config": {"x": null}}"#, ".config.x", .is("is unknown.")),
        trigger(#"{"type": "manual", "tag": "vip"}"#, ".tag", .is("is unknown.")),
        trigger(#"{"type": "lead_assigned", "config": {"user_id": 1}}"#, ".config.user_id", .is("is unknown.")),
        trigger(#"{"type": "lead_created", "config": {"source": "api"}}"#, ".config.source", .is("is unknown.")),
        trigger(
            #"{"type": "lead_created", "config": {"sources": "api"}}"#, ".config.sources", .is("must be an array.")),
        trigger(
            #"{"type": "lead_created", "config": {"sources": ["a", 5]}}"#, ".config.sources.1", .is("must be a string.")
        ),
        trigger(#"{"type": "lead_created", "config": {"sources": [""]}}"#, ".config.sources.0", .is("is required.")),
        trigger(
            #"{"type": "lead_stage_changed", "config": {"to_stage_id": "1"}}"#, ".config.to_stage_id",
            .is("must be an integer.")
        ),
        trigger(
            #"{"type": "lead_stage_changed", "config": {"from_stage_id": 0}}"#, ".config.from_stage_id",
            .is("must be at least 1.")
        ),
        trigger(#"{"type": "lead_stage_changed", "config": {"from_stage_id": 3}}"#, ".config.from_stage_id", .selected),
        trigger(#"{"type": "lead_stage_changed", "config": {"to_stage_id": 99}}"#, ".config.to_stage_id", .selected),
        trigger(#"{"type": "tag_added"}"#, ".config.tag", .is("is required.")),
        trigger(#"{"type": "tag_added", "config": null}"#, ".config.tag", .is("is required.")),
        trigger(#"{"type": "tag_added", "config": {"tag": " "}}"#, ".config.tag", .is("is required.")),
        trigger(#"{"type": "tag_added", "config": {"tag": ["vip"]}}"#, ".config.tag", .is("must be a string.")),
        trigger(
            "{\"type\": \"tag_added\", \"config\": {\"tag\": \"\(String(repeating: "x", count: 65))\"}}", ".config.tag",
            .is("must not be greater than 64 characters.")
        ),
        trigger(#"{"type": "tag_added", "config": {"tag": "gone"}}"#, ".config.tag", .selected),
        trigger(#"{"type": "tag_added", "config": {"tag": "theirs"}}"#, ".config.tag", .selected),
        trigger(
            #"{"type": "lead_score_crossed", "config": {"direction": "above"}}"#, ".config.threshold",
            .is("is required.")
        ),
        trigger(
            #"{"type": "lead_score_crossed", "config": {"threshold": 1.5, "direction": "above"}}"#, ".config.threshold",
            .is("must be an integer.")
        ),
        trigger(
            #"{"type": "lead_score_crossed", "config": {"threshold": 1000001, "direction": "above"}}"#,
            ".config.threshold", .is("must be between -1000000 and 1000000.")
        ),
        trigger(
            #"{"type": "lead_score_crossed", "config": {"threshold": 1, "direction": "up"}}"#, ".config.direction",
            .selected
        ),
        trigger(
            #"{"type": "lead_score_crossed", "config": {"threshold": 1}}"#, ".config.direction", .is("is required.")),
        trigger(#"{"type": "no_activity", "config": {"value": 1}}"#, ".config.unit", .is("is required.")),
        trigger(#"{"type": "no_activity", "config": {"value": 1, "unit": "weeks"}}"#, ".config.unit", .selected),
        trigger(
            #"{"type": "no_activity", "config": {"value": 366, "unit": "days"}}"#, ".config.value",
            .is("must be between 1 and 365.")
        ),
        trigger(#"{"type": "form_submitted", "config": {"form_id": 2}}"#, ".config.form_id", .selected),
        trigger(#"{"type": "form_submitted", "config": {"form_id": 99}}"#, ".config.form_id", .selected),
        trigger(
            #"{"type": "form_submitted", "config": {"form_id": [1]}}"#, ".config.form_id", .is("must be an integer.")),
    ]

    private static let steps: [Case] = [
        steps("{}", "steps", .is("must be an array.")), steps(#""a""#, "steps", .is("must be an array.")),
        steps("[null]", "steps.0", .is("must be an object.")), steps("[[]]", "steps.0", .is("must be an object.")),
        steps(#"["delay"]"#, "steps.0", .is("must be an object.")), steps("[{}]", "steps.0.type", .is("is required.")),
        step(#"{"type": "manual"}"#, "type", .selected), step(#"{"type": {}}"#, "type", .is("must be a string.")),
        step(#"{"type": "add_tag", "config": {"tag": "vip"}}"#, "type", .selected),
        step(#"{"type": "delay", "config": 5}"#, "config", .is("must be an object.")),
        step(#"{"type": "delay", "config": {"value": 1}}"#, "config.unit", .is("is required.")),
        step(#"{"type": "delay", "config": {"unit": "days"}}"#, "config.value", .is("is required.")),
        step(
            #"{"type": "delay", "config": {"value": 0, "unit": "days"}}"#, "config.value",
            .is("must be between 1 and 365.")),
        step(
            #"{"type": "delay", "config": {"value": 8761, "unit": "hours"}}"#, "config.value",
            .is("must be between 1 and 8760.")
        ),
        step(
            #"{"type": "delay", "config": {"value": 525601, "unit": "minutes"}}"#, "config.value",
            .is("must be between 1 and 525600.")
        ),
        step(
            #"{"type": "delay", "config": {"value": "1", "unit": "days"}}"#, "config.value", .is("must be an integer.")
        ),
        step(
            #"{"type": "delay", "action": "add_tag", "config": {"value": 1, "unit": "days"}}"#, "action",
            .is("is unknown.")),
        step(#"{"type": "action", "config": {"tag": "vip"}}"#, "action", .is("is required.")),
        step(#"{"type": "action", "action": ["add_tag"]}"#, "action", .is("must be a string.")),
        step(#"{"type": "action", "action": "delay"}"#, "action", .selected),
        step(
            #"{"type": "action", "action": "add_tag", "tag": "vip", "config": {"tag": "vip"}}"#, "tag",
            .is("is unknown.")),
    ]

    private static let conditions: [Case] = [
        condition(#"{"operator": "equals", "value": 1}"#, "field", .is("is required.")),
        condition(#"{"field": "name", "operator": "equals", "value": 1}"#, "field", .selected),
        condition(#"{"field": "search_text", "operator": "equals", "value": []}"#, "field", .selected),
        condition(#"{"field": "custom_fields.", "operator": "is_empty"}"#, "field", .selected),
        condition(
            "{\"field\": \"custom_fields.\(String(repeating: "x", count: 65))\", \"operator\": \"is_empty\"}", "field",
            .selected
        ),
        condition(#"{"field": 5, "operator": "is_empty"}"#, "field", .is("must be a string.")),
        condition(#"{"field": "company"}"#, "operator", .is("is required.")),
        condition(#"{"field": "company", "operator": "matches", "value": "x"}"#, "operator", .selected),
        condition(#"{"field": "company", "operator": true, "value": "x"}"#, "operator", .is("must be a string.")),
        condition(#"{"field": "company", "operator": "has_tag", "value": "vip"}"#, "operator", .selected),
        condition(#"{"field": "tags", "operator": "equals", "value": "vip"}"#, "operator", .selected),
        condition(#"{"field": "company", "operator": "equals"}"#, "value", .is("is required.")),
        condition(#"{"field": "company", "operator": "contains", "value": null}"#, "value", .is("is required.")),
        condition(#"{"field": "company", "operator": "contains", "value": " "}"#, "value", .is("is required.")),
        condition(#"{"field": "custom_fields.a", "operator": "equals", "value": ""}"#, "value", .is("is required.")),
        condition(
            #"{"field": "custom_fields.a", "operator": "equals", "value": []}"#, "value",
            .is("must be text, a number or a boolean.")
        ),
        condition(#"{"field": "company", "operator": "contains", "value": 5}"#, "value", .is("must be a string.")),
        condition(#"{"field": "company", "operator": "equals", "value": 5}"#, "value", .is("must be a string.")),
        condition(
            #"{"field": "starred", "operator": "equals", "value": "true"}"#, "value", .is("must be true or false.")),
        condition(#"{"field": "status", "operator": "equals", "value": "won"}"#, "value", .selected),
        condition(
            #"{"field": "email", "operator": "equals", "value": "x"}"#, "value", .is("must be a valid email address.")),
        condition(
            #"{"field": "lead_score", "operator": "greater_than", "value": "5"}"#, "value", .is("must be a number.")),
        condition(
            #"{"field": "lead_score", "operator": "less_than", "value": true}"#, "value", .is("must be a number.")),
        condition(
            #"{"field": "custom_fields.a", "operator": "less_than", "value": "a"}"#, "value", .is("must be a number.")),
        condition(#"{"field": "lead_score", "operator": "equals", "value": 1.5}"#, "value", .is("must be an integer.")),
        condition(
            #"{"field": "created_at", "operator": "greater_than", "value": 5}"#, "value", .is("must be a valid date.")),
        condition(
            #"{"field": "created_at", "operator": "equals", "value": "2026-02-30"}"#, "value",
            .is("must be a valid date.")
        ),
        condition(#"{"field": "tags", "operator": "has_tag", "value": "gone"}"#, "value", .selected),
        condition(#"{"field": "tags", "operator": "lacks_tag", "value": "theirs"}"#, "value", .selected),
        condition(#"{"field": "tags", "operator": "has_tag"}"#, "value", .is("is required.")),
        condition(#"{"field": "assigned_user_id", "operator": "equals", "value": 4}"#, "value", .selected),
        condition(#"{"field": "assigned_user_id", "operator": "equals", "value": 5}"#, "value", .selected),
        condition(#"{"field": "pipeline_id", "operator": "equals", "value": 2}"#, "value", .selected),
        condition(#"{"field": "pipeline_stage_id", "operator": "not_equals", "value": 3}"#, "value", .selected),
        condition(#"{"field": "email", "operator": "is_empty", "values": []}"#, "values", .is("is unknown.")),
    ]

    private static let actions: [Case] = [
        action("add_tag", "{}", "tag", .is("is required.")),
        action("add_tag", #"{"tag": 5}"#, "tag", .is("must be a string.")),
        action("add_tag", #"{"tag": "gone"}"#, "tag", .selected),
        action("add_tag", #"{"tag": "theirs"}"#, "tag", .selected),
        action("add_tag", #"{"tags": ["vip"], "tag": "vip"}"#, "tags", .is("is unknown.")),
        action("remove_tag", #"{"tag": null}"#, "tag", .is("is required.")),
        action("remove_tag", #"{"tag": "vi"}"#, "tag", .selected),
        action("assign_user", #"{"user_id": 1}"#, "mode", .is("is required.")),
        action("assign_user", #"{"mode": "random", "user_id": 1}"#, "mode", .selected),
        action("assign_user", #"{"mode": "user"}"#, "user_id", .is("is required.")),
        action("assign_user", #"{"mode": "user", "user_id": "1"}"#, "user_id", .is("must be an integer.")),
        action("assign_user", #"{"mode": "user", "user_id": 99}"#, "user_id", .selected),
        action("assign_user", #"{"mode": "user", "user_id": 3}"#, "user_id", .selected),
        action("assign_user", #"{"mode": "user", "user_id": 4}"#, "user_id", .selected),
        action("assign_user", #"{"mode": "user", "user_id": 5}"#, "user_id", .selected),
        action("assign_user", #"{"mode": "user", "user_id": 1, "user_ids": [1]}"#, "user_ids", .is("is unknown.")),
        action("assign_user", #"{"mode": "round_robin"}"#, "user_ids", .is("is required.")),
        action("assign_user", #"{"mode": "round_robin", "user_ids": []}"#, "user_ids", .is("is required.")),
        action("assign_user", #"{"mode": "round_robin", "user_ids": 1}"#, "user_ids", .is("must be an array.")),
        action(
            "assign_user", #"{"mode": "round_robin", "user_ids": [1, null]}"#, "user_ids.1", .is("must be an integer.")),
        action("assign_user", #"{"mode": "round_robin", "user_ids": [1, 3]}"#, "user_ids.1", .selected),
        action("assign_user", #"{"mode": "round_robin", "user_ids": [5, 1]}"#, "user_ids.0", .selected),
        action("move_to_stage", "{}", "pipeline_stage_id", .is("is required.")),
        action("move_to_stage", #"{"pipeline_stage_id": 3}"#, "pipeline_stage_id", .selected),
        action("move_to_stage", #"{"pipeline_stage_id": 1.5}"#, "pipeline_stage_id", .is("must be an integer.")),
        action("move_to_stage", #"{"pipeline_stage_id": 1, "stage_id": 1}"#, "stage_id", .is("is unknown.")),
        action("change_status", "{}", "status", .is("is required.")),
        action("change_status", #"{"status": "won"}"#, "status", .selected),
        action("adjust_score", "{}", "points", .is("is required.")),
        action("adjust_score", #"{"points": "5"}"#, "points", .is("must be an integer.")),
        action("adjust_score", #"{"points": -1000001}"#, "points", .is("must be between -1000000 and 1000000.")),
        action("update_field", #"{"value": 1}"#, "field", .is("is required.")),
        action("update_field", #"{"field": "id", "value": 1}"#, "field", .selected),
        action("update_field", #"{"field": "created_at", "value": "2026-01-01"}"#, "field", .selected),
        action("update_field", #"{"field": "duplicate_of_id", "value": 1}"#, "field", .selected),
        action("update_field", #"{"field": "nickname", "value": "x"}"#, "field", .selected),
        action("update_field", #"{"field": "company"}"#, "value", .is("must be present.")),
        action("update_field", #"{"field": "first_name"}"#, "value", .is("is required.")),
        action("update_field", #"{"field": "first_name", "value": null}"#, "value", .is("is required.")),
        action("update_field", #"{"field": "source", "value": " "}"#, "value", .is("is required.")),
        action("update_field", #"{"field": "starred", "value": null}"#, "value", .is("is required.")),
        action("update_field", #"{"field": "email", "value": "x"}"#, "value", .is("must be a valid email address.")),
        action("update_field", #"{"field": "phone", "value": "12"}"#, "value", .is("must have at least 5 digits.")),
        action("update_field", #"{"field": "status", "value": "won"}"#, "value", .selected),
        action("update_field", #"{"field": "lead_score", "value": "5"}"#, "value", .is("must be an integer.")),
        action(
            "update_field", #"{"field": "deal_value", "value": 1.234}"#, "value", .is("must have 0-2 decimal places.")),
        action("update_field", #"{"field": "assigned_user_id", "value": 3}"#, "value", .selected),
        action("update_field", #"{"field": "pipeline_id", "value": 2}"#, "value", .selected),
        action("update_field", #"{"field": "tags", "value": ["a", 5]}"#, "value.1", .is("must be a string.")),
        action(
            "update_field", #"{"field": "custom_fields", "value": {"a": []}}"#, "value.a",
            .is("must be text, a number, a boolean or null.")
        ),
        action(
            "update_field", #"{"field": "custom_fields.a", "value": {}}"#, "value",
            .is("must be text, a number or a boolean.")
        ),
        action("update_field", #"{"field": "company", "value": "{{lead.firm}}"}"#, "value", .names("lead.firm")),
        action("update_field", #"{"field": "custom_fields.a", "value": "{{a}}"}"#, "value", .names("a")),
        action(
            "update_field", #"{"field": "tags", "value": ["a", "A", "{{lead.nope}}"]}"#, "value.2", .names("lead.nope")
        ),
        action(
            "update_field", #"{"field": "custom_fields", "value": {"a": 1, "b": "{{lead.nope}}"}}"#, "value.b",
            .names("lead.nope")
        ),
        action("add_note", #"{"text": "{{\u200dlead.nope}}"}"#, "text", .names("\u{200D}lead.nope")),
        action("add_note", "{}", "text", .is("is required.")),
        action("add_note", #"{"text": ""}"#, "text", .is("is required.")),
        action("add_note", #"{"text": "Hi {{lead.frist_name}}"}"#, "text", .names("lead.frist_name")),
        action("add_note", #"{"text": "Hi {{lead.first_name}"}"#, "text", .is("must close every {{ with }}.")),
        action("add_note", #"{"text": "a\u0000"}"#, "text", .is("must not contain control characters.")),
        action("send_email", #"{"subject": "a", "body": "b"}"#, "to", .is("is required.")),
        action(
            "send_email", #"{"to": "Lead", "subject": "a", "body": "b"}"#, "to", .is("must be a valid email address.")),
        action("send_email", #"{"to": ["lead"], "subject": "a", "body": "b"}"#, "to", .is("must be a string.")),
        action("send_email", #"{"to": "lead", "body": "b"}"#, "subject", .is("is required.")),
        action(
            "send_email", #"{"to": "lead", "subject": "a\nb", "body": "b"}"#, "subject",
            .is("must not contain line breaks.")),
        action("send_email", #"{"to": "lead", "subject": "{{user.nam}}", "body": "b"}"#, "subject", .names("user.nam")),
        action("send_email", #"{"to": "lead", "subject": "a"}"#, "body", .is("is required.")),
        action("send_email", #"{"to": "lead", "subject": "a", "body": "{{lead.}}"}"#, "body", .names("lead.")),
        action("send_email", #"{"to": "lead", "subject": "a", "body": "b", "cc": "x"}"#, "cc", .is("is unknown.")),
        action("send_notification", #"{"message": "a"}"#, "user_ids", .is("is required.")),
        action("send_notification", #"{"user_ids": [], "message": "a"}"#, "user_ids", .is("is required.")),
        action("send_notification", #"{"user_ids": [2, 4], "message": "a"}"#, "user_ids.1", .selected),
        action("send_notification", #"{"user_ids": [1]}"#, "message", .is("is required.")),
        action("send_notification", #"{"user_ids": [1], "message": "{{x}}"}"#, "message", .names("x")),
        action("send_webhook", "{}", "url", .is("is required.")),
        action("send_webhook", #"{"url": "ftp://example.com"}"#, "url", .is("must be a valid URL.")),
        action("send_webhook", #"{"url": 5}"#, "url", .is("must be a string.")),
        action(
            "send_webhook", #"{"url": "https://a.example", "secret": 5}"#, "secret", .is("must be a string.")),
        action(
            "send_webhook", #"{"url": "https://a.example", "secret": "********1234"}"#, "secret",
            .is("must be the secret itself, not its mask.")),
        action("send_slack", #"{"text": "a"}"#, "integration_id", .is("is required.")),
        action("send_slack", #"{"integration_id": 2, "text": "a"}"#, "integration_id", .selected),
        action("send_slack", #"{"integration_id": 3, "text": "a"}"#, "integration_id", .selected),
        action("send_slack", #"{"integration_id": 99, "text": "a"}"#, "integration_id", .selected),
        action("send_slack", #"{"integration_id": 1}"#, "text", .is("is required.")),
        action("send_slack", #"{"integration_id": 1, "text": "{{lead}}"}"#, "text", .names("lead")),
    ]

    static let cases = record + triggers + steps + conditions + actions

    // MARK: - The tests

    @Test(arguments: cases)
    func refuses(item: Case) throws {
        try Workbench.run { bench in
            try bench.furnish()
            _ = try bench.automation()
            let before = try bench.contents()
            let body = "{\"name\": \"B\", \(item.members)}"
            let requests: [(HTTPRequest.Method, String)] = [
                (.post, ""), (.put, "/1"), (.patch, "/1"),
            ]
            for (method, path) in requests {
                let answer = try bench.send(method, "/api/v1/automations\(path)", body, key: bench.key)
                #expect(answer.status == 422, "\(method) \(answer.text)")
                #expect(answer.code == "VALIDATION_FAILED")
                #expect(answer["errors"]?.minified == item.errors, "\(method)")
            }
            #expect(try bench.contents() == before)
        }
    }

    @Test func needsANameAndATrigger() throws {
        try Workbench.run { bench in
            let answer = try bench.post("/api/v1/automations", "{}")
            #expect(
                answer["errors"]?.minified
                    == #"{"name":["The name field is required."],"trigger":["The trigger field is required."]}"#
            )
        }
    }

    /// What is missing in one step hides nothing that another step refers to wrongly.
    @Test func reportsEverythingAtOnce() throws {
        try Workbench.run { bench in
            try bench.furnish()
            let answer = try bench.post(
                "/api/v1/automations",
                """
                {"name": "", "trigger": {"type": "tag_added", "config": {"tag": "theirs"}}, "steps": [
                    {"type": "action", "action": "assign_user", "config": {"mode": "user", "user_id": 5}},
                    {"type": "action"},
                    {"type": "action", "action": "assign_user", "config": {"mode": "round_robin", "user_ids": [1, "2", 3]}},
                    {"type": "condition", "config": {"field": "tags", "operator": "has_tag", "value": "vip"}},
                    {"type": "action", "action": "send_slack", "config": {"integration_id": 3, "text": "{{x}}"}}
                ]}
                """,
            )
            let expected = [
                Self.errors("name", .is("is required.")), Self.errors("trigger.config.tag", .selected),
                Self.errors("steps.0.config.user_id", .selected), Self.errors("steps.1.action", .is("is required.")),
                Self.errors("steps.2.config.user_ids.1", .is("must be an integer.")),
                Self.errors("steps.2.config.user_ids.2", .selected),
                Self.errors("steps.4.config.integration_id", .selected),
                Self.errors("steps.4.config.text", .names("x")),
            ].map { $0.dropFirst().dropLast() }.joined(separator: ",")
            #expect(answer["errors"] == (try JSONValue(reading: "{\(expected)}")), "\(answer.text)")
        }
    }

    // MARK: - Writing cases

    enum Rule {
        case `is`(String)
        case selected
        case names(String)
    }

    private static func record(_ members: String, _ path: String, _ rule: Rule) -> Case {
        Case(members: members, errors: errors(path, rule))
    }

    private static func errors(_ path: String, _ rule: Rule) -> String {
        let title = path.replacing("_", with: " ")
        let message =
            switch rule {
            case .is(let text): "The \(title) field \(text)"
            case .selected: "The selected \(title) is invalid."
            case .names(let name): "The \(title) field must not contain unknown names: {{\(name)}}."
            }
        return "{\(JSONValue.string(path).minified):[\(JSONValue.string(message).minified)]}"
    }

    private static func trigger(_ json: String, _ path: String, _ rule: Rule) -> Case {
        record("\"trigger\": \(json)", "trigger\(path)", rule)
    }

    private static func steps(_ json: String, _ path: String, _ rule: Rule) -> Case {
        record("\"trigger\": {\"type\": \"manual\"}, \"steps\": \(json)", path, rule)
    }

    /// A step behind two that will do.
    private static func step(_ json: String, _ path: String, _ rule: Rule) -> Case {
        let wait = #"{"type": "delay", "config": {"value": 1, "unit": "days"}}"#
        return steps("[\(wait), \(wait), \(json)]", "steps.2.\(path)", rule)
    }

    private static func condition(_ config: String, _ path: String, _ rule: Rule) -> Case {
        step("{\"type\": \"condition\", \"config\": \(config)}", "config.\(path)", rule)
    }

    private static func action(_ action: String, _ config: String, _ path: String, _ rule: Rule) -> Case {
        step("{\"type\": \"action\", \"action\": \"\(action)\", \"config\": \(config)}", "config.\(path)", rule)
    }
}
