import HTTP

extension Automation {
    /// `{type, config}`, for an action `{type, action, config}`.
    static let step = Shape.choice(
        by: Field("type", .choice(["condition", "delay", "action"]), .required, about: "What the step does."),
        [
            ("condition", config(condition)),
            ("delay", config(duration)),
            (
                "action",
                .choice(
                    by: Field("action", .choice(actions.map(\.value)), .required, about: "What is done."), actions,
                )
            ),
        ],
    )

    private static let actions: [(value: String, shape: Shape)] = [
        ("add_tag", config([tag("The tag that the lead is given.")])),
        ("remove_tag", config([tag("The tag that is taken off the lead.")])),
        ("assign_user", config(assignment)),
        ("move_to_stage", config([required("pipeline_stage_id", .reference(Field.Reference("stage")), "The stage.")])),
        ("change_status", config([required("status", .choice(Lead.statuses), "The lead's new status.")])),
        ("update_field", config(change)),
        ("adjust_score", config([required("points", .integer(-1_000_000...1_000_000), "What is added to the score.")])),
        ("add_note", config([text("text", 65_535, "What is added to the lead's notes.")])),
        ("send_email", config(email)),
        ("send_notification", config([users("Who gets an email."), text("message", 65_535, "What it says.")])),
        (
            "send_webhook",
            config([
                required("url", .url, "Where the lead is sent to."),
                .text("secret", 1...255, .secret, about: "Signs what is sent; it reads as a mask."),
            ])
        ),
        (
            "send_slack",
            config([
                required(
                    "integration_id", .reference(Integration.reference(type: "slack")),
                    "The integration that posts it; one of the type `slack`.",
                ),
                // https://api.slack.com/methods/chat.postMessage: longer texts are cut off.
                text("text", 40_000, "What is posted."),
            ])
        ),
    ]

    private static let assignment = Shape.choice(
        by: required("mode", .choice(["user", "round_robin"]), "Whether always to one user or to several in turn."),
        [
            ("user", .fields([required("user_id", .reference(User.assignable), "The user.")])),
            ("round_robin", .fields([users("The users, in their order.")])),
        ],
    )

    /// The value is what the field itself takes; where that is text it may have places to fill in.
    private static let change = Shape.depending([
        required(
            "field", .text(1...78),
            "A field of leads that can be written, or `custom_fields.` and a custom field's key.",
        ),
        Field(
            "value", .either([.scalar] + ["tags", "custom_fields"].compactMap { Lead.field(named: $0)?.kind }),
            .present, about: "What the field takes; null empties it.",
        ),
    ]) { change in
        guard let field = change.text("field").flatMap(Lead.field), !field.rules.contains(.readOnly) else {
            return [fieldName(nil), Field("value", .scalar, .readOnly, about: "Not looked at.")]
        }
        let isRequired = !field.isNullable && field.empty == nil
        let value = Field("value", field.kind, isRequired ? .required : .present, about: field.description)
        return [fieldName(field), value.refusingTexts(Template.objection)]
    }

    private static let email = Shape.depending([
        required("to", .text(1...254), "`lead`, `assignee` (the user who takes care of the lead), or an address."),
        subject, body,
    ]) { email in
        let isRole = ["lead", "assignee"].contains(email.text("to"))
        return [required("to", isRole ? .text(1...254) : .email, "Who gets it."), subject, body]
    }

    private static let subject = text("subject", 255, "The email's subject, in one line.").refusing { value in
        if case .text(let text) = value, text.contains("\n") { "must not contain line breaks." } else { nil }
    }

    private static let body = text("body", 65_535, "What the email says.")

    private static func users(_ description: String) -> Field {
        required("user_ids", .references(User.assignable, most: 100), description)
    }

    /// A text that may have places to fill in.
    private static func text(_ name: String, _ most: Int, _ description: String) -> Field {
        let places = "May carry `{{lead.first_name}}`, `{{lead.custom_fields.budget}}`, `{{user.name}}` and the like."
        return required(name, .text(1...most), "\(description) \(places)").refusingTexts(Template.objection)
    }

    private static func required(_ name: String, _ kind: Field.Kind, _ description: String) -> Field {
        Field(name, kind, .required, about: description)
    }
}
