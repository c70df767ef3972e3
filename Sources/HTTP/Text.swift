import Foundation

/// How text that comes from outside is made uniform before it is kept.
package enum Text {
    /// Without white space at its ends and in Unicode's form C.
    package static func normalized(_ text: String) -> String {
        let trimmed = trimmed(text)
        return isASCII(trimmed) ? String(trimmed) : trimmed.precomposedStringWithCanonicalMapping
    }

    /// With a line feed at each line's end: browsers send a carriage return and a line feed.
    package static func unixLines(_ text: String) -> String {
        guard text.utf8.contains(0x0D) else { return text }
        var bytes: [UInt8] = []
        var isAfterReturn = false
        for byte in text.utf8 {
            if byte != 0x0A || !isAfterReturn { bytes.append(byte == 0x0D ? 0x0A : byte) }
            isAfterReturn = byte == 0x0D
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// What can be kept of any text: control characters become spaces, marks beyond those of `stacksMarks` go.
    package static func tolerated(_ text: String) -> String {
        let lines = unixLines(text)
        guard hasControlCharacter(lines) || stacksMarks(lines) else { return normalized(lines) }
        var scalars = String.UnicodeScalarView()
        var run = 0
        for scalar in lines.unicodeScalars {
            run = scalar.properties.canonicalCombiningClass == .notReordered ? 0 : run + 1
            guard run <= 30 else { continue }
            scalars.append(hasControlCharacter(String(scalar)) ? " " : scalar)
        }
        return normalized(String(scalars))
    }

    /// Whether it holds a control character other than tab and line feed.
    package static func hasControlCharacter(_ text: String) -> Bool {
        text.unicodeScalars.contains { scalar in
            switch scalar.value {
            case 0x09, 0x0A: false
            case 0x00..<0x20, 0x7F..<0xA0: true
            default: false
            }
        }
    }

    /// Whether more combining marks follow one character than any language writes (Unicode's stream-safe text format,
    /// UAX #15 §13): putting them in order takes time that grows with the square of their number.
    package static func stacksMarks(_ text: String) -> Bool {
        if isASCII(text[...]) { return false }
        var run = 0
        for scalar in text.unicodeScalars {
            run = scalar.properties.canonicalCombiningClass == .notReordered ? 0 : run + 1
            if run > 30 { return true }
        }
        return false
    }

    /// What is compared when case does not count: Greek `Σ` and `ς` are the same, and so are German `ß`, `ẞ` and `ss`.
    package static func caseless(_ text: String) -> String {
        if isASCII(text[...]) { return text.lowercased() }
        return text.lowercased().uppercased().lowercased().precomposedStringWithCanonicalMapping
    }

    /// What is compared when neither case nor accents count: `É` and `e` fold to the same. Marks that change a letter
    /// into another one, as in Devanagari, Thai or Japanese, stay.
    package static func folded(_ text: String) -> String {
        if isASCII(text[...]) { return text.lowercased() }
        var scalars = String.UnicodeScalarView()
        scalars.append(contentsOf: text.decomposedStringWithCanonicalMapping.unicodeScalars.filter { !isAccent($0) })
        return caseless(String(scalars))
    }

    /// What is compared of a telephone number: its digits, in ASCII, without leading zeros.
    package static func phoneDigits(_ text: String) -> String {
        String(digits(text).drop { $0 == "0" })
    }

    /// The decimal digits of any script, in ASCII.
    package static func digits(_ text: String) -> String {
        String(
            text.unicodeScalars.compactMap { scalar -> Character? in
                guard scalar.properties.generalCategory == .decimalNumber else { return nil }
                return scalar.properties.numericValue.map { Character(String(Int($0))) }
            }
        )
    }

    /// Its first code points, at most so many.
    package static func first(_ count: Int, of text: String) -> String {
        String(String.UnicodeScalarView(text.unicodeScalars.prefix(count)))
    }

    /// What stands behind a prefix, by code points: a mark behind it does not make it another one. Nil where the text does
    /// not begin with it.
    package static func behind(_ prefix: String, in text: String) -> String? {
        guard text.unicodeScalars.starts(with: prefix.unicodeScalars) else { return nil }
        return String(text.unicodeScalars.dropFirst(prefix.unicodeScalars.count))
    }

    /// Whether there is nothing in it but white space.
    package static func isBlank(_ text: String) -> Bool { trimmed(text).isEmpty }

    private static func trimmed(_ text: String) -> Substring {
        let scalars = text.unicodeScalars
        guard let first = scalars.firstIndex(where: { !$0.properties.isWhitespace }) else { return "" }
        guard let last = scalars.lastIndex(where: { !$0.properties.isWhitespace }) else { return "" }
        return Substring(scalars[first...last])
    }

    private static func isASCII(_ text: Substring) -> Bool { text.utf8.allSatisfy { $0 < 0x80 } }

    /// The combining marks of Latin, Greek and Cyrillic, and the points of Hebrew and Arabic.
    private static func isAccent(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        // U+0345 between them is an iota, which capitals have beside the letter.
        case 0x0300...0x0344, 0x0346...0x036F, 0x1AB0...0x1AFF, 0x1DC0...0x1DFF, 0x20D0...0x20FF, 0xFE20...0xFE2F: true
        case 0x0591...0x05BD, 0x05BF, 0x05C1...0x05C2, 0x05C4...0x05C5, 0x05C7: true
        case 0x0610...0x061A, 0x064B...0x065F, 0x0670, 0x06D6...0x06DC, 0x06DF...0x06E4: true
        default: false
        }
    }
}
