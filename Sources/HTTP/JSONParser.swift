// A strict reader of JSON (RFC 8259). Foundation's readers take trailing commas and UTF-16, keep one of two equal names
// and round numbers; what a client sends must neither change nor get lost unnoticed, so this one refuses instead.

extension JSONValue {
    /// How many arrays and objects may stand inside each other, the outermost counted (RFC 8259, section 9).
    package static let maximumDepth = 32

    /// Takes bytes that must be exactly one JSON text in UTF-8, with white space around it or not, and gives its value.
    ///
    /// - Parameters:
    ///   - bytes: the text.
    ///   - mendsSurrogates: whether U+FFFD stands for an escaped half of a surrogate pair, as in what programs send that
    ///     have cut a text between the two (RFC 8259, section 8.2); else it is refused.
    /// - Throws: `JSONError` for the first thing that is wrong, bytes that are not UTF-8 before all else.
    package init(parsing bytes: [UInt8], mendsSurrogates: Bool = false) throws(JSONError) {
        do throws(UTF8.ValidationError) {
            _ = try UTF8Span(validating: bytes.span)
        } catch {
            throw .invalidUTF8(offset: error.byteOffsets.lowerBound)
        }
        var parser = JSONParser(bytes: bytes, mendsSurrogates: mendsSurrogates)
        self = try parser.parseText()
    }
}

/// Reads bytes that are known to be UTF-8 from front to back. Each method begins at `position` and leaves it behind
/// what it took.
private struct JSONParser {
    /// From how many members on names are looked up in a set, since comparing each with each would be quadratic.
    private static let manyMembers = 16

    private let bytes: [UInt8]
    private let mendsSurrogates: Bool
    private var position = 0
    private var depth = 0

    init(bytes: [UInt8], mendsSurrogates: Bool) {
        (self.bytes, self.mendsSurrogates) = (bytes, mendsSurrogates)
    }

    /// Takes the whole input: one value and the white space around it (RFC 8259, section 2).
    mutating func parseText() throws(JSONError) -> JSONValue {
        let value = try parseValue()
        skipWhiteSpace()
        guard position == bytes.count else { throw .trailingContent(offset: position) }
        return value
    }

    /// Takes white space, then a value of any kind (RFC 8259, section 3).
    private mutating func parseValue() throws(JSONError) -> JSONValue {
        skipWhiteSpace()
        guard let first = next else { throw unexpected }
        return switch first {
        case UInt8(ascii: "\""): .string(try parseString())
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): .number(try parseNumber())
        case UInt8(ascii: "{"): .object(try parseObject())
        case UInt8(ascii: "["): .array(try parseArray())
        case UInt8(ascii: "n"): try parseWord("null", .null)
        case UInt8(ascii: "t"): try parseWord("true", .boolean(true))
        case UInt8(ascii: "f"): try parseWord("false", .boolean(false))
        default: throw unexpected
        }
    }

    private mutating func parseWord(_ word: String, _ value: JSONValue) throws(JSONError) -> JSONValue {
        for byte in word.utf8 {
            guard skip(byte) else { throw unexpected }
        }
        return value
    }
}

// MARK: - Arrays and objects

extension JSONParser {
    /// Takes an array from its opening to its closing bracket (RFC 8259, section 5).
    private mutating func parseArray() throws(JSONError) -> [JSONValue] {
        try enter()
        defer { depth -= 1 }
        var elements: [JSONValue] = []
        guard !closes(with: UInt8(ascii: "]")) else { return elements }
        repeat {
            elements.append(try parseValue())
        } while try continues(until: UInt8(ascii: "]"))
        return elements
    }

    /// Takes an object from its opening to its closing bracket, and no name twice (RFC 8259, section 4, says that names
    /// should be unique; here they must).
    private mutating func parseObject() throws(JSONError) -> JSONObject {
        try enter()
        defer { depth -= 1 }
        var members: [JSONObject.Member] = []
        var names: Set<ExactName> = []
        guard !closes(with: UInt8(ascii: "}")) else { return JSONObject(members) }
        repeat {
            skipWhiteSpace()
            let offset = position
            let name = try parseName()
            guard !Self.isRepeated(name, in: members, &names) else { throw .duplicateName(name, offset: offset) }
            members.append((name, try parseValue()))
        } while try continues(until: UInt8(ascii: "}"))
        return JSONObject(members)
    }

    /// Takes a member's name and its colon.
    private mutating func parseName() throws(JSONError) -> String {
        guard next == UInt8(ascii: "\"") else { throw unexpected }
        let name = try parseString()
        skipWhiteSpace()
        guard skip(UInt8(ascii: ":")) else { throw unexpected }
        return name
    }

    /// Whether one of the members has this name already. `names` is filled once there are many, and kept from then on.
    private static func isRepeated(
        _ name: String, in members: [JSONObject.Member], _ names: inout Set<ExactName>,
    ) -> Bool {
        guard members.count >= manyMembers else { return members.contains { $0.name.hasSameBytes(as: name) } }
        if names.isEmpty { names = Set(members.lazy.map { ExactName(text: $0.name) }) }
        return !names.insert(ExactName(text: name)).inserted
    }

    /// Takes an opening bracket and goes one level down.
    private mutating func enter() throws(JSONError) {
        guard depth < JSONValue.maximumDepth else { throw .tooDeep(offset: position) }
        depth += 1
        position += 1
    }

    /// Takes white space and the closing bracket, if that comes next.
    private mutating func closes(with bracket: UInt8) -> Bool {
        skipWhiteSpace()
        return skip(bracket)
    }

    /// Takes what follows an element or member: a comma, and gives true; or the closing bracket, and gives false.
    private mutating func continues(until bracket: UInt8) throws(JSONError) -> Bool {
        skipWhiteSpace()
        if skip(UInt8(ascii: ",")) { return true }
        guard skip(bracket) else { throw unexpected }
        return false
    }
}

/// A name that equals another only byte by byte; a `String` in a set would be compared by what it looks like.
private struct ExactName: Hashable {
    let text: String

    static func == (left: ExactName, right: ExactName) -> Bool {
        left.text.hasSameBytes(as: right.text)
    }

    func hash(into hasher: inout Hasher) {
        var text = text
        text.withUTF8 { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
    }
}

// MARK: - Strings

extension JSONParser {
    /// Takes a string from quotation mark to quotation mark and gives its text (RFC 8259, section 7).
    private mutating func parseString() throws(JSONError) -> String {
        position += 1
        var decoded: [UInt8] = []
        while true {
            let run = takePlainRun()
            switch next {
            case UInt8(ascii: "\""):
                position += 1
                guard !decoded.isEmpty else { return String(decoding: bytes[run], as: UTF8.self) }
                decoded += bytes[run]
                return String(decoding: decoded, as: UTF8.self)
            case UInt8(ascii: "\\"):
                decoded += bytes[run]
                decoded += try parseEscape().utf8
            case nil: throw .unexpectedEnd(offset: position)
            default: throw .controlCharacter(offset: position)
            }
        }
    }

    /// Takes characters that stand for themselves and gives where they are.
    private mutating func takePlainRun() -> Range<Int> {
        let start = position
        while position < bytes.count, !bytes[position].mustBeEscapedInJSON { position += 1 }
        return start..<position
    }

    /// Takes one escape, or the two that make a surrogate pair, and gives the character.
    private mutating func parseEscape() throws(JSONError) -> Unicode.Scalar {
        let start = position
        position += 1
        guard let letter = next else { throw .unexpectedEnd(offset: position) }
        position += 1
        switch letter {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return Unicode.Scalar(letter)
        case UInt8(ascii: "b"): return "\u{8}"
        case UInt8(ascii: "f"): return "\u{C}"
        case UInt8(ascii: "n"): return "\n"
        case UInt8(ascii: "r"): return "\r"
        case UInt8(ascii: "t"): return "\t"
        case UInt8(ascii: "u"): return try parseCodePoint(escapedAt: start)
        default: throw .invalidEscape(offset: start)
        }
    }

    /// Takes the digits behind `\u` and, where they are the first half of a surrogate pair, the second half's escape.
    private mutating func parseCodePoint(escapedAt start: Int) throws(JSONError) -> Unicode.Scalar {
        let first = try parseCodeUnit(escapedAt: start)
        if let scalar = Unicode.Scalar(first) { return scalar }
        let end = position
        do throws(JSONError) {
            return try parseSecondHalf(of: first, escapedAt: start)
        } catch {
            guard mendsSurrogates else { throw error }
            position = end
            return "\u{FFFD}"
        }
    }

    /// Takes the escape of the second half of a surrogate pair and gives the character.
    private mutating func parseSecondHalf(of first: UInt32, escapedAt start: Int) throws(JSONError) -> Unicode.Scalar {
        guard first < 0xDC00 else { throw .invalidEscape(offset: start) }
        for byte in "\\u".utf8 where !skip(byte) {
            throw next == nil ? .unexpectedEnd(offset: position) : .invalidEscape(offset: start)
        }
        let second = try parseCodeUnit(escapedAt: start)
        guard 0xDC00..<0xE000 ~= second, let scalar = Unicode.Scalar(0x10000 + (first - 0xD800) << 10 + second - 0xDC00)
        else { throw .invalidEscape(offset: start) }
        return scalar
    }

    /// Takes four hexadecimal digits and gives the UTF-16 code unit that they name.
    private mutating func parseCodeUnit(escapedAt start: Int) throws(JSONError) -> UInt32 {
        var unit: UInt32 = 0
        for _ in 0..<4 {
            guard let byte = next else { throw .unexpectedEnd(offset: position) }
            guard let digit = Character(Unicode.Scalar(byte)).hexDigitValue else { throw .invalidEscape(offset: start) }
            unit = unit << 4 + UInt32(digit)
            position += 1
        }
        return unit
    }
}

// MARK: - Numbers

extension JSONParser {
    /// Takes a number and gives its text (RFC 8259, section 6).
    private mutating func parseNumber() throws(JSONError) -> String {
        let start = position
        _ = skip(UInt8(ascii: "-"))
        if !skip(UInt8(ascii: "0")) {
            try skipDigits()
        } else if nextIsDigit {
            throw .invalidNumber(offset: position)
        }
        if skip(UInt8(ascii: ".")) { try skipDigits() }
        if skip(UInt8(ascii: "e")) || skip(UInt8(ascii: "E")) {
            _ = skip(UInt8(ascii: "+")) || skip(UInt8(ascii: "-"))
            try skipDigits()
        }
        return String(decoding: bytes[start..<position], as: UTF8.self)
    }

    /// Takes one digit at least.
    private mutating func skipDigits() throws(JSONError) {
        guard nextIsDigit else {
            throw next == nil ? .unexpectedEnd(offset: position) : .invalidNumber(offset: position)
        }
        while nextIsDigit { position += 1 }
    }

    private var nextIsDigit: Bool {
        next.map { UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 } ?? false
    }
}

// MARK: - Bytes

extension JSONParser {
    /// The byte to take next, or nil at the end.
    private var next: UInt8? {
        position < bytes.count ? bytes[position] : nil
    }

    /// What is wrong when the next byte, or the end, cannot stand where it does.
    private var unexpected: JSONError {
        next == nil ? .unexpectedEnd(offset: position) : .unexpectedByte(offset: position)
    }

    /// Takes this byte if it comes next, and says whether it did.
    private mutating func skip(_ byte: UInt8) -> Bool {
        guard next == byte else { return false }
        position += 1
        return true
    }

    /// Takes spaces, tabs, line feeds and carriage returns; to JSON nothing else is white space.
    private mutating func skipWhiteSpace() {
        while let byte = next, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { position += 1 }
    }
}

extension UInt8 {
    /// Whether a string may not hold this byte as it is (RFC 8259, section 7).
    var mustBeEscapedInJSON: Bool {
        self < 0x20 || self == UInt8(ascii: "\"") || self == UInt8(ascii: "\\")
    }
}
