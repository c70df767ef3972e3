/// Why bytes are no JSON that we take. Each offset counts the bytes before the one that is wrong.
package enum JSONError: Error, Equatable, Sendable {
    /// A byte that cannot stand here, such as the bracket behind a trailing comma, or a byte order mark's first.
    case unexpectedByte(offset: Int)
    /// The input ends inside of a value, or before one.
    case unexpectedEnd(offset: Int)
    /// Something follows the value.
    case trailingContent(offset: Int)
    /// Bytes that are not UTF-8 (RFC 3629): stray, overlong, a surrogate, past U+10FFFF, cut short.
    case invalidUTF8(offset: Int)
    /// A backslash with what no escape is made of, or with half of a surrogate pair; the offset is the backslash's.
    case invalidEscape(offset: Int)
    /// A character below U+0020 stands in a string unescaped.
    case controlCharacter(offset: Int)
    /// A number with a leading zero, or without a digit where one must stand.
    case invalidNumber(offset: Int)
    /// An array or object at a level past `JSONValue.maximumDepth`; the offset is its bracket's.
    case tooDeep(offset: Int)
    /// A name that its object had already; the offset is the repeated name's quotation mark.
    case duplicateName(String, offset: Int)
}

extension JSONError {
    /// How much of a repeated name a message shows, in code points.
    private static let shownNameLength = 64

    /// One plain sentence for the client that sent the bytes.
    package var message: String {
        switch self {
        case .unexpectedByte(let offset): Self.sentence("unexpected character", offset)
        case .unexpectedEnd(let offset): Self.sentence("unexpected end", offset)
        case .trailingContent(let offset): Self.sentence("unexpected content after the value", offset)
        case .invalidUTF8(let offset): "The body is not valid UTF-8 at byte \(offset)."
        case .invalidEscape(let offset): Self.sentence("invalid escape", offset)
        case .controlCharacter(let offset): Self.sentence("unescaped control character", offset)
        case .invalidNumber(let offset): Self.sentence("invalid number", offset)
        case .tooDeep(let offset):
            "The body is nested more than \(JSONValue.maximumDepth) levels deep at byte \(offset)."
        case .duplicateName(let name, let offset):
            "The body has the name \"\(Self.shortened(name))\" twice in one object, again at byte \(offset)."
        }
    }

    private static func sentence(_ problem: String, _ offset: Int) -> String {
        "The body is not valid JSON: \(problem) at byte \(offset)."
    }

    private static func shortened(_ name: String) -> String {
        let shown = String(String.UnicodeScalarView(name.unicodeScalars.prefix(shownNameLength)))
        return shown.utf8.count == name.utf8.count ? name : shown + "…"
    }
}
