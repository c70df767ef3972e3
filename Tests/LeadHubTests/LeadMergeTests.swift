import HTTP
import HTTPTypes
import Testing

@testable import LeadHub

/// What an update does to the parts of a lead that are more than one value: custom fields, tags, its place.
@Suite struct LeadMergeTests {
    // MARK: - Custom fields

    @Test(arguments: [
        ("{}", #"{"a":"1","b":2,"c":true}"#), ("null", "{}"), (#"{"a": null, "b": null, "c": null}"#, "{}"),
        (#"{"b": null}"#, #"{"a":"1","c":true}"#), (#"{"d": null}"#, #"{"a":"1","b":2,"c":true}"#),
        (#"{"d": -0.50, "b": "x"}"#, #"{"a":"1","b":"x","c":true,"d":-0.50}"#),
        (#"{" a ": false}"#, #"{"a":false,"b":2,"c":true}"#), (#"{"A": 1}"#, #"{"a":"1","b":2,"c":true,"A":1}"#),
        (#"{"c": "", "b": " x "}"#, #"{"a":"1","b":"x"}"#),
    ])
    func mergesCustomFieldsKeyByKey(given: String, whole: String) throws {
        try Workbench.run { bench in
            _ = try bench.lead(#"{"first_name": "A", "custom_fields": {"a": "1", "b": 2, "c": true, "n": null}}"#)
            let answer = try bench.send(.patch, lead: 1, "", "{\"custom_fields\": \(given)}")
            #expect(answer["data", "custom_fields"]?.minified == whole, "\(answer.text)")
            #expect(try bench.record(1)["custom_fields"]?.minified == whole)
        }
    }

    /// A lead that has a hundred keys, or nearly all the room there is; what comes; what is said where it is too much.
    static let limits: [(has: String, sent: String, error: String?)] = [
        (keys(1...100), keys(101...101), "The custom fields field must not have more than 100 keys."),
        (keys(1...99), keys(100...101), "The custom fields field must not have more than 100 keys."),
        (keys(1...99), keys(100...100), nil), (keys(1...100), keys(1...100), nil),
        (keys(1...100), #"{"k1": null, "new": 1}"#, nil),
        (keys(1...100), gone(1...60, new: 101...160), nil),
        (keys(1...100), gone(1...60, new: 101...161), "The custom fields field must not have more than 100 keys."),
        (room(40_000, "a"), room(40_000, "b"), "The custom fields field must not be greater than 64 kilobytes."),
        (room(40_000, "a"), room(65_000, "a"), nil), (room(65_528, "a"), #"{"a": null, "b": 1}"#, nil),
        (room(65_528, "a"), #"{"b": 1}"#, "The custom fields field must not be greater than 64 kilobytes."),
    ]

    @Test(arguments: limits)
    func keepsTheLimitsAfterTheMerge(has: String, sent: String, error: String?) throws {
        try Workbench.run { bench in
            _ = try bench.lead("{\"first_name\": \"A\", \"custom_fields\": \(has)}")
            let before = try bench.contents()
            let answer = try bench.send(.patch, lead: 1, "", "{\"tags\": [\"new\"], \"custom_fields\": \(sent)}")
            if let error {
                #expect(answer.status == 422)
                #expect(answer["errors"]?.names == ["custom_fields"])
                #expect(answer["errors", "custom_fields", "0"] == .string(error))
                #expect(try bench.contents() == before)
            } else {
                #expect(answer.status == 200, "\(answer.text.prefix(200))")
            }
        }
    }

    private static func keys(_ numbers: ClosedRange<Int>) -> String {
        "{" + numbers.map { "\"k\($0)\": \($0)" }.joined(separator: ", ") + "}"
    }

    /// Takes some keys away and brings others.
    private static func gone(_ old: ClosedRange<Int>, new: ClosedRange<Int>) -> String {
        "{" + (old.map { "\"k\($0)\": null" } + new.map { "\"k\($0)\": 1" }).joined(separator: ", ") + "}"
    }

    private static func room(_ length: Int, _ key: String) -> String {
        "{\"\(key)\": \"\(String(repeating: "x", count: length))\"}"
    }

    // MARK: - Tags

    @Test(arguments: [
        (#"["vip", "Hot Lead"]"#, ["vip", "Hot Lead"], 0), (#"["HOT LEAD"]"#, ["Hot Lead"], 1), ("[]", [], 2),
        ("null", [], 2), (#"["new", "VIP", "NEW", "hot lead"]"#, ["new", "vip", "Hot Lead"], 1),
        (#"["Crème", "creme"]"#, ["Crème"], 3),
    ])
    func replacesTheSetOfTagsAndKeepsFirstSpellings(sent: String, tags: [String], entries: Int) throws {
        try Workbench.run { bench in
            _ = try bench.lead(#"{"first_name": "A", "tags": ["vip", "Hot Lead"]}"#)
            let answer = try bench.send(.put, lead: 1, "", "{\"tags\": \(sent)}")
            #expect(answer["data", "tags"] == .array(tags.map { .string($0) }), "\(answer.text)")
            #expect(try bench.history(1).count == 1 + entries)
            for name in ["vip", "hot+lead", "new", "creme"] {
                let has = tags.contains { Text.folded($0) == name.replacing("+", with: " ") }
                #expect(try bench.found("tag=\(name)") == (has ? [1] : []), "\(name)")
            }
            let (kept, counted) = try bench.counts()
            #expect(kept == counted)
        }
    }

    /// They are a set: in another order they are no change.
    @Test func leavesTagsInAnotherOrderAlone() throws {
        try Workbench.run { bench in
            _ = try bench.lead(#"{"first_name": "A", "tags": ["p", "q"]}"#)
            let before = try bench.contents()
            let answer = try bench.send(.patch, lead: 1, "", #"{"tags": ["Q", "p"]}"#, now: Workbench.now + 5)
            #expect(answer["data", "tags"] == ["p", "q"])
            #expect(try bench.contents() == before)
        }
    }

    // MARK: - Place

    /// Pipeline 1 has the stages Open (1), Won (2) and Lost (3), pipeline 2 has First (4) and Won (5), pipeline 3 Won
    /// (6) only, pipeline 4 has none. The lead is contacted and stands at stage 1.
    static let places: [(sent: String, pipeline: Int64?, stage: Int64?, status: String)] = [
        (#""pipeline_stage_id": 1"#, 1, 1, "contacted"), (#""pipeline_stage_id": 2"#, 1, 2, "converted"),
        (#""pipeline_stage_id": 3"#, 1, 3, "lost"), (#""pipeline_stage_id": 4"#, 2, 4, "contacted"),
        (#""pipeline_stage_id": 5"#, 2, 5, "converted"), (#""pipeline_id": 1"#, 1, 1, "contacted"),
        (#""pipeline_id": 2"#, 2, 4, "contacted"), (#""pipeline_id": 3"#, 3, 6, "converted"),
        (#""pipeline_id": 4"#, 4, nil, "contacted"), (#""pipeline_id": 2, "pipeline_stage_id": 5"#, 2, 5, "converted"),
        (#""pipeline_id": 2, "pipeline_stage_id": null"#, 2, nil, "contacted"),
        (#""pipeline_id": 1, "pipeline_stage_id": null"#, 1, nil, "contacted"),
        (#""pipeline_id": null"#, nil, nil, "contacted"), (#""pipeline_stage_id": null"#, 1, nil, "contacted"),
        (#""pipeline_id": null, "pipeline_stage_id": null"#, nil, nil, "contacted"),
        (#""pipeline_stage_id": 2, "status": "new""#, 1, 2, "new"),
        (#""pipeline_stage_id": 3, "status": "qualified""#, 1, 3, "qualified"),
        (#""pipeline_id": 3, "status": "contacted""#, 3, 6, "contacted"),
    ]

    @Test(arguments: LeadUpdateTests.methods, places)
    func movesTheLead(
        method: HTTPRequest.Method, place: (sent: String, pipeline: Int64?, stage: Int64?, status: String),
    ) throws {
        try Workbench.run { bench in
            try furnish(bench)
            let answer = try bench.send(method, lead: 1, "", "{\(place.sent)}")
            #expect(answer.status == 200, "\(answer.text)")
            #expect(answer["data", "pipeline_id"]?.integer == place.pipeline)
            #expect(answer["data", "pipeline_stage_id"]?.integer == place.stage)
            #expect(answer["data", "status"] == .string(place.status))
            for stage in Int64(1)...6 {
                #expect(try bench.found("stage_id=\(stage)") == (stage == place.stage ? [1] : []))
            }
            let (kept, counted) = try bench.counts()
            #expect(kept == counted)
        }
    }

    @Test(arguments: [
        (#""pipeline_id": 1, "pipeline_stage_id": 4"#, "pipeline_stage_id"),
        (#""pipeline_id": 2, "pipeline_stage_id": 1"#, "pipeline_stage_id"),
        (#""pipeline_id": 4, "pipeline_stage_id": 1"#, "pipeline_stage_id"),
        (#""pipeline_id": null, "pipeline_stage_id": 1"#, "pipeline_stage_id"),
        (#""pipeline_stage_id": 99"#, "pipeline_stage_id"), (#""pipeline_id": 99"#, "pipeline_id"),
        (#""pipeline_stage_id": 7"#, "pipeline_stage_id"), (#""pipeline_id": 5"#, "pipeline_id"),
    ])
    func refusesPlacesThatDoNotFit(sent: String, field: String) throws {
        try Workbench.run { bench in
            try furnish(bench)
            let theirs = try bench.pipeline("Theirs", ["One"], in: try bench.workspace("other"))
            try #require(theirs == (5, [7]))
            let changes = bench.changes
            let answer = try bench.send(.patch, lead: 1, "", "{\(sent)}")
            #expect(answer.status == 422)
            #expect(answer["errors"]?.names == [field])
            let title = field.replacing("_", with: " ")
            #expect(answer["errors", field] == .array([.string("The selected \(title) is invalid.")]))
            #expect(bench.changes == changes)
        }
    }

    @Test(
        arguments: [
            (#""pipeline_id": 1"#, 1, 1), (#""pipeline_stage_id": 2"#, 1, 2), (#""pipeline_stage_id": null"#, nil, nil),
            (#""pipeline_id": null"#, nil, nil), (#""pipeline_id": 2, "pipeline_stage_id": 4"#, 2, 4),
            (#""pipeline_id": 4"#, 4, nil), (#""notes": "x""#, nil, nil),
        ] as [(String, Int64?, Int64?)])
    func movesALeadThatIsInNoPipeline(sent: String, pipeline: Int64?, stage: Int64?) throws {
        try Workbench.run { bench in
            try furnish(bench)
            let lead = try bench.lead(#"{"first_name": "B", "pipeline_id": null}"#)
            let answer = try bench.send(.patch, lead: lead, "", "{\(sent)}")
            #expect(answer.status == 200, "\(answer.text)")
            #expect(answer["data", "pipeline_id"]?.integer == pipeline)
            #expect(answer["data", "pipeline_stage_id"]?.integer == stage)
        }
    }

    /// A stage that was marked won while the lead stood there changes nothing when it is sent back.
    @Test func staysAsItIsWhereItIsSentBack() throws {
        try Workbench.run { bench in
            try furnish(bench)
            try bench.execute("UPDATE stage SET is_won = 1 WHERE id = 1")
            let body = #"{"pipeline_id": 1, "pipeline_stage_id": 1, "first_name": "B"}"#
            #expect(try bench.send(.put, lead: 1, "", body)["data", "status"] == "contacted")
        }
    }

    private func furnish(_ bench: Workbench) throws {
        _ = try bench.pipeline("One", ["Open", "Won", "Lost"])
        _ = try bench.pipeline("Two", ["First", "Won"])
        _ = try bench.pipeline("Three", ["Won"])
        try #require(try bench.pipeline("Four", []).id == 4)
        _ = try bench.lead(#"{"first_name": "A", "status": "contacted"}"#)
    }
}
