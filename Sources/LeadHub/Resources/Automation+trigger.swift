import HTTP

extension Automation {
    /// `{type, config}`: what begins a run.
    static let trigger = Shape.choice(
        by: Field("type", .choice(triggers.map(\.value)), .required, about: "What must happen to a lead."), triggers,
    )

    private static let triggers: [(value: String, shape: Shape)] = [
        (
            "lead_created",
            config([
                Field(
                    "sources", .names(1...255, most: 50), initial: .names([]),
                    about: "Only leads from one of these sources, compared without case; from any where it is empty.",
                )
            ])
        ),
        (
            "lead_stage_changed",
            config([
                .reference("from_stage_id", to: Field.Reference("stage"), about: "Only out of this stage."),
                .reference("to_stage_id", to: Field.Reference("stage"), about: "Only into this stage."),
            ])
        ),
        ("lead_assigned", config([])),
        ("tag_added", config([tag("The tag that was added.")])),
        (
            "lead_score_crossed",
            config([
                Field("threshold", .integer(-1_000_000...1_000_000), .required, about: "The score that is crossed."),
                Field(
                    "direction", .choice(["above", "below"]), .required, about: "Where the lead's score is afterwards.",
                ),
            ])
        ),
        ("no_activity", config(duration)),
        (
            "form_submitted",
            config([.reference("form_id", to: Field.Reference("form"), about: "Only by this form.")])
        ),
        ("manual", config([])),
    ]

    // MARK: - What triggers and steps share

    /// An object with a member `config` of these fields. Where it does not come it is as if it were empty.
    static func config(_ fields: [Field]) -> Shape { config(.fields(fields)) }

    static func config(_ shape: Shape) -> Shape {
        .fields([Field("config", .record(shape), initial: .object(JSONObject([])), about: "The details.")])
    }

    static func tag(_ description: String) -> Field {
        Field("tag", .referenceByName(Field.Reference("tag"), 1...Tag.longestName), .required, about: description)
    }

    /// `{value, unit}`: up to a year.
    static let duration = Shape.choice(
        by: Field("unit", .choice(units.map(\.name)), .required, about: "What is counted."),
        units.map { unit in
            let value = Field("value", .integer(1...unit.inYear), .required, about: "How many; a year at the most.")
            return (unit.name, .fields([value]))
        },
    )

    private static let units: [(name: String, inYear: Int64)] = [
        ("minutes", 365 * 24 * 60), ("hours", 365 * 24), ("days", 365),
    ]
}
