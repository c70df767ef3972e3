import HTTP

/// Values as the documentation shows them: those that a resource gives, else what follows from a field's name and kind.
enum Example {
    /// An object of these fields, of which `given` has values of some: in an answer with all of them, in a body with
    /// those that are required or given.
    static func object(_ fields: [Field], for purpose: Purpose, _ given: JSONObject = JSONObject([])) -> JSONValue {
        let closed: Field.Rules = purpose == .changes ? [.readOnly, .fixed] : .readOnly
        let shown = fields.filter { field in
            purpose == .answer
                || field.rules.isDisjoint(with: closed) && (field.rules.contains(.required) || given[field.name] != nil)
        }
        return .object(JSONObject(shown.map { ($0.name, $0.example(for: purpose, in: given)) }))
    }

    /// Scheme and host of a server as documented.
    static let origin = "https://leadhub.example.com"

    /// What an address of a form or an integration ends in.
    static func token(of owner: some StringProtocol) -> String {
        (owner == "forms" ? "lhf" : "lhi") + "_your_token_here"
    }

    fileprivate static let moment: JSONValue = "2026-03-28T09:15:00+00:00"

    /// What a name alone tells.
    fileprivate static let named: JSONObject = JSONObject([
        ("email", "sarah@example.com"), ("company", "Tech Corp"), ("job_title", "Head of Operations"),
        ("country", "United States"), ("industry", "Software"), ("company_size", "51-200"),
        ("linkedin_url", "https://www.linkedin.com/in/sarah-johnson"), ("deal_value", .number("12500.5")),
        ("to", "lead"), ("field", "first_name"), ("maps_to", "custom_fields.budget"), ("options", ["Small", "Large"]),
        ("honeypot_field", "website"), ("search", "sarah"), ("source", "website"), ("tag", "vip-client"),
        ("tags", ["hot-lead", "enterprise"]), ("custom_fields", ["budget": "10000"]), ("version", .string(version)),
        // As `make run` calls it; and as Meta asks.
        ("tenant", "demo"), ("hub.mode", "subscribe"), ("hub.challenge", "1158201444"),
        ("hub.verify_token", "your_verify_token_here"),
    ])
}

extension Field {
    func example(for purpose: Purpose, in given: JSONObject = JSONObject([])) -> JSONValue {
        let named = Example.named[name].flatMap { takes($0) ? $0 : nil }
        let value = given[name] ?? named ?? madeUp
        switch (kind, value) {
        case (.text, .string(let text)) where rules.contains(.secret) && purpose == .answer:
            return .string(Mask.of(text))
        case (.record(let shape), .object(let object)):
            return shape.example(for: purpose, object)
        case (.records(let shape, _), .array(let items)):
            return .array(
                items.map { item in
                    if case .object(let object) = item { shape.example(for: purpose, object) } else { item }
                }
            )
        default:
            return value
        }
    }

    private var madeUp: JSONValue {
        switch kind {
        case .id, .reference: 1
        case .references: [1]
        case .text(let length): .string(String(titled.prefix(length.upperBound)))
        case .referenceByName: "hot-lead"
        case .email: "sarah@example.com"
        case .phone: "+14155551234"
        case .color: "#6B7280"
        case .url: "https://example.com"
        case .address: "\(Example.origin)/api/inbound"
        case .slug: "example"
        case .choice(let choices):
            .string(choices.first { .text($0) == initial } ?? choices.first ?? "")
        case .choices(let choices): .array(choices.prefix(2).map { .string($0) })
        case .integer(let range): .number("\(max(1, range.lowerBound))")
        case .money: .number("12500.5")
        case .boolean: json(initial == .null ? .integer(1) : initial)
        case .time: Example.moment
        case .names: ["hot-lead", "enterprise"]
        case .object: ["key": "value"]
        case .scalar, .either: "value"
        case .record: [:]
        case .records: [[:]]
        }
    }

    private var titled: String { title.prefix(1).uppercased() + title.dropFirst() }
}

extension Shape {
    /// An object of which `given` has some members; of the first choice, where it does not say which.
    fileprivate func example(for purpose: Purpose, _ given: JSONObject) -> JSONValue {
        switch self {
        case .depending(let fields, _):
            return Example.object(fields, for: purpose, given)
        case .beside(_, let choices):
            // The first choice that has these members stands for all.
            let fitting = choices.lazy.compactMap { $0.shape.fields(of: given) }
                .first { fields in given.allSatisfy { member in fields.contains { $0.name == member.name } } }
            return Example.object(fitting ?? [], for: purpose, given)
        case .fields, .choice:
            break
        }
        let decided = decided(given)
        return Example.object(fields(of: decided) ?? [], for: purpose, decided)
    }

    private func decided(_ given: JSONObject) -> JSONObject {
        guard case .choice(let field, _, let choices) = self, let first = choices.first else { return given }
        let value = given[field.name] ?? .string(first.value)
        guard case .object(let object) = JSONValue.object(given).with((field.name, value)),
            let choice = choices.first(where: { .string($0.value) == value })
        else { return given }
        return choice.shape.decided(object)
    }
}
