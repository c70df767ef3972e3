import HTTP
import Testing

/// Objects within a record: which members they have, and what is said of those that will not do.
@Suite struct ShapeTests {
    // MARK: - Shapes

    private static let tag = Field.Reference("tag")
    private static let user = Field.Reference("workspace_user", where: "status <> 'suspended'")

    private static func config(_ shape: Shape) -> Shape {
        .fields([Field("config", .record(shape), initial: .object(JSONObject([])), about: "")])
    }

    private static let delay = Shape.choice(
        by: Field("unit", .choice(["hours", "days"]), .required, about: ""),
        [
            ("hours", .fields([Field("value", .integer(1...48), .required, about: "")])),
            ("days", .fields([Field("value", .integer(1...2), .required, about: "")])),
        ],
    )

    private static let actions: [(value: String, shape: Shape)] = [
        ("nothing", config(.fields([]))),
        (
            "note",
            config(
                .fields([
                    .text("text", 2...8, .required, about: "").refusing {
                        $0 == .text("no_no") ? "must not be that." : nil
                    }, .color("color", default: "#FFFFFF", about: ""), .boolean("is_loud", default: false, about: ""),
                ])
            )
        ),
        (
            "assign",
            config(
                .fields([
                    Field("user_ids", .references(user, most: 3), .required, about: ""),
                    Field("tag", .referenceByName(tag, 1...8), about: ""),
                ])
            )
        ),
        (
            "set",
            config(
                .depending([.text("field", 1...9, .required, about: ""), Field("value", .scalar, .present, about: "")])
                {
                    set in
                    let field = Field("field", .choice(["score", "tag"]), .required, about: "")
                    switch set.text("field") {
                    case "score": return [field, Field("value", .integer(0...10), .present, about: "")]
                    case "tag": return [field, Field("value", .referenceByName(tag, 1...8), .required, about: "")]
                    default: return [field, Field("value", .scalar, .readOnly, about: "")]
                    }
                }
            )
        ),
    ]

    private static let step = Shape.choice(
        by: Field("type", .choice(["delay", "action"]), .required, about: ""),
        always: [.text("label", about: "")],
        [
            ("delay", config(delay)),
            ("action", .choice(by: Field("action", .choice(actions.map(\.value)), .required, about: ""), actions)),
        ],
    )

    private static let steps = Field("steps", .records(step, most: 3), initial: .array([]), about: "")
    private static let trigger = Field("trigger", .record(step), .required, about: "")

    // MARK: - What is taken

    @Test(arguments: [
        ("[]", "[]"),
        (
            #"[{"type": "delay", "config": {"value": 48, "unit": "hours"}}]"#,
            #"[{"type":"delay","label":null,"config":{"unit":"hours","value":48}}]"#
        ),
        // The member that decides is trimmed like any text; the order of members is the shape's.
        (
            #"[{"config": {"unit": " days\n", "value": 2}, "label": " x ", "type": "\tdelay"}]"#,
            #"[{"type":"delay","label":"x","config":{"unit":"days","value":2}}]"#
        ),
        // What did not come, or is null, has its initial value.
        (
            #"[{"type": "action", "action": "note", "config": {"text": "abc"}}]"#,
            ##"[{"type":"action","label":null,"action":"note","config":{"text":"abc","color":"#FFFFFF","is_loud":false}}]"##
        ),
        (
            #"[{"type": "action", "action": "note", "config": {"text": "abc", "color": null, "is_loud": null}}]"#,
            ##"[{"type":"action","label":null,"action":"note","config":{"text":"abc","color":"#FFFFFF","is_loud":false}}]"##
        ),
        // An object that does not come is an empty one.
        (#"[{"type": "action", "action": "nothing"}]"#, nothing),
        (#"[{"type": "action", "action": "nothing", "config": null}]"#, nothing),
        (#"[{"type": "action", "action": "nothing", "config": {}, "label": ""}]"#, nothing),
        (
            #"[{"type": "action", "action": "assign", "config": {"user_ids": [3, 3, 1e0]}}]"#,
            #"[{"type":"action","label":null,"action":"assign","config":{"user_ids":[3,1],"tag":null}}]"#
        ),
        // One member says what another takes.
        (
            #"[{"type": "action", "action": "set", "config": {"field": "score", "value": 10}}]"#,
            #"[{"type":"action","label":null,"action":"set","config":{"field":"score","value":10}}]"#
        ),
        (
            #"[{"type": "action", "action": "set", "config": {"field": "score", "value": null}}]"#,
            #"[{"type":"action","label":null,"action":"set","config":{"field":"score","value":null}}]"#
        ),
    ])
    func takes(json: String, kept: String) throws {
        let checked = try Checked(json, Self.steps)
        #expect(checked.value.map(Self.steps.json)?.minified == kept, "\(checked.errors)")
        // What was taken is taken again and stays as it is.
        #expect(try Checked(kept, Self.steps).value == checked.value)
    }

    private static let nothing = #"[{"type":"action","label":null,"action":"nothing","config":{}}]"#

    // MARK: - What is refused

    private static let refused: [(json: String, errors: String)] = [
        ("{}", error("steps", "must be an array.")), (#""a""#, error("steps", "must be an array.")),
        ("[null]", error("steps.0", "must be an object.")), ("[[]]", error("steps.0", "must be an object.")),
        (#"["delay"]"#, error("steps.0", "must be an object.")),
        ("[{}, {}, {}, {}]", error("steps", "must not have more than 3 items.")),
        // The member that decides.
        ("[{}]", error("steps.0.type", "is required.")), (#"[{"type": null}]"#, error("steps.0.type", "is required.")),
        (#"[{"type": " "}]"#, error("steps.0.type", "is required.")),
        (#"[{"type": 5}]"#, error("steps.0.type", "must be a string.")),
        (#"[{"type": ["delay"]}]"#, error("steps.0.type", "must be a string.")),
        (#"[{"type": "wait"}]"#, #"{"steps.0.type":["The selected steps.0.type is invalid."]}"#),
        (#"[{"type": "Delay"}]"#, #"{"steps.0.type":["The selected steps.0.type is invalid."]}"#),
        (#"[{"type": "action"}]"#, error("steps.0.action", "is required.")),
        (#"[{"type": "action", "action": 0}]"#, error("steps.0.action", "must be a string.")),
        (
            #"[{"type": "action", "action": "sing"}]"#,
            #"{"steps.0.action":["The selected steps.0.action is invalid."]}"#
        ),
        (#"[{"type": "delay", "config": {"value": 1}}]"#, error("steps.0.config.unit", "is required.")),
        (
            "[{\"type\": \"d\(many("\u{301}", 31))\"}]",
            error("steps.0.type", "must not stack more than 30 marks on a character.")
        ),
        // Members within.
        (
            #"[{"type": "delay"}]"#,
            """
            {"steps.0.config.unit":["The steps.0.config.unit field is required."],\
            "steps.0.config.value":["The steps.0.config.value field is required."]}
            """
        ),
        (
            #"[{"type": "delay", "config": {"value": "x", "unit": "weeks"}, "label": 1}]"#,
            """
            {"steps.0.label":["The steps.0.label field must be a string."],\
            "steps.0.config.unit":["The selected steps.0.config.unit is invalid."],\
            "steps.0.config.value":["The steps.0.config.value field must be an integer."]}
            """
        ),
        (#"[{"type": "delay", "config": []}]"#, error("steps.0.config", "must be an object.")),
        (#"[{"type": "delay", "config": "1 day"}]"#, error("steps.0.config", "must be an object.")),
        (
            #"[{"type": "delay", "config": {"unit": "days", "value": 48}}]"#,
            error("steps.0.config.value", "must be between 1 and 2.")
        ),
        (
            #"[{"type": "delay", "config": {"unit": "hours", "value": "48"}}]"#,
            error("steps.0.config.value", "must be an integer.")
        ),
        (#"[{"type": "action", "action": "note"}]"#, error("steps.0.config.text", "is required.")),
        (
            #"[{"type": "action", "action": "note", "config": {"text": "no_no"}}]"#,
            error("steps.0.config.text", "must not be that.")
        ),
        (
            #"[{"type": "action", "action": "assign", "config": {"user_ids": []}}]"#,
            error("steps.0.config.user_ids", "is required.")
        ),
        (
            #"[{"type": "action", "action": "assign", "config": {"user_ids": [1, "2", 0]}}]"#,
            error(
                ("steps.0.config.user_ids.1", "must be an integer."),
                ("steps.0.config.user_ids.2", "must be at least 1."),
            )
        ),
        (
            #"[{"type": "action", "action": "set", "config": {"field": "score"}}]"#,
            error("steps.0.config.value", "must be present.")
        ),
        (
            #"[{"type": "action", "action": "set", "config": {"field": "score", "value": 11}}]"#,
            error("steps.0.config.value", "must be between 0 and 10.")
        ),
        (
            #"[{"type": "action", "action": "set", "config": {"field": "tag", "value": null}}]"#,
            error("steps.0.config.value", "is required.")
        ),
        (
            #"[{"type": "action", "action": "set", "config": {"field": "name", "value": []}}]"#,
            #"{"steps.0.config.field":["The selected steps.0.config.field is invalid."]}"#
        ),
        // Unknown members, at every depth.
        (#"[{"type": "delay", "config": {"unit": "days", "value": 1}, "x": 1}]"#, error("steps.0.x", "is unknown.")),
        (
            #"[{"type": "delay", "config": {"unit": "days", "value": 1}, "action": "note"}]"#,
            error("steps.0.action", "is unknown.")
        ),
        (
            #"[{"type": "action", "action": "nothing", "config": {"Text": null, "": 1}}]"#,
            error(("steps.0.config.Text", "is unknown."), ("steps.0.config.", "is unknown."))
        ),
        // Everything that is wrong at once, in each step.
        (
            #"[{"type": "delay", "label": 1, "config": {"unit": "days"}}, {"type": "action", "action": "nothing"}, 5]"#,
            error(
                ("steps.0.label", "must be a string."), ("steps.0.config.value", "is required."),
                ("steps.2", "must be an object."),
            )
        ),
        (
            ##"[{"type": "action", "action": "note", "config": {"text": "a", "color": "red", "is_loud": 0, "b_c": 1}}]"##,
            error(
                ("steps.0.config.b_c", "is unknown."), ("steps.0.config.text", "must be at least 2 characters."),
                ("steps.0.config.color", "must be a valid hexadecimal color."),
                ("steps.0.config.is_loud", "must be true or false."),
            )
        ),
    ]

    @Test(arguments: refused)
    func refuses(json: String, errors: String) throws {
        let checked = try Checked(json, Self.steps)
        #expect(checked.errors == errors)
        #expect(checked.value == nil)
    }

    @Test func namesASingleObjectsMembersBehindItsOwnName() throws {
        let checked = try Checked(#"{"type": "action", "action": "note", "config": {}}"#, Self.trigger)
        #expect(checked.errors == Self.error("trigger.config.text", "is required."))
        #expect(try Checked("[]", Self.trigger).errors == Self.error("trigger", "must be an object."))
        #expect(try Checked("{}", Self.trigger).errors == Self.error("trigger.type", "is required."))
        #expect(try Checked("null", Self.trigger).errors == Self.error("trigger", "is required."))
    }

    @Test func reportsNoMoreThanAHundred() throws {
        let members = (0..<150).map { "\"x\($0)\": 1" }.joined(separator: ", ")
        let checked = try Checked("[{\"type\": \"action\", \"action\": \"nothing\", \(members)}]", Self.steps)
        #expect(checked.messages.count == 100)
        #expect(checked.value == nil)
    }

    // MARK: - References

    @Test(arguments: [
        ("[]", []),
        (
            #"[{"type": "action", "action": "assign", "config": {"user_ids": [7, 9], "tag": " Víp "}}]"#,
            ["steps.0.config.user_ids.0 7", "steps.0.config.user_ids.1 9", "steps.0.config.tag vip"]
        ),
        (
            #"[{"type": "delay", "config": {}}, {"type": "action", "action": "set", "config": {"field": "tag", "value": "A"}}]"#,
            ["steps.1.config.value a"]
        ),
        (#"[{"type": "action", "action": "set", "config": {"field": "score", "value": 5}}]"#, []),
        // What is wrong names nothing, and does not hide what is right.
        (
            #"[5, {"type": "sing", "tag": "a"}, {"type": "action", "action": "assign", "config": {"user_ids": ["1", 2], "tag": 5}}]"#,
            ["steps.2.config.user_ids.1 2"]
        ),
        // Nothing past the limits.
        (
            #"[{"type": "action", "action": "assign", "config": {"user_ids": [1, 2, 3, 4]}}]"#,
            ["steps.0.config.user_ids.0 1", "steps.0.config.user_ids.1 2", "steps.0.config.user_ids.2 3"]
        ),
        (
            #"[{}, {}, {}, {"type": "action", "action": "assign", "config": {"user_ids": [1]}}]"#,
            []
        ),
    ])
    func findsWhatItRefersTo(json: String, mentions: [String]) throws {
        let found = Self.steps.mentions(in: try JSONValue(parsing: Array(json.utf8)))
        let texts = found.map { mention in
            switch mention.target {
            case .id(let id): "\(mention.path) \(id)"
            case .name(let name): "\(mention.path) \(name)"
            }
        }
        #expect(texts == mentions)
        #expect(found.allSatisfy { ($0.reference.condition == nil) == ($0.reference.table == "tag") })
    }

    // MARK: - Messages

    private static func error(_ path: String, _ rule: String) -> String { error((path, rule)) }

    private static func error(_ problems: (path: String, rule: String)...) -> String {
        let members = problems.map { problem in
            "\(quoted(problem.path)):[\(quoted("The \(problem.path.replacing("_", with: " ")) field \(problem.rule)"))]"
        }
        return "{\(members.joined(separator: ","))}"
    }
}
