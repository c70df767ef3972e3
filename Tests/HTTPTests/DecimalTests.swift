import Testing

@testable import HTTP

@Suite struct DecimalTests {
    private static let past = "past 64 bits"
    private static let fine = "too fine"

    @Test(arguments: [
        ("0", 0, "0"), ("-0", 0, "0"), ("-0.00", 0, "0"), ("0e5", 2, "0"), ("7", 0, "7"), ("7", 2, "700"),
        ("-7.25", 2, "-725"), ("7.250", 2, "725"), ("7.251", 2, fine), ("7.5", 0, fine), ("1.0", 0, "1"),
        ("1e2", 0, "100"), ("1E+2", 0, "100"), ("1e02", 0, "100"), ("100e-2", 0, "1"), ("1e-2", 2, "1"),
        ("1e-3", 2, fine), ("0.05e2", 0, "5"), ("12.34e1", 1, "1234"), ("12.34e1", 0, fine),
        ("9223372036854775807", 0, "9223372036854775807"), ("-9223372036854775808", 0, "-9223372036854775808"),
        ("9223372036854775808", 0, past), ("-9223372036854775809", 0, past),
        ("92233720368547758.07", 2, "9223372036854775807"),
        ("92233720368547758.08", 2, past), ("12345678901234567890", 0, past), ("1e18", 0, "1000000000000000000"),
        ("1e19", 0, past), ("1e999999999", 0, past), ("-1e999999999", 2, past), ("1e99999999999999999999", 0, past),
        ("1e-999999999", 0, fine), ("1e-99999999999999999999", 2, fine), ("0e99999999999999999999", 0, "0"),
        ("0.\(many("0", 30))1e31", 0, "1"), ("1\(many("0", 300))e-300", 0, "1"),
    ])
    func scalesExactly(text: String, digits: Int, expected: String) {
        switch Decimal.scaled(text, digits: digits) {
        case .number(let number): #expect("\(number)" == expected)
        case nil: #expect(expected == Self.fine)
        default: #expect(expected == Self.past)
        }
    }

    /// A body can bring even more.
    @Test func readsAHundredThousandDigits() {
        let zeros = many("0", 100_000)
        let texts = ["1\(zeros)e-100000", "0.\(zeros)1e100001", "1\(zeros)", "0.\(zeros)1"]
        let numbers = texts.map { Decimal.scaled($0, digits: 0) }
        #expect(numbers == [.number(1), .number(1), .tooLarge, nil])
    }

    @Test(
        arguments: [
            (0, "0"), (1, "0.01"), (10, "0.1"), (100, "1"), (101, "1.01"), (110, "1.1"), (1_250, "12.5"), (-1, "-0.01"),
            (-10, "-0.1"), (-150, "-1.5"), (-1_005, "-10.05"), (Int64.max, "92233720368547758.07"),
            (Int64.min, "-92233720368547758.08"),
        ] as [(Int64, String)])
    func writesHundredthsSoThatTheyReadBack(amount: Int64, text: String) {
        #expect(Decimal.hundredths(amount) == text)
        #expect(Decimal.isNumber(text))
        #expect(Decimal.scaled(text, digits: 2) == .number(amount))
    }

    @Test(arguments: [
        ("5", true), ("-5.0e+1", true), ("0", true), ("", false), (" 5", false), ("5 ", false), ("5\n", false),
        ("+5", false), ("05", false), (".5", false), ("5.", false), ("1e", false), ("0x5", false), ("NaN", false),
        ("Infinity", false), ("5,0", false), ("５", false), ("null", false), ("\"5\"", false), ("[5]", false),
    ])
    func knowsANumber(text: String, isNumber: Bool) {
        #expect(Decimal.isNumber(text) == isNumber)
    }
}
