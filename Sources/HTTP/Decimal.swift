/// Decimal numbers of JSON (RFC 8259 §6) without the rounding of binary ones.
enum Decimal {
    enum Scaled: Equatable {
        case number(Int64)
        /// A whole number of that scale, but above what 64 bits hold.
        case tooLarge
        /// A whole number of that scale, but below what 64 bits hold.
        case tooSmall
    }

    /// Whether a text is a number as RFC 8259 §6 writes it, and nothing beside.
    static func isNumber(_ text: String) -> Bool {
        (try? JSONValue(parsing: Array(text.utf8))) == .number(text)
    }

    /// A number as RFC 8259 writes it, times ten to the power of `digits`, exactly; nil where it has more
    /// decimals than that.
    static func scaled(_ text: String, digits: Int) -> Scaled? {
        if digits == 0, let number = Int64(text) { return .number(number) }
        let parts = text.lowercased().split(separator: "e")
        guard let mantissa = parts.first else { return nil }
        let isNegative = mantissa.first == "-"
        let halves = mantissa.drop { $0 == "-" }.split(separator: ".", omittingEmptySubsequences: false)
        // Bytes, whose last one is at hand: a body can have a million of them.
        var significant = halves.flatMap(\.utf8).drop { $0 == UInt8(ascii: "0") }
        guard !significant.isEmpty else { return .number(0) }
        let decimals = halves.count > 1 ? halves[1].count : 0
        var zeros = exponent(parts.dropFirst().first ?? "0") - decimals + digits
        while zeros < 0, significant.last == UInt8(ascii: "0") {
            significant = significant.dropLast()
            zeros += 1
        }
        guard zeros >= 0 else { return nil }
        let beyond = isNegative ? Scaled.tooSmall : .tooLarge
        guard significant.count + zeros <= 19 else { return beyond }
        let whole = String(decoding: significant, as: UTF8.self) + String(repeating: "0", count: zeros)
        return Int64((isNegative ? "-" : "") + whole).map { .number($0) } ?? beyond
    }

    /// Past a billion either way only the sign counts: no body is long enough to make up for more.
    private static func exponent(_ text: Substring) -> Int {
        let limit = 1_000_000_000
        guard let number = Int(text) else { return text.hasPrefix("-") ? -limit : limit }
        return min(max(number, -limit), limit)
    }

    /// An amount of hundredths as JSON writes a number: `1250` is `12.5`.
    static func hundredths(_ amount: Int64) -> String {
        let sign = amount < 0 ? "-" : ""
        let (whole, rest) = amount.magnitude.quotientAndRemainder(dividingBy: 100)
        if rest == 0 { return "\(sign)\(whole)" }
        if rest % 10 == 0 { return "\(sign)\(whole).\(rest / 10)" }
        return "\(sign)\(whole).\(rest < 10 ? "0" : "")\(rest)"
    }
}

extension JSONWriter {
    /// Writes an amount of hundredths as a number.
    package mutating func hundredths(_ amount: Int64) {
        number(Decimal.hundredths(amount))
    }
}
