import HTTP

/// A kind of service that a workspace can be connected with.
package struct IntegrationType: Resource {
    let type: String
    let name: String
    let category: String
    let direction: Direction
    let description: String
    /// What its user does at a source, and what of its data is found by itself; empty for what is only sent to.
    let setUp: String
    /// The members of an integration's `config`, each under its label.
    let members: KeyValuePairs<String, Field>
    /// How a source speaks; nil for what is only sent to.
    let sender: Sender?
    /// The member whose secret goes with each request, and the one that says where to. Whoever changes the address must
    /// know the secret: else he could have it sent to himself.
    var bearer: (secret: String, address: String)?

    enum Direction: String, CaseIterable {
        /// It sends leads to an address of ours.
        case inbound
        /// It is sent what happens here.
        case outbound
    }

    static let all = sources + outputs

    /// - Returns: nil where there is no type of this name.
    static func named(_ type: String?) -> IntegrationType? { all.first { $0.type == type } }

    /// What `config` holds for this type.
    var config: [Field] { members.map(\.value) }

    package static let fields: [Field] = [
        .text("type", 1...64, .required, about: "Names the type."),
        .text("name", 1...255, .required, about: "What people call it."),
        Field(
            "category", .choice(["lead_source", "email", "messaging", "webhook"]), .required, about: "What it is for.",
        ),
        Field(
            "direction", .choice(Direction.allCases.map(\.rawValue)), .required,
            about: "Whether it sends leads here or is sent what happens here.",
        ),
        .text(
            "description", 1...1_000, .required, about: "What it does; of a source, also how it is set up.",
        ),
        Field(
            "fields",
            .records(
                .fields([
                    .text("key", 1...64, .required, about: "The member's name in `config`."),
                    .text("label", 1...64, .required, about: "What people call it."),
                    Field(
                        "type", .choice(["text", "email", "url", "select", "multiselect", "object"]), .required,
                        about: "What it holds.",
                    ),
                    .boolean("required", default: false, about: "Whether an integration must have it."),
                    .boolean("secret", default: false, about: "Whether it is never sent out again."),
                ]), most: 20,
            ), .required, about: "The members of `config`.",
        ),
    ]

    package static let example = JSONObject([
        ("type", "google_ads"), ("name", "Google Ads"), ("category", "lead_source"), ("direction", "inbound"),
        ("description", "Leads from the lead forms of Google Ads."),
        ("fields", [["key": "google_key", "label": "Key", "type": "text", "required": true, "secret": true]]),
    ])

    package static let routes: [Route] = [
        Route(
            .get, "/integrations/types", .readIntegrations, "List the types of integrations",
            gives: .list(IntegrationType.self), list,
        )
    ]

    private static func list(_ call: Call) -> Response {
        var writer = JSONWriter(reserving: 8_192)
        writer.beginObject()
        writer.key("data")
        writer.value(.array(all.map(\.json)))
        writer.endObject()
        return Response(status: .ok, json: writer.bytes)
    }

    private var json: JSONValue {
        let fields = members.map { label, field in
            JSONValue.object(
                JSONObject([
                    ("key", .string(field.name)), ("label", .string(label)), ("type", .string(field.formType)),
                    ("required", .boolean(field.rules.contains(.required))),
                    ("secret", .boolean(field.rules.contains(.secret))),
                ])
            )
        }
        return .object(
            JSONObject([
                ("type", .string(type)), ("name", .string(name)), ("category", .string(category)),
                ("direction", .string(direction.rawValue)),
                ("description", .string([description, setUp].filter { !$0.isEmpty }.joined(separator: " "))),
                ("fields", .array(fields)),
            ])
        )
    }
}

extension Field {
    /// What a form would ask for it with.
    fileprivate var formType: String {
        switch kind {
        case .email: "email"
        case .url: "url"
        case .choice: "select"
        case .choices: "multiselect"
        case .object: "object"
        default: "text"
        }
    }
}
