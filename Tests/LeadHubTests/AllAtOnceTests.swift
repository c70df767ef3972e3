import HTTP
import HTTPTypes
import Testing

@testable import LeadHub

/// All that is wrong with a body is said at once: what its fields say, what only the database knows, and what is wrong
/// between members of which others were refused.
@Suite struct AllAtOnceTests {
    static let cases: [(target: String, body: String, paths: [String])] = [
        ("tags", #"{"name": "VIP", "color": "red"}"#, ["name", "color"]),
        ("users", #"{"name": "A", "email": "A@example.com", "role": "boss"}"#, ["email", "role"]),
        (
            "pipelines",
            #"{"name": "sales", "stages": [{"name": "a", "is_won": true, "is_lost": true}, {"name": ""}]}"#,
            ["name", "stages.0.is_lost", "stages.1.name"]
        ),
        (
            "pipelines", #"{"name": 5, "stages": [5, {"is_won": true, "is_lost": true}, {"name": "a", "is_won": 1}]}"#,
            ["name", "stages.0", "stages.1.name", "stages.1.is_lost", "stages.2.is_won"]
        ),
        (
            "forms",
            """
            {"name": "", "slug": "mine", "fields": [
                {"key": "a", "type": "x"}, {"key": " a"}, {"key": "b", "type": "select", "maps_to": "id", "required": 1}
            ], "settings": {"honeypot_field": "b", "redirect_url": 5, "pipeline_id": 1, "pipeline_stage_id": 2}}
            """,
            [
                "name", "slug", "fields.0.type", "fields.1.key", "fields.2.options", "fields.2.maps_to",
                "fields.2.required", "settings.honeypot_field", "settings.redirect_url", "settings.pipeline_stage_id",
            ]
        ),
        // What follows from something that is wrong is not said too.
        (
            "forms",
            """
            {"name": "B", "fields": [
                {"key": ""}, {"key": " "}, {"key": "c", "type": "select", "options": "d"},
                {"key": "d", "type": "multiselect", "options": [5]}, {"key": "e", "maps_to": ["id"]}, 5
            ], "settings": {"honeypot_field": ""}}
            """,
            [
                "fields.0.key", "fields.1.key", "fields.2.options", "fields.3.options.0", "fields.4.maps_to",
                "fields.5",
            ]
        ),
        (
            "automations",
            """
            {"name": "A", "trigger": {"type": "no_activity", "config": {"unit": "weeks", "value": "x"}}, "steps": [
                {"type": "delay", "config": {}}, {"type": "delay"}, {"type": "delay", "config": {"value": 0}},
                {"type": "delay", "config": {"value": 366, "unit": "years"}},
                {"type": "action", "action": "assign_user", "config": {}}, {}
            ]}
            """,
            [
                "trigger.config.unit", "trigger.config.value", "steps.0.config.unit", "steps.0.config.value",
                "steps.1.config.unit", "steps.1.config.value", "steps.2.config.unit", "steps.2.config.value",
                "steps.3.config.unit", "steps.4.config.mode", "steps.5.type",
            ]
        ),
    ]

    @Test(arguments: cases)
    func areSaid(target: String, body: String, paths: [String]) throws {
        try Workbench.run { bench in
            try furnish(bench)
            let before = try bench.contents()
            let answer = try bench.post("/api/v1/\(target)", body)
            #expect(answer.status == 422)
            #expect(answer["errors"]?.names.sorted() == paths.sorted(), "\(answer.text)")
            #expect(try bench.contents() == before)
        }
    }

    /// Of a record that is there, its own name is not taken.
    @Test(arguments: [
        ("tags/2", #"{"name": "vip", "color": "red"}"#, ["name", "color"]),
        ("tags/1", #"{"name": "VIP", "color": "red"}"#, ["color"]),
        ("pipelines/1", #"{"name": "Support", "description": 5}"#, ["name", "description"]),
        (
            "forms/1", #"{"slug": "mine", "settings": {"source": 5, "honeypot_field": "email"}}"#,
            [
                "settings.source", "settings.honeypot_field",
            ]
        ),
        (
            "forms/2", #"{"slug": "mine", "settings": {"source": 5, "pipeline_stage_id": 2}}"#,
            [
                "slug", "settings.source", "settings.pipeline_stage_id",
            ]
        ),
        (
            "integrations/1", #"{"name": "", "config": {"graph_url": "https://other.example", "app_secret": 5}}"#,
            [
                "name", "config.access_token", "config.app_secret",
            ]
        ),
    ])
    func areSaidOfAnUpdate(target: String, body: String, paths: [String]) throws {
        try Workbench.run { bench in
            try furnish(bench)
            let before = try bench.contents()
            let answer = try bench.send(.patch, "/api/v1/\(target)", body, key: bench.key)
            #expect(answer.status == 422)
            #expect(answer["errors"]?.names.sorted() == paths.sorted(), "\(answer.text)")
            #expect(try bench.contents() == before)
        }
    }

    /// Lists far past their limit are not looked through.
    @Test func doesNotLookPastALimit() throws {
        try Workbench.run { bench in
            let stages = Array(repeating: #"{"is_won": true, "is_lost": true}"#, count: 5_000).joined(separator: ",")
            let answer = try bench.post("/api/v1/pipelines", "{\"name\": \"A\", \"stages\": [\(stages)]}")
            #expect(answer["errors", "stages"]?.minified == #"["The stages field must not have more than 100 items."]"#)
            #expect(answer["errors", "stages.0.is_lost"] != nil)
        }
    }

    /// Two tags, a user, two pipelines with a stage each, two forms and an integration.
    private func furnish(_ bench: Workbench) throws {
        for name in ["vip", "gold"] { _ = try bench.data("/tags", "{\"name\": \"\(name)\"}") }
        _ = try bench.user("a@example.com")
        for name in ["Sales", "Support"] { _ = try bench.pipeline(name, ["New"]) }
        _ = try bench.form(#"{"name": "A", "slug": "mine"}"#)
        _ = try bench.form(#"{"name": "B", "settings": {"pipeline_id": 1}}"#)
        _ = try bench.source("facebook_lead_ads", ["verify_token": "v", "app_secret": "a", "access_token": "t"])
    }
}
