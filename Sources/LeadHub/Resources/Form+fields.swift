import GRDB
import HTTP

/// One thing that a form asks.
struct FormField {
    let key: String
    let type: String
    let isRequired: Bool
    let options: [String]
    private let mapsTo: String?

    /// As a form's record has it.
    static let fields: [Field] = [
        .text("key", 1...64, .required, about: "The name under which it is sent; no two of a form have the same.")
            .refusing { key in
                if case .text(let key) = key, key.hasSuffix("[]") { "must not end with brackets." } else { nil }
            },
        .text("label", 1...255, about: "What people read beside it; made from the key where it is not given."),
        .choice("type", types, default: "text", about: "What must be filled in."),
        .boolean("required", default: false, about: "Whether it must be filled in; a checkbox must be checked."),
        Field(
            "options", .names(1...255, most: 250), .exact, initial: .names([]),
            about: "What there is to choose from; `select` and `multiselect` need some.",
        ),
        .text(
            "maps_to", 1...78,
            about: """
                What of the lead it says: one of its fields, or `custom_fields.` and a key. By default the field of the \
                same name, else the custom field of that key.
                """,
        ),
    ]

    private static let types = [
        "text", "textarea", "email", "phone", "number", "url", "date", "select", "multiselect", "checkbox", "hidden",
    ]

    /// What a form asks that names no fields.
    static let standard: [JSONValue] = [
        ("first_name", "text"), ("last_name", "text"), ("email", "email"), ("phone", "phone"), ("notes", "textarea"),
    ].map { key, type in
        completed(
            .object(
                JSONObject([
                    ("key", .string(key)), ("label", .null), ("type", .string(type)), ("required", .boolean(false)),
                    ("options", .array([])), ("maps_to", .null),
                ])
            )
        )
    }

    /// The fields of a lead that a form may fill.
    private static let targets = Lead.fields.filter { !$0.rules.contains(.readOnly) && $0.name != "custom_fields" }
        .map(\.name)

    /// What of the lead it says: one of its fields, or `custom_fields.` and a key.
    var target: String { mapsTo ?? (FormField.targets.contains(key) ? key : Lead.customFieldPrefix + key) }

    /// - Parameter json: as a form's record has it, or as it came and was refused: then what is no text is not there.
    init(_ json: JSONValue) {
        func text(_ name: String) -> String? {
            guard case .object(let object) = json, let text = object.text(name), !text.isEmpty else { return nil }
            return text
        }
        var (isRequired, options) = (false, [String]())
        if case .object(let object) = json {
            isRequired = object["required"] == .boolean(true)
            if case .array(let items) = object["options"] {
                options = items.compactMap { if case .string(let option) = $0 { option } else { nil } }
            }
        }
        key = text("key") ?? ""
        type = text("type") ?? "text"
        self.isRequired = isRequired
        self.options = options
        mapsTo = text("maps_to")
    }

    /// A checked field with what a client may leave out.
    static func completed(_ json: JSONValue) -> JSONValue {
        guard case .object(let object) = json else { return json }
        let field = FormField(json)
        let words = field.key.replacing("_", with: " ")
        return .object(
            JSONObject(
                object.map { member in
                    switch (member.name, member.value) {
                    case ("label", .null): (member.name, .string(words.prefix(1).uppercased() + words.dropFirst()))
                    case ("maps_to", .null): (member.name, .string(field.target))
                    default: member
                    }
                }
            )
        )
    }

    /// Adds what is wrong with a form's fields beside their types.
    static func check(_ items: [JSONValue], _ problems: inout Problems) {
        var keys: Set<String> = []
        for (index, field) in items.map(FormField.init).enumerated() {
            if !field.key.isEmpty && !keys.insert(field.key).inserted {
                problems.add("fields.\(index).key", "The fields.\(index).key field has a duplicate value.")
            }
            if field.isChoice && field.options.isEmpty {
                problems.add("fields.\(index).options", "The fields.\(index).options field is required.")
            }
            if let target = field.mapsTo, !isTarget(target) {
                problems.add("fields.\(index).maps_to", "The selected fields.\(index).maps to is invalid.")
            }
        }
    }

    private var isChoice: Bool { type == "select" || type == "multiselect" }

    private static func isTarget(_ text: String) -> Bool {
        guard let key = Text.behind(Lead.customFieldPrefix, in: text) else { return targets.contains(text) }
        return Lead.customFieldLimits.keyLength.contains(key.unicodeScalars.count) && key == Text.normalized(key)
    }

    // MARK: - What is filled in

    /// Checks what was filled in, read leniently; adds to the problems where it will not do.
    ///
    /// - Returns: what is kept of it; null where nothing was filled in.
    func check(_ value: JSONValue?, _ problems: inout Problems) -> JSONValue {
        let field = Field(key, kind, isRequired ? .required : [], about: "")
        let given = value.map { read($0, as: field) } ?? .null
        let sent: JSONValue = given == .array([]) ? .null : given
        let before = problems.messages.count
        let input = Input(JSONObject([(name: key, value: sent)]), fields: [field], isNew: true, problems: &problems)
        guard problems.messages.count == before, let checked = input[key] else { return .null }
        return finished(field.json(checked), sent, &problems)
    }

    private func finished(_ checked: JSONValue, _ sent: JSONValue, _ problems: inout Problems) -> JSONValue {
        let title = key.replacing("_", with: " ")
        switch (type, checked) {
        case ("number", let value) where value != .null && !FormField.isNumber(value):
            problems.add(key, "The \(title) field must be a number.")
        case ("checkbox", .boolean(false)) where isRequired:
            problems.add(key, "The \(title) field must be accepted.")
        case ("date", .string):
            // A day stays a day.
            if case .string(let text) = sent { return .string(Text.normalized(text)) }
        default:
            break
        }
        return checked
    }

    /// Whether it is a number that others can calculate with too: `1e999` is one by JSON's grammar alone.
    private static func isNumber(_ value: JSONValue) -> Bool {
        if case .number(let text) = value { Double(text)?.isFinite == true } else { false }
    }

    /// Where an address or a number comes several times, the first that fits; and what else was sent.
    func first(of value: JSONValue?) -> (value: JSONValue?, others: [JSONValue]) {
        guard ["email", "phone"].contains(type), case .array(let items) = value else { return (value, []) }
        let field = Field(key, kind, about: "")
        let (first, others) = Intake.first(of: items) { Intake.text($0) != nil && field.takes(field.lenient($0)) }
        return first.map { ($0, others) } ?? (value, [])
    }

    private func read(_ value: JSONValue, as field: Field) -> JSONValue {
        switch (type, field.lenient(value)) {
        case ("number", _):
            if case .string(let text) = value { Text.isBlank(text) ? .null : Field.number(text) } else { value }
        // A box that is checked is sent with its own value, whatever that is: https://html.spec.whatwg.org/#attr-input-value
        case ("checkbox", .string(let text)): Text.isBlank(text) ? .null : .boolean(true)
        case (_, let read): read
        }
    }

    private var kind: Field.Kind {
        switch type {
        case "email": .email
        case "phone": .phone(32)
        case "number": .scalar
        case "url": .url
        case "date": .time
        case "select": .choice(options)
        case "multiselect": .choices(options)
        case "checkbox": .boolean
        default: .text(1...65_535)
        }
    }
}
