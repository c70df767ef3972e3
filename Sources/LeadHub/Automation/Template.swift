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
        // By code points: to Swift a brace and a mark behind it are one character, which is no brace.
        var rest = text.unicodeScalars[...]
        while let opening = rest.firstRange(of: "{{".unicodeScalars) {
            guard let closing = rest[opening.upperBound...].firstRange(of: "}}".unicodeScalars) else {
                throw Unfinished()
            }
            if opening.lowerBound > rest.startIndex { parts.append(.text(String(rest[..<opening.lowerBound]))) }
            parts.append(.name(Text.normalized(String(rest[opening.upperBound..<closing.lowerBound]))))
            rest = rest[closing.upperBound...]
        }
        if !rest.isEmpty { parts.append(.text(String(rest))) }
    }

    /// Whether a place may have this name: a field of the lead, or one of the user who takes care of the lead.
    static func knows(_ name: String) -> Bool {
        let halves = name.unicodeScalars.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
            .map { String($0) }
        guard halves.count == 2 else { return false }
        switch halves[0] {
        // All custom fields at once are no text.
        case "lead": return halves[1] != "custom_fields" && Lead.field(named: halves[1]) != nil
        case "user": return User.fields.contains { $0.name == halves[1] }
        default: return false
        }
    }

    /// What is wrong with a text as a template, as the end of a message; nil where nothing is.
    static func objection(to text: String) -> String? {
        guard let template = try? Template(text) else { return "must close every {{ with }}." }
        var unknown: [String] = []
        for case .name(let name) in template.parts where !knows(name) && !unknown.contains(name) {
            unknown.append(name)
            if unknown.count == mostShown { break }
        }
        guard !unknown.isEmpty else { return nil }
        let names = unknown.map { "{{\(Text.first(longestShown, of: $0))}}" }.joined(separator: ", ")
        return "must not contain unknown names: \(names)."
    }

    /// Names in a message, and code points of each.
    private static let (mostShown, longestShown) = (5, 100)
}
