extension Field {
    /// Reads a value that comes from a form or another sender as this field's type: a text as a number or a truth
    /// value, a number as a text. What cannot be read so stays as it is.
    package func lenient(_ value: JSONValue) -> JSONValue {
        switch (kind, value) {
        case (_, .string(let text)) where Text.isBlank(text): .null
        case (.boolean, _): Field.truth(value)
        case (.integer, .string(let text)), (.money, .string(let text)), (.reference, .string(let text)):
            Field.number(text)
        case (.names, .array(let items)): .array(Field.filledIn(items))
        case (.choices(let choices), .array(let items)): .array(Field.choices(Field.filledIn(items), choices))
        case (.names, .string), (.names, .number), (.names, .boolean): .array(Field.filledIn([value]))
        case (.choices, .string), (.choices, .number), (.choices, .boolean): lenient(.array([value]))
        case (.choice(let choices), .string): Field.choices([value], choices)[0]
        case (_, .string(let text)): .string(Text.unixLines(text))
        case (.choice, _), (.text, _), (.email, _), (.phone, _), (.url, _):
            Field.plain(value).map { .string($0) } ?? value
        default: value
        }
    }

    /// The number that a text writes; the text itself where it writes none.
    package static func number(_ text: String) -> JSONValue {
        let form = /\+?(-?)([0-9]+(?:\.[0-9]+)?|\.[0-9]+)(e[+-]?[0-9]+)?/.ignoresCase()
        guard text.utf8.count <= longestNumber, let match = Text.normalized(text).wholeMatch(of: form) else {
            return .string(text)
        }
        let digits = match.2.drop { $0 == "0" }
        let hasWhole = digits.first?.isNumber ?? false
        return .number("\(match.1)\(hasWhole ? "" : "0")\(digits)\(match.3 ?? "")")
    }

    private static let longestNumber = 100

    /// What of a list is not blank: texts, and what is none as it stands.
    private static func filledIn(_ items: [JSONValue]) -> [JSONValue] {
        items.map { item in plain(item).map { .string($0) } ?? item }.filter { item in
            if case .string(let text) = item { !Text.isBlank(text) } else { item != .null }
        }
    }

    /// A text, number or truth value as text; nil for anything else.
    private static func plain(_ value: JSONValue) -> String? {
        switch value {
        case .string(let text): Text.unixLines(text)
        case .number(let text): text
        case .boolean(let isTrue): isTrue ? "true" : "false"
        case .null, .array, .object: nil
        }
    }

    private static func truth(_ value: JSONValue) -> JSONValue {
        // Pages send a hidden field of the same name before a checkbox; what comes last counts.
        if case .array(let items) = value, let last = items.last { return truth(last) }
        return switch plain(value)?.lowercased().filter({ !$0.isWhitespace }) {
        case "true", "on", "yes", "1": .boolean(true)
        case "false", "off", "no", "0": .boolean(false)
        default: value
        }
    }

    /// The choices that texts mean: those written so, else the first that is the same folded.
    private static func choices(_ values: [JSONValue], _ choices: [String]) -> [JSONValue] {
        let exact = Set(choices)
        lazy var folded = Dictionary(choices.map { (Text.folded($0), $0) }) { first, _ in first }
        return values.map { value in
            guard case .string(let given) = value, !Text.stacksMarks(given) else { return value }
            let text = Text.normalized(given)
            return .string(exact.contains(text) ? text : folded[Text.folded(text)] ?? given)
        }
    }
}
