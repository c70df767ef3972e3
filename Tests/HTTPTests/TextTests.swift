import HTTP
import Testing

@Suite struct TextTests {
    @Test(arguments: [
        ("ABC", "abc"), ("Zoë", "zoe"), ("ÅÄÖ", "aao"), ("e\u{301}", "e"), ("Ñandú", "nandu"), ("ǅ", "ǆ"), ("Ǆ", "ǆ"),
        ("straße", "strasse"), ("STRASSE", "strasse"), ("STRAẞE", "strasse"), ("ŒUVRE", "œuvre"), ("Łódź", "łodz"),
        ("İstanbul", "istanbul"), ("ISTANBUL", "istanbul"), ("ﬁn", "fin"), ("ŉ", "ʼn"), ("\u{212B}", "a"),
        ("\u{212A}", "k"), ("việt", "viet"), ("ΟΔΟΣ", "οδοσ"), ("οδος", "οδοσ"), ("Ἀθῆναι", "αθηναι"), ("ΐ", "ι"),
        ("ИВАН", "иван"), ("Ёлка", "елка"), ("Їжак", "іжак"), ("שָׁלוֹם", "שלום"), ("مُحَمَّد", "محمد"), ("أحمد", "احمد"),
        ("😀É", "😀e"), ("", ""), (" A  B ", " a  b "),
    ])
    func foldsCaseAndAccents(text: String, folded: String) {
        #expect(Array(Text.folded(text).unicodeScalars) == Array(folded.unicodeScalars))
    }

    /// Marks that make another letter or vowel are no accents.
    @Test(arguments: ["ที่นี่", "हिन्दी", "क़िला", "が", "か\u{3099}", "ぱパ", "한국어", "中文", "தமிழ்", "ትግርኛ"])
    func keepsTheMarksOfOtherScripts(text: String) {
        let composed = Text.normalized(text)
        #expect(Array(Text.folded(text).unicodeScalars) == Array(composed.unicodeScalars))
    }

    /// Of every letter that has a case, all spellings fold to the same, and folding twice changes nothing.
    @Test func foldsEverySpellingOfALetterAlike() {
        for value in UInt32(0x80)...0x1_FFFF {
            guard let scalar = Unicode.Scalar(value), scalar.properties.changesWhenCaseMapped else { continue }
            let text = String(scalar)
            let folded = Text.folded(text)
            #expect(Text.folded(folded) == folded, "\(scalar)")
            #expect(Text.folded(text.lowercased()) == folded, "\(scalar)")
            #expect(Text.folded(text.uppercased()) == folded, "\(scalar)")
        }
    }

    @Test(arguments: [
        ("Sarah@Example.COM", "sarah@example.com"), ("É@example.com", "é@example.com"),
        ("e\u{301}@example.com", "é@example.com"), ("ΣΑΣ@example.com", "σας@example.com"),
    ])
    func comparesAddressesWithoutCase(one: String, other: String) {
        let email = Field.email("email", about: "")
        #expect(email.compared(Text.normalized(one)) == email.compared(Text.normalized(other)))
        #expect(email.comparedColumn == "email_folded")
    }

    @Test(arguments: [
        ("jose@example.com", "josé@example.com"), ("a@example.com", "å@example.com"), ("a@b.co", "a@b.com"),
    ])
    func tellsAddressesApartByTheirAccents(one: String, other: String) {
        let email = Field.email("email", about: "")
        #expect(email.compared(one) != email.compared(other))
    }

    @Test(arguments: [
        ("+1 (415) 555-1234", "14155551234"), ("001 415 5551234", "14155551234"), ("030 123", "30123"),
        ("+49 (0)30 1", "490301"), ("٠١٢٣٤", "1234"), ("۰۹۱۲", "912"), ("１２３", "123"), ("१२", "12"),
        ("½ ² ①", ""), ("000", ""), ("", ""), ("ext. 5", "5"), ("1\u{301}2", "12"),
    ])
    func comparesPhoneNumbersByTheirDigits(text: String, digits: String) {
        #expect(Text.phoneDigits(text) == digits)
        #expect(Field.phone("phone", about: "").compared(text) == digits)
    }

    @Test(arguments: [
        (" a ", "a"), ("\u{FEFF}a", "\u{FEFF}a"), ("\u{A0}\u{2028}a\u{85}", "a"), ("a\u{301}", "\u{E1}"), ("  ", ""),
        ("\u{1100}\u{1161}", "\u{AC00}"), (" \u{301}a", "\u{301}a"), ("\r\na\r\n", "a"), ("ﬁ", "ﬁ"),
    ])
    func trimsAndComposes(text: String, normalized: String) {
        #expect(Array(Text.normalized(text).unicodeScalars) == Array(normalized.unicodeScalars))
    }

    @Test func findsControlCharacters() {
        for value in UInt32(0)...0x2FF {
            guard let scalar = Unicode.Scalar(value) else { continue }
            let isControl = scalar.properties.generalCategory == .control && value != 9 && value != 10
            #expect(Text.hasControlCharacter("a\(scalar)b") == isControl, "\(value)")
        }
        #expect(!Text.hasControlCharacter("a\u{2028}\u{200B}\u{202E}😀"))
        #expect(Text.hasControlCharacter("a\r\nb"))
    }
}
