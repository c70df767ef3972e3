import Foundation
import Testing

@testable import HTTP

@Suite struct JSONParserTests {
    @Test(arguments: [
        ("null", "null"),
        (" \t\r\n true \n", "true"),
        ("false", "false"),
        ("[ ]", "[]"),
        ("{ }", "{}"),
        ("[ 1 , [ ] , { \"a\" : null } ]", #"[1,[],{"a":null}]"#),
        (#"{"b":1,"a":2,"":3}"#, #"{"b":1,"a":2,"":3}"#),
        ("0", "0"),
        ("-0", "-0"),
        ("1.000000000000000001", "1.000000000000000001"),
        ("123456789012345678901234567890", "123456789012345678901234567890"),
        ("[1.50,1e5,1E+05,-0.0e-0]", "[1.50,1e5,1E+05,-0.0e-0]"),
        (#""""#, #""""#),
        (#""\"\\\/\b\f\n\r\t""#, #""\"\\/\b\f\n\r\t""#),
        (#""\u0041\u00e9\u20AC""#, #""Aé€""#),
        (#""\u0000\u001f\u007f""#, "\"\\u0000\\u001f\u{7F}\""),
        (#""\ud83d\ude00 \uDBFF\uDFFF""#, "\"😀 \u{10FFFF}\""),
        ("\"é € 😀 \u{2028}\u{FFFF}\"", "\"é € 😀 \u{2028}\u{FFFF}\""),
        ("{\"\u{E9}\":1,\"e\u{301}\":2}", "{\"\u{E9}\":1,\"e\u{301}\":2}"),
    ])
    func accepts(text: String, writtenBack: String) throws {
        let written = write(try parse(text))
        #expect(written == Array(writtenBack.utf8))
    }

    /// What programs send that have cut a text within a character; and no more than that is mended.
    @Test(arguments: [
        (#""a\ud83d""#, "\"a\u{FFFD}\""), (#""\ude00b""#, "\"\u{FFFD}b\""), (#""\ud83dx""#, "\"\u{FFFD}x\""),
        (#""\ud83d\n""#, "\"\u{FFFD}\\n\""), (#""\ud83d\u0041""#, "\"\u{FFFD}A\""),
        (#""\ud83d\ud83d\ude00""#, "\"\u{FFFD}😀\""), (#""\ud83d\ude00""#, "\"😀\""),
        (#""\ud83d\u00""#, nil), (#""\ud83"#, nil), (#""\ud83g""#, nil), (#""\ud83d"#, nil), (#""\x""#, nil),
    ])
    func mendsHalvesOfCharactersWhereItIsToldTo(text: String, writtenBack: String?) throws {
        let value = try? JSONValue(parsing: Array(text.utf8), mendsSurrogates: true)
        #expect(value.map { write($0) } == writtenBack.map { Array($0.utf8) })
    }

    @Test(arguments: [
        ("", JSONError.unexpectedEnd(offset: 0)),
        (" \n", .unexpectedEnd(offset: 2)),
        ("\u{FEFF}{}", .unexpectedByte(offset: 0)),
        ("\u{A0}1", .unexpectedByte(offset: 0)),
        ("\u{B}1", .unexpectedByte(offset: 0)),
        ("nul", .unexpectedEnd(offset: 3)),
        ("nulL", .unexpectedByte(offset: 3)),
        ("True", .unexpectedByte(offset: 0)),
        ("NaN", .unexpectedByte(offset: 0)),
        ("'a'", .unexpectedByte(offset: 0)),
        ("[1,]", .unexpectedByte(offset: 3)),
        ("[,1]", .unexpectedByte(offset: 1)),
        ("[1 2]", .unexpectedByte(offset: 3)),
        ("[1}", .unexpectedByte(offset: 2)),
        ("[1,", .unexpectedEnd(offset: 3)),
        ("{\"a\":1,}", .unexpectedByte(offset: 7)),
        ("{a:1}", .unexpectedByte(offset: 1)),
        ("{1:1}", .unexpectedByte(offset: 1)),
        ("{\"a\" 1}", .unexpectedByte(offset: 5)),
        ("{\"a\":}", .unexpectedByte(offset: 5)),
        ("{\"a\"}", .unexpectedByte(offset: 4)),
        ("/**/1", .unexpectedByte(offset: 0)),
        ("1 2", .trailingContent(offset: 2)),
        ("{}}", .trailingContent(offset: 2)),
        ("null\0", .trailingContent(offset: 4)),
        ("01", .invalidNumber(offset: 1)),
        ("-01", .invalidNumber(offset: 2)),
        ("-", .unexpectedEnd(offset: 1)),
        ("-a", .invalidNumber(offset: 1)),
        ("+1", .unexpectedByte(offset: 0)),
        (".5", .unexpectedByte(offset: 0)),
        ("1.", .unexpectedEnd(offset: 2)),
        ("[1.]", .invalidNumber(offset: 3)),
        ("1.e1", .invalidNumber(offset: 2)),
        ("1e", .unexpectedEnd(offset: 2)),
        ("[1e+]", .invalidNumber(offset: 4)),
        ("1.5.2", .trailingContent(offset: 3)),
        ("0x10", .trailingContent(offset: 1)),
        ("\"a", .unexpectedEnd(offset: 2)),
        ("\"a\\", .unexpectedEnd(offset: 3)),
        ("\"a\nb\"", .controlCharacter(offset: 2)),
        (#""a\x""#, .invalidEscape(offset: 2)),
        (#""\u12g4""#, .invalidEscape(offset: 1)),
        (#""\u12"#, .unexpectedEnd(offset: 5)),
        (#""\ud800""#, .invalidEscape(offset: 1)),
        (#""\udc00""#, .invalidEscape(offset: 1)),
        (#""\ud800x""#, .invalidEscape(offset: 1)),
        (#""\ud800\n""#, .invalidEscape(offset: 1)),
        (#""\ud800\ud800""#, .invalidEscape(offset: 1)),
        (#""\ud800\u0041""#, .invalidEscape(offset: 1)),
        (#""\ud800\ue000""#, .invalidEscape(offset: 1)),
        (#"{"a":1,"b":2,"a":3}"#, .duplicateName("a", offset: 13)),
        (#"{"a":1,"\u0061":1}"#, .duplicateName("a", offset: 7)),
        (#"[{"a":{}},{"":1, "":1}]"#, .duplicateName("", offset: 17)),
    ])
    func refuses(text: String, error: JSONError) {
        #expect(throws: error) { try parse(text) }
    }

    @Test(
        arguments: [
            ([0x80], 1),
            ([0xC3], 1),
            ([0xC0, 0xAF], 1),
            ([0xE0, 0x80, 0x80], 1),
            ([0xED, 0xA0, 0x80], 1),
            ([0xF0, 0x80, 0x80, 0x80], 1),
            ([0xF4, 0x90, 0x80, 0x80], 1),
            ([0xF5, 0x80, 0x80, 0x80], 1),
            ([0x61, 0xC3, 0xA9, 0xFF], 4),
        ] as [([UInt8], Int)])
    func refusesWhatIsNotUTF8(bytes: [UInt8], offset: Int) {
        #expect(throws: JSONError.invalidUTF8(offset: offset)) { try JSONValue(parsing: quoted(bytes)) }
    }

    @Test(
        arguments: [
            [0xFF, 0xFE, 0x31, 0x00],
            [0xFE, 0xFF, 0x00, 0x31],
            [0x31, 0x00],
            [0x00, 0x31],
            [0x31, 0x00, 0x00, 0x00],
        ] as [[UInt8]])
    func refusesOtherEncodings(bytes: [UInt8]) {
        #expect(throws: JSONError.self) { try JSONValue(parsing: bytes) }
    }

    @Test func takesEachByteInAStringAsRFC8259Says() throws {
        for byte in UInt8.min...UInt8.max {
            let bytes = quoted([byte])
            switch byte {
            case 0..<0x20: #expect(throws: JSONError.controlCharacter(offset: 1)) { try JSONValue(parsing: bytes) }
            case 0x22: #expect(throws: JSONError.trailingContent(offset: 2)) { try JSONValue(parsing: bytes) }
            case 0x5C: #expect(throws: JSONError.unexpectedEnd(offset: 3)) { try JSONValue(parsing: bytes) }
            case 0x80...: #expect(throws: JSONError.invalidUTF8(offset: 1)) { try JSONValue(parsing: bytes) }
            default: #expect(try JSONValue(parsing: bytes) == .string(String(Unicode.Scalar(byte))))
            }
        }
    }

    @Test(arguments: [("[", "]"), ("{\"a\":", "}"), ("[{\"a\":[", "]}]")])
    func stopsAtTheDepthLimit(opening: String, closing: String) throws {
        let levels = opening.count { "[{".contains($0) }
        func nested(_ depth: Int) -> String {
            let repetitions = depth / levels
            let brackets = String(repeating: "[", count: depth % levels)
            let inner = brackets + "1" + String(repeating: "]", count: depth % levels)
            return String(repeating: opening, count: repetitions) + inner
                + String(repeating: closing, count: repetitions)
        }
        #expect(throws: Never.self) { try parse(nested(32)) }
        let tooDeep = nested(33)
        let brackets = tooDeep.utf8.enumerated().filter { "[{".utf8.contains($0.element) }
        #expect(throws: JSONError.tooDeep(offset: brackets[32].offset)) { try parse(tooDeep) }
        #expect(throws: JSONError.tooDeep(offset: 32)) { try parse(String(repeating: "[", count: 1_000_000)) }
    }

    @Test func countsOnlyTheLevelsThatAreOpen() throws {
        let element = String(repeating: "[", count: 31) + String(repeating: "]", count: 31)
        let elements = Array(repeating: element, count: 100).joined(separator: ",")
        #expect(throws: Never.self) { try parse("[\(elements)]") }
    }

    @Test func readsAnObjectOf50000MembersInLinearTime() throws {
        let members = (0..<50_000).map { "\"name\($0)\":\($0)" }
        let clock = ContinuousClock()
        let start = clock.now
        guard case .object(let object) = try parse("{" + members.joined(separator: ",") + "}") else {
            Issue.record("no object")
            return
        }
        #expect(object.count == 50_000)
        #expect(object["name49999"] == .number("49999"))
        #expect(throws: JSONError.self) { try parse("{" + (members + ["\"name7\":1"]).joined(separator: ",") + "}") }
        #expect(clock.now - start < .seconds(10))
    }

    @Test(arguments: [2, 15, 16, 17, 18, 100])
    func findsARepeatedNameHoweverManyThereAre(count: Int) throws {
        let names = (0..<count - 1).map { "n\($0)" }
        for repeated in names {
            let text = "{" + (names + [repeated]).map { "\"\($0)\":0" }.joined(separator: ",") + "}"
            let offset = text.utf8.count - repeated.utf8.count - 5
            #expect(throws: JSONError.duplicateName(repeated, offset: offset)) { try parse(text) }
        }
    }

    @Test func takesNamesThatOnlyLookAlikeForTwo() throws {
        let fillers = (0..<20).map { "\"\($0)\":0," }.joined()
        for start in ["", fillers] {
            guard case .object(let object) = try parse("{\(start)\"\u{E9}\":1,\"e\u{301}\":2}") else {
                Issue.record("no object")
                return
            }
            #expect(object["\u{E9}"] == .number("1"))
            #expect(object["e\u{301}"] == .number("2"))
        }
    }

    @Test func refusesEveryTruncation() {
        let bytes = Array(document.utf8)
        for length in 0..<bytes.count {
            #expect(throws: JSONError.self) { try JSONValue(parsing: Array(bytes[..<length])) }
        }
        #expect(throws: Never.self) { try JSONValue(parsing: bytes) }
    }

    @Test func survivesMutations() throws {
        var generator = SeededGenerator(state: 8259)
        let originals = [document, #"[[[]],{"":{}},"\ud83d\ude00",-1.5e+3]"#, #"{"a":1,"b":[true,false,null]}"#]
        var accepted = 0
        for _ in 0..<20_000 {
            var bytes = Array(originals[Int.random(in: originals.indices, using: &generator)].utf8)
            for _ in 0..<Int.random(in: 1...3, using: &generator) { mutate(&bytes, using: &generator) }
            guard let value = try? JSONValue(parsing: bytes) else { continue }
            accepted += 1
            #expect(try JSONValue(parsing: write(value)) == value)
        }
        #expect(accepted > 1000)
    }

    @Test(.enabled(if: ProcessInfo.processInfo.environment["JSONTESTSUITE"] != nil))
    func agreesWithJSONTestSuite() throws {
        let folder = URL(filePath: try #require(ProcessInfo.processInfo.environment["JSONTESTSUITE"]))
        let refusedByContract = ["y_object_duplicated_key.json", "y_object_duplicated_key_and_value.json"]
        var counts: [Character: Int] = [:]
        for file in try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil) {
            guard file.pathExtension == "json", let kind = file.lastPathComponent.first else { continue }
            counts[kind, default: 0] += 1
            let result = Result { try JSONValue(parsing: Array(try Data(contentsOf: file))) }
            let comment = Comment(rawValue: file.lastPathComponent)
            switch kind {
            case "y" where refusedByContract.contains(file.lastPathComponent):
                #expect(throws: JSONError.duplicateName("a", offset: 9), comment) { try result.get() }
            case "y":
                #expect(throws: Never.self, comment) {
                    let value = try result.get()
                    #expect(try JSONValue(parsing: write(value)) == value, comment)
                }
            case "n": #expect(throws: JSONError.self, comment) { try result.get() }
            default: continue
            }
        }
        for kind: Character in ["y", "n", "i"] { #expect(counts[kind, default: 0] > 30) }
    }
}

@Suite struct JSONValueTests {
    @Test(arguments: [
        (#"{"a":1,"b":[2]}"#, #"{"b":[2],"a":1}"#, true),
        (#"{"a":{"x":1,"y":2}}"#, #"{"a":{"y":2,"x":1}}"#, true),
        (#"{"a":1}"#, #"{"a":1,"b":2}"#, false),
        (#"{"a":1,"b":2}"#, #"{"a":2,"b":1}"#, false),
        ("[1,2]", "[2,1]", false),
        ("1.0", "1", false),
        ("1", "\"1\"", false),
        ("null", "false", false),
        ("\"\u{E9}\"", "\"e\u{301}\"", false),
        ("{\"\u{E9}\":1}", "{\"e\u{301}\":1}", false),
        (#""\u0061""#, #""a""#, true),
    ])
    func comparesByWhatIsMeant(left: String, right: String, areEqual: Bool) throws {
        let (left, right) = (try parse(left), try parse(right))
        #expect((left == right) == areEqual)
        #expect((right == left) == areEqual)
    }

    @Test func givesMembersInTheirOrder() {
        let object = JSONObject([("z", .null), ("a", .boolean(true))])
        #expect(object.map(\.name) == ["z", "a"])
        #expect(object["a"] == .boolean(true))
        #expect(object["z"] == .null)
        #expect(object["b"] == nil)
        #expect(!object.isEmpty)
        #expect(JSONObject([]).isEmpty)
    }
}

@Suite struct JSONErrorTests {
    @Test(arguments: [
        (JSONError.unexpectedByte(offset: 17), "The body is not valid JSON: unexpected character at byte 17."),
        (.unexpectedEnd(offset: 0), "The body is not valid JSON: unexpected end at byte 0."),
        (.trailingContent(offset: 3), "The body is not valid JSON: unexpected content after the value at byte 3."),
        (.invalidUTF8(offset: 1), "The body is not valid UTF-8 at byte 1."),
        (.invalidEscape(offset: 2), "The body is not valid JSON: invalid escape at byte 2."),
        (.controlCharacter(offset: 2), "The body is not valid JSON: unescaped control character at byte 2."),
        (.invalidNumber(offset: 1), "The body is not valid JSON: invalid number at byte 1."),
        (.tooDeep(offset: 32), "The body is nested more than 32 levels deep at byte 32."),
        (
            .duplicateName("email", offset: 9),
            "The body has the name \"email\" twice in one object, again at byte 9."
        ),
        (
            .duplicateName(String(repeating: "é", count: 65), offset: 9),
            "The body has the name \"\(String(repeating: "é", count: 64))…\" twice in one object, again at byte 9."
        ),
    ])
    func saysWhatIsWrongInOneSentence(error: JSONError, message: String) {
        #expect(error.message == message)
    }
}

private let document = #"""
    { "first_name": "Zoë", "email": "zoe@example.com", "deal_value": -12500.50e+2, "starred": true,
      "notes": "line\nline \u00e9 \ud83d\ude00 \"quoted\" \\ \/", "tags": ["vip", "newsletter", []],
      "custom_fields": {"budget": "50k", "none": null, "nested": {"deep": [false, 0, {}]}} }
    """#

private func parse(_ text: String) throws -> JSONValue {
    try JSONValue(parsing: Array(text.utf8))
}

private func write(_ value: JSONValue) -> [UInt8] {
    var writer = JSONWriter()
    writer.value(value)
    return writer.bytes
}

private func quoted(_ bytes: [UInt8]) -> [UInt8] {
    [UInt8(ascii: "\"")] + bytes + [UInt8(ascii: "\"")]
}

/// Removes, doubles, replaces or inserts one byte, more often than not one that means something in JSON.
private func mutate(_ bytes: inout [UInt8], using generator: inout SeededGenerator) {
    guard !bytes.isEmpty else { return }
    let index = Int.random(in: bytes.indices, using: &generator)
    let telling = Array("[]{}:,\"\\ue0123456789-+.tfn \n".utf8)
    let byte =
        Bool.random(using: &generator)
        ? telling[Int.random(in: telling.indices, using: &generator)]
        : UInt8.random(in: .min ... .max, using: &generator)
    switch Int.random(in: 0..<4, using: &generator) {
    case 0: bytes.remove(at: index)
    case 1: bytes.insert(bytes[index], at: index)
    case 2: bytes[index] = byte
    default: bytes.insert(byte, at: index)
    }
}

/// The same numbers in every run (a linear congruential generator, of which the upper half is used).
private struct SeededGenerator: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        upperHalf() << 32 | upperHalf()
    }

    private mutating func upperHalf() -> UInt64 {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return state >> 32
    }
}
