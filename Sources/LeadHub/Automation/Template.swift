import HTTP

/// A text with places for what is known once it is used: `Hello {{lead.first_name}}`.
///
/// A place begins with `{{` and ends with the next `}}`; between them stands a name, with or without white space around
/// it. `}}` that ends no place is text.
struct Template {
    private(set) var parts: [Part] = []

    enum Part: Equatable {
        case text(String)
        /// What stands here is known by this name: `lead.custom_fields.budget`.
        case name(String)
    }

    /// A place that does not end.
    struct Unfinished: Error {}

    init(_ text: String) throws(Unfinished) {
        var rest = text[...]
        while let opening = rest.firstRange(of: "{{") {
            guard let closing = rest[opening.upperBound...].firstRange(of: "}}") else { throw Unfinished() }
            if opening.lowerBound > rest.startIndex { parts.append(.text(String(rest[..<opening.lowerBound]))) }
            parts.append(.name(Text.normalized(String(rest[opening.upperBound..<closing.lowerBound]))))
            rest = rest[closing.upperBound...]
        }
        if !rest.isEmpty { parts.append(.text(String(rest))) }
    }

    /// Whether a place may have this name: a field of the lead, or one of the user who takes care of the lead.
    static func knows(_ name: String) -> Bool {
        let halves = name.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        guard halves.count == 2 else { return false }
        switch halves[0] {
        // All custom fields at once are no text.
        case "lead": return halves[1] != "custom_fields" && Lead.field(named: halves[1]) != nil
        case "user": return User.fields.contains { $0.name == halves[1] }
        default: return false
        }
    }

    /// What is wrong with a field's value as a template, as the end of a message; nil where nothing is.
    static func objection(to value: Value) -> String? {
        let text: String
        switch value {
        case .text(let given), .json(.string(let given)): text = given
        default: return nil
        }
        guard let template = try? Template(text) else { return "must close every {{ with }}." }
        var unknown: [String] = []
        for case .name(let name) in template.parts where !knows(name) && !unknown.contains(name) {
            unknown.append(name)
            if unknown.count == mostShown { break }
        }
        guard !unknown.isEmpty else { return nil }
        let names = unknown.map { "{{\($0.prefix(longestShown))}}" }.joined(separator: ", ")
        return "must not contain unknown names: \(names)."
    }

    /// Names in a message, and characters of each.
    private static let (mostShown, longestShown) = (5, 100)
}
