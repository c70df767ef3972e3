import HTTP
import Testing

@Suite struct FieldTests {
    // MARK: - Text

    @Test(arguments: [
        (#""abc""#, "abc"), (#"" \t\n abc \u00a0\u2003\u3000""#, "abc"), (#""a  b""#, "a  b"), (#""a\tb""#, "a\tb"),
        (#""a\nb""#, "a\nb"), (#""e\u0301""#, "\u{E9}"), (#""\u0041\u030a""#, "\u{C5}"), (#""\u212b""#, "\u{C5}"),
        (#""\u200b""#, "\u{200B}"), (#""<b>""#, "<b>"), (#""👩‍👩‍👧""#, "👩‍👩‍👧"),
        // Five code points each, however many characters a reader sees.
        (#""🇩🇪🇫🇷x""#, "🇩🇪🇫🇷x"), (quoted(many("e\u{301}", 5)), many("\u{E9}", 5)),
        (quoted("q" + many("\u{323}", 4)), "q" + many("\u{323}", 4)), (quoted(" " + many("é", 5) + "\n"), many("é", 5)),
    ])
    func takesText(json: String, text: String) throws {
        let checked = try Checked(json, .text("word", 1...5, about: ""))
        guard case .text(let kept) = checked.value else { throw Unexpected(text: checked.errors) }
        #expect(Array(kept.unicodeScalars) == Array(text.unicodeScalars))
        #expect(checked.errors == "")
    }

    @Test(arguments: ["null", #""""#, #""  \n\t ""#, #""\u3000""#])
    func takesWhatIsEmptyForNull(json: String) throws {
        #expect(try Checked(json, .text("word", 1...5, about: "")).value == .null)
        #expect(try Checked(json, .email("word", about: "")).value == .null)
        #expect(try Checked(json, .phone("word", about: "")).value == .null)
        #expect(try Checked(json, Field("word", .choice(["a"]), about: "")).value == .null)
        let required = try Checked(json, .text("word", 1...5, .required, about: ""))
        #expect(required.errors == #"{"word":["The word field is required."]}"#)
    }

    @Test(arguments: [
        ("5", "must be a string."), ("true", "must be a string."), ("[]", "must be a string."),
        ("{}", "must be a string."), (#""abcdef""#, "must not be greater than 5 characters."),
        (#""👩‍👩‍👧x""#, "must not be greater than 5 characters."),
        (#""🇩🇪🇫🇷🇮🇹""#, "must not be greater than 5 characters."),
        (quoted("q" + many("\u{323}", 5)), "must not be greater than 5 characters."),
        (#""a""#, "must be at least 2 characters."), (#""e\u0301""#, "must be at least 2 characters."),
        (#""a\u0000b""#, "must not contain control characters."),
        (#""a\rb""#, "must not contain control characters."),
        (#""a\u001bb""#, "must not contain control characters."),
        (#""a\u007fb""#, "must not contain control characters."),
        (#""a\u0085b""#, "must not contain control characters."),
        (#""a\u009fb""#, "must not contain control characters."),
        (#""\u0000""#, "must not contain control characters."),
    ])
    func refusesText(json: String, rule: String) throws {
        let checked = try Checked(json, .text("my_word", 2...5, about: ""))
        #expect(checked.errors == "{\"my_word\":[\"The my word field \(rule)\"]}")
        #expect(checked.value == nil)
    }

    @Test(arguments: [
        "a@b.co", "first.last+tag@sub.example.com", "o'brien@example.ie", "A_B-c@EXAMPLE.Co", "ö@example.com",
        "user@münchen.de", "1@2.34", "a@b-c.co", many("x", 242) + "@example.com",
    ])
    func takesAddresses(address: String) throws {
        #expect(try Checked(quoted(" \(address)\n"), .email("email", about: "")).value == .text(address))
    }

    @Test(arguments: [
        "plain", "@b.co", "a@", "@", "a@b", "a@b.", "a@.co", "a@b..co", "a@@b.co", "a@b@c.co", "a b@c.co", "a@b c.co",
        "a\tb@c.co", ".a@b.co", "a.@b.co", "a..b@c.co", "a@-b.co", "a@b-.co", "<a@b.co>", "Sarah <a@b.co>",
        "a@b.co,c@d.co", "a@b.co;c@d.co", "mailto:a@b.co", "a\\b@c.co", "\"a\"@b.co", "a(b)@c.co", "a@[1.2.3.4]",
        "a@\u{301}b.co", "a\u{2003}b@c.co",
    ])
    func refusesAddresses(address: String) throws {
        let checked = try Checked(quoted(address), .email("email", about: ""))
        #expect(checked.messages == ["The email field must be a valid email address."])
    }

    @Test func refusesLongAddresses() throws {
        let checked = try Checked(quoted(many("x", 243) + "@example.com"), .email("email", about: ""))
        #expect(checked.messages == ["The email field must not be greater than 254 characters."])
    }

    @Test(arguments: [
        "+1 (415) 555-1234", "12345", "tel. 030/12 34 5", "٠١٢٣٤٥", "１２３４５", "१२३४५", many("1", 32),
    ])
    func takesPhoneNumbers(number: String) throws {
        #expect(try Checked(quoted(number), .phone("phone", about: "")).value == .text(number))
    }

    @Test(arguments: [
        ("1234", "must have at least 5 digits."), ("+1 (2) 3-4", "must have at least 5 digits."),
        ("call me", "must have at least 5 digits."), ("½½½½½", "must have at least 5 digits."),
        ("①②③④⑤", "must have at least 5 digits."), (many("1", 33), "must not be greater than 32 characters."),
    ])
    func refusesPhoneNumbers(number: String, rule: String) throws {
        #expect(try Checked(quoted(number), .phone("phone", about: "")).messages == ["The phone field \(rule)"])
    }

    @Test(arguments: ["#6B7280", "#abcdef", " #000000 "])
    func takesColors(color: String) throws {
        let value = try Checked(quoted(color), .color("color", default: "#000000", about: "")).value
        #expect(value == .text(color.filter { $0 != " " }))
    }

    @Test(arguments: [
        "#fff", "6B7280", "#GGGGGG", "#12345", "#1234567", "red", "##12345", "#１２３４５６", "#12345é", "#12 456",
    ])
    func refusesColors(color: String) throws {
        let checked = try Checked(quoted(color), .color("color", default: "#000000", about: ""))
        #expect(checked.messages == ["The color field must be a valid hexadecimal color."])
    }

    @Test(arguments: [("\"new\"", true), ("\" lost\\n\"", true), ("\"NEW\"", false), ("\"ne\"", false)])
    func takesOnlyItsChoices(json: String, isChoice: Bool) throws {
        let field = Field.choice("lead_status", ["new", "lost"], default: "new", about: "")
        let checked = try Checked(json, field)
        #expect((checked.value != nil) == isChoice)
        #expect(checked.messages == (isChoice ? [] : ["The selected lead status is invalid."]))
    }

    // MARK: - Numbers, truth values, moments

    @Test(
        arguments: [
            ("0", 0), ("-0", 0), ("10", 10), ("-10", -10), ("1.0", 1), ("1.000e1", 10), ("1e1", 10), ("1E+1", 10),
            ("100e-1", 10), ("0.1e2", 10), ("0e999999999", 0), ("-0.0e-5", 0), ("1\(many("0", 40))e-40", 1),
        ] as [(String, Int64)])
    func takesIntegers(json: String, number: Int64) throws {
        #expect(try Checked(json, .integer("score", -10...10, about: "")).value == .integer(number))
    }

    @Test(arguments: [
        ("\"5\"", "must be an integer."), ("true", "must be an integer."), ("[1]", "must be an integer."),
        ("1.5", "must be an integer."), ("1e-1", "must be an integer."), ("1e-999999999", "must be an integer."),
        ("0.00000000000000000001", "must be an integer."),
        ("11", "must be between -10 and 10."), ("-11", "must be between -10 and 10."),
        ("1e2", "must be between -10 and 10."), ("1e999999999", "must be between -10 and 10."),
        ("-1e999999999", "must be between -10 and 10."), ("1e99999999999999999999", "must be between -10 and 10."),
        ("12345678901234567890", "must be between -10 and 10."),
        ("-99999999999999999999", "must be between -10 and 10."),
    ])
    func refusesIntegers(json: String, rule: String) throws {
        #expect(try Checked(json, .integer("score", -10...10, about: "")).messages == ["The score field \(rule)"])
    }

    @Test(arguments: [Int64.min, Int64.min + 1, -1, 0, Int64.max - 1, Int64.max])
    func takesEveryIntegerOf64Bits(number: Int64) throws {
        let field = Field.integer("score", Int64.min...Int64.max, about: "")
        #expect(try Checked("\(number)", field).value == .integer(number))
    }

    @Test(arguments: [("0", "must be at least 1."), ("-1e30", "must be at least 1."), ("\"1\"", "must be an integer.")])
    func refusesIDs(json: String, rule: String) throws {
        let field = Field.reference("user_id", to: Field.Reference("user"), about: "")
        #expect(try Checked(json, field).messages == ["The user id field \(rule)"])
        #expect(try Checked("9223372036854775807", field).value == .integer(.max))
    }

    @Test(
        arguments: [
            ("0", 0), ("-0", 0), ("5", 500), ("5.5", 550), ("5.25", 525), ("5.250000", 525), ("-0.01", -1),
            ("1e1", 1_000),
            ("0.1e1", 100), ("525e-2", 525), ("99.99", 9_999), ("-99.99", -9_999),
        ] as [(String, Int64)])
    func takesAmounts(json: String, hundredths: Int64) throws {
        let field = Field("deal_value", .money(-9_999...9_999), about: "")
        #expect(try Checked(json, field).value == .integer(hundredths))
    }

    @Test(arguments: [
        ("\"5\"", "must be a number."), ("false", "must be a number."), ("5.001", "must have 0-2 decimal places."),
        ("1e-3", "must have 0-2 decimal places."), ("0.1e-999999999", "must have 0-2 decimal places."),
        ("100", "must be between -99.99 and 99.99."), ("-100", "must be between -99.99 and 99.99."),
        ("1e999999999", "must be between -99.99 and 99.99."),
        ("92233720368547758.08", "must be between -99.99 and 99.99."),
    ])
    func refusesAmounts(json: String, rule: String) throws {
        let field = Field("deal_value", .money(-9_999...9_999), about: "")
        #expect(try Checked(json, field).messages == ["The deal value field \(rule)"])
    }

    @Test func takesTruthValuesOnly() throws {
        let field = Field.boolean("starred", default: false, about: "")
        #expect(try Checked("true", field).value == .integer(1))
        #expect(try Checked("false", field).value == .integer(0))
        for json in ["1", "0", "\"true\"", "\"\"", "[]"] {
            #expect(try Checked(json, field).messages == ["The starred field must be true or false."])
        }
    }

    @Test func takesMoments() throws {
        let field = Field("due_at", .time, about: "")
        #expect(try Checked("\" 2026-03-28T09:15:00Z \"", field).value == .integer(1_774_689_300))
        #expect(try Checked("\"2026-03-28\"", field).value == .integer(1_774_656_000))
        #expect(try Checked("null", field).value == .null)
        for json in ["1774689300", "\"tomorrow\"", "\"\"", "\"2026-02-30\"", "\"2026-03-28T09:15:00\""] {
            #expect(try Checked(json, field).messages == ["The due at field must be a valid date."])
        }
    }
}
