/// A header's value with its parameters, `form-data; name="email"` (RFC 9110 §5.6.6).
struct HeaderValue {
    /// What stands before the first semicolon, in lower case.
    let value: String
    private let parameters: [(name: String, value: String)]

    /// Reads a header's bytes, without its name; nil for ones that break the syntax, are not UTF-8 or have a parameter
    /// twice.
    init?(_ bytes: some Collection<UInt8>) {
        var reader = HeaderReader(bytes: Array(bytes))
        guard let value = reader.text(until: UInt8(ascii: ";")) else { return nil }
        var parameters: [(name: String, value: String)] = []
        while !reader.isAtEnd {
            guard reader.skip(UInt8(ascii: ";")) else { return nil }
            // A semicolon at the end is common, and harmless.
            if reader.isAtEnd { break }
            guard let parameter = reader.parameter(), !parameters.contains(where: { $0.name == parameter.name }) else {
                return nil
            }
            parameters.append(parameter)
        }
        self.value = value.lowercased()
        self.parameters = parameters
    }

    /// A parameter's value; nil where there is none of that name, written in lower case.
    subscript(name: String) -> String? { parameters.first { $0.name == name }?.value }
}

/// Reads a header's bytes from front to back.
private struct HeaderReader {
    let bytes: [UInt8]
    private var position = 0
    /// It closes a quoted string, whatever stands before it.
    private let lastQuotationMark: Int?

    init(bytes: [UInt8]) {
        self.bytes = bytes
        lastQuotationMark = bytes.lastIndex(of: UInt8(ascii: "\""))
    }

    var isAtEnd: Bool { position == bytes.count }

    private var next: UInt8? { isAtEnd ? nil : bytes[position] }

    mutating func skip(_ byte: UInt8) -> Bool {
        guard next == byte else { return false }
        position += 1
        skipSpaces()
        return true
    }

    private mutating func skipSpaces() {
        while next == UInt8(ascii: " ") || next == UInt8(ascii: "\t") { position += 1 }
    }

    /// What stands before a byte, or before the end, without the spaces around it.
    mutating func text(until end: UInt8) -> String? {
        skipSpaces()
        let rest = bytes[position...]
        var piece = rest.prefix { $0 != end }
        position = piece.endIndex
        while piece.last == UInt8(ascii: " ") || piece.last == UInt8(ascii: "\t") { piece.removeLast() }
        return String(validating: piece, as: UTF8.self)
    }

    mutating func parameter() -> (name: String, value: String)? {
        guard let name = text(until: UInt8(ascii: "=")), !name.isEmpty, skip(UInt8(ascii: "=")) else { return nil }
        let value = next == UInt8(ascii: "\"") ? quoted() : text(until: UInt8(ascii: ";"))
        return value.map { (name.lowercased(), $0) }
    }

    /// A quoted string. Only a quotation mark and a backslash are escaped by a backslash: browsers send it as it is, also
    /// at a name's end.
    private mutating func quoted() -> String? {
        var text: [UInt8] = []
        position += 1
        while let byte = next, byte != UInt8(ascii: "\"") {
            position += 1
            if byte == UInt8(ascii: "\\"), position != lastQuotationMark, let escaped = next,
                escaped == byte || escaped == UInt8(ascii: "\"")
            {
                text.append(escaped)
                position += 1
            } else {
                text.append(byte)
            }
        }
        guard skip(UInt8(ascii: "\"")), isAtEnd || next == UInt8(ascii: ";") else { return nil }
        return String(validating: text, as: UTF8.self)
    }
}
