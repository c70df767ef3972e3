import HTTP
import Testing

@testable import LeadHub

/// What conditions may ask of which field.
@Suite struct AutomationConditionTests {
    private static let text = ["equals", "not_equals", "contains", "not_contains"]
    private static let order = ["greater_than", "less_than"]
    private static let empty = ["is_empty", "is_not_empty"]

    /// Every field with the operators that go with it.
    static let fields: [(field: String, operators: [String])] = [
        ("id", ["equals", "not_equals"] + order), ("first_name", text + order), ("last_name", text + order),
        ("email", text), ("phone", text), ("company", text + order), ("job_title", text + order),
        ("country", text + order), ("industry", text + order), ("company_size", text + order),
        ("linkedin_url", text + order), ("source", text + order), ("status", text),
        ("pipeline_id", ["equals", "not_equals"] + order), ("pipeline_stage_id", ["equals", "not_equals"] + order),
        ("assigned_user_id", ["equals", "not_equals"] + order), ("lead_score", ["equals", "not_equals"] + order),
        ("deal_value", ["equals", "not_equals"] + order), ("starred", ["equals", "not_equals"]),
        ("notes", text + order), ("custom_fields", []),
        ("tags", ["contains", "not_contains", "has_tag", "lacks_tag"]),
        ("duplicate_of_id", ["equals", "not_equals"] + order), ("created_at", ["equals", "not_equals"] + order),
        ("updated_at", ["equals", "not_equals"] + order), ("custom_fields.budget", text + order),
        ("custom_fields.a.b \u{E9}", text + order),
    ]

    @Test func coversEveryFieldOfALead() {
        #expect(Lead.fields.allSatisfy { field in Self.fields.contains { $0.field == field.name } })
        #expect(Set(Self.fields.flatMap(\.operators) + Self.empty).count == Automation.Operator.allCases.count)
    }

    /// With a value that each operator takes every one that fits does, and all others do not.
    @Test(arguments: fields)
    func takesTheOperatorsThatFit(field: String, operators: [String]) throws {
        try Workbench.run { bench in
            try bench.furnish()
            for operation in Automation.Operator.allCases.map(\.rawValue) {
                let value = Self.value(for: field, operation)
                let config = #"{"field": "\#(field)", "operator": "\#(operation)", "value": \#(value)}"#
                let answer = try bench.automation(steps: "[{\"type\": \"condition\", \"config\": \(config)}]")
                if (operators + Self.empty).contains(operation) {
                    #expect(answer.status == 201, "\(config) \(answer.text)")
                    let read = answer["data", "steps", "0", "config"]
                    #expect(read?["field"]?.string == field)
                    #expect(read?["operator"]?.string == operation)
                    #expect((read?["value"] == .null) == Self.empty.contains(operation))
                } else {
                    let errors = #"{"steps.0.config.operator":["The selected steps.0.config.operator is invalid."]}"#
                    #expect(answer["errors"]?.minified == errors, "\(config)")
                }
            }
        }
    }

    private static func value(for field: String, _ operation: String) -> String {
        switch operation {
        case "has_tag", "lacks_tag": return #""vip""#
        case "contains", "not_contains": return #""x""#
        case "greater_than", "less_than": return field.hasSuffix("_at") ? #""2026-01-01""# : "0.5"
        case "is_empty", "is_not_empty": return "null"
        default: break
        }
        switch field {
        case "email": return #""a@example.com""#
        case "phone": return #""+1 415 555 1234""#
        case "status": return #""converted""#
        case "starred": return "false"
        case "created_at", "updated_at": return #""2026-01-01T00:00:00Z""#
        case "id", "lead_score", "deal_value": return "5"
        case _ where field.hasSuffix("_id"): return "1"
        default: return #""x""#
        }
    }

    @Test(arguments: [
        // A time reads as times do; a number as it was written.
        (#"{"field": "created_at", "operator": "less_than", "value": "2026-01-01"}"#, #""2026-01-01T00:00:00+00:00""#),
        (#"{"field": "lead_score", "operator": "greater_than", "value": 49.5}"#, "49.5"),
        (#"{"field": "custom_fields.budget", "operator": "less_than", "value": 1.000}"#, "1.000"),
        (#"{"field": "custom_fields.budget", "operator": "equals", "value": 5}"#, "5"),
        (#"{"field": "custom_fields.budget", "operator": "equals", "value": true}"#, "true"),
        (#"{"field": "custom_fields.budget", "operator": "equals", "value": " a "}"#, #""a""#),
        (#"{"field": " company ", "operator": " equals ", "value": " Acme "}"#, #""Acme""#),
        // The user is suspended; leads may still be theirs.
        (#"{"field": "assigned_user_id", "operator": "equals", "value": 3}"#, "3"),
    ])
    func keepsTheValue(config: String, value: String) throws {
        try Workbench.run { bench in
            try bench.furnish()
            let answer = try bench.automation(steps: "[{\"type\": \"condition\", \"config\": \(config)}]")
            #expect(answer["data", "steps", "0", "config", "value"]?.minified == value, "\(answer.text)")
        }
    }

    /// What an operator does not look at is neither kept nor held against the client.
    @Test(arguments: ["5", #""a""#, "[]", "{}", "null"])
    func looksAtNoValueToTellWhetherAFieldIsEmpty(value: String) throws {
        try Workbench.run { bench in
            let config = #"{"field": "email", "operator": "is_empty", "value": \#(value)}"#
            let answer = try bench.automation(steps: "[{\"type\": \"condition\", \"config\": \(config)}]")
            let read = answer["data", "steps", "0", "config"]?.minified
            #expect(read == #"{"field":"email","operator":"is_empty","value":null}"#, "\(answer.text)")
        }
    }
}
