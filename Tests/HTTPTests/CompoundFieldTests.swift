import HTTP
import Testing

/// Fields whose values hold others: sets of names, objects of the workspace's own keys.
@Suite struct CompoundFieldTests {
    private static let tags = Field("tags", .names(1...8, most: 3), initial: .names([]), about: "")
    private static let limits = Field.ObjectLimits(keys: 3, keyLength: 1...4, sizeInBytes: 64)
    private static let object = Field("custom_fields", .object(limits), initial: .object(JSONObject([])), about: "")

    @Test(arguments: [
        ("[]", []), (#"["b", "a"]"#, ["b", "a"]), (#"[" a ", "\tb"]"#, ["a", "b"]),
        (#"["VIP", "vip", "Vip "]"#, ["VIP"]), (#"["e\u0301", "É", "\u00e9"]"#, ["\u{E9}"]),
        (#"["straße", "STRASSE", "STRAẞE"]"#, ["straße"]), (#"["ΟΔΟΣ", "οδος"]"#, ["ΟΔΟΣ"]),
        (#"["a", "b", "A", "c", "B", "C"]"#, ["a", "b", "c"]), (#"["👩‍👩‍👧xyz"]"#, ["👩‍👩‍👧xyz"]),
        (#"["か", "が"]"#, ["か", "が"]), (#"["a", "b c", "b  c"]"#, ["a", "b c", "b  c"]),
    ])
    func takesNames(json: String, names: [String]) throws {
        let checked = try Checked(json, Self.tags)
        #expect(checked.value == .names(names), "\(checked.errors)")
    }

    @Test(arguments: [
        (#""a""#, #"{"tags":["The tags field must be an array."]}"#),
        (#"{"0": "a"}"#, #"{"tags":["The tags field must be an array."]}"#),
        (#"["a", "b", "c", "d"]"#, #"{"tags":["The tags field must not have more than 3 items."]}"#),
        (#"["a", 1]"#, #"{"tags.1":["The tags.1 field must be a string."]}"#),
        (#"[["a"]]"#, #"{"tags.0":["The tags.0 field must be a string."]}"#),
        (#"["a", "b", " "]"#, #"{"tags.2":["The tags.2 field is required."]}"#),
        (#"["abcdefghi"]"#, #"{"tags.0":["The tags.0 field must not be greater than 8 characters."]}"#),
        (#"["a\u0000"]"#, #"{"tags.0":["The tags.0 field must not contain control characters."]}"#),
        (
            #"["", "a", 5]"#,
            #"{"tags.0":["The tags.0 field is required."],"tags.2":["The tags.2 field must be a string."]}"#
        ),
    ])
    func refusesNames(json: String, errors: String) throws {
        let checked = try Checked(json, Self.tags)
        #expect(checked.errors == errors)
        #expect(checked.value == nil)
    }

    @Test(arguments: [
        (#"{"b": 1.00, "a": "x"}"#, #"{"b":1.00,"a":"x"}"#), (#"{" k ": " e\u0301 "}"#, #"{"k":"é"}"#),
        (#"{"a": null, "b": true, "c": false}"#, #"{"a":null,"b":true,"c":false}"#), (#"{"a": " "}"#, #"{"a":null}"#),
        (#"{"a": 1e400, "b": -0, "c": 12345678901234567890}"#, #"{"a":1e400,"b":-0,"c":12345678901234567890}"#),
        (#"{"a.b": 1, "A.B": 2}"#, #"{"a.b":1,"A.B":2}"#), (#"{"👩‍👩": 1}"#, #"{"👩‍👩":1}"#),
        // 64 bytes: a quotation mark within takes two.
        (#"{"a": "\#(many("x", 54))\""}"#, #"{"a":"\#(many("x", 54))\""}"#),
        (#"{"a": "\#(many("é", 28))"}"#, #"{"a":"\#(many("é", 28))"}"#),
    ])
    func takesObjects(json: String, kept: String) throws {
        let checked = try Checked(json, Self.object)
        guard case .object(let object) = checked.value else { throw Unexpected(text: checked.errors) }
        #expect(JSONValue.object(object).minified.unicodeScalars.elementsEqual(kept.unicodeScalars))
    }

    @Test func bringsNoKeyByAnEmptyObject() throws {
        let checked = try Checked("{}", Self.object)
        #expect(checked.errors.isEmpty)
        #expect(checked.value == nil)
    }

    @Test(arguments: [
        ("[]", "custom_fields", "must be an object."), ("\"a\"", "custom_fields", "must be an object."),
        (#"{"a": 1, "b": 2, "c": 3, "d": 4}"#, "custom_fields", "must not have more than 3 keys."),
        (#"{"a": []}"#, "custom_fields.a", "must be text, a number, a boolean or null."),
        (#"{"a.b": {}}"#, "custom_fields.a.b", "must be text, a number, a boolean or null."),
        (#"{"a": "\u0007"}"#, "custom_fields.a", "must not contain control characters."),
        (#"{"a": 1, " a": 2}"#, "custom_fields.a", "comes more than once."),
        (#"{"\u00e9": 1, "e\u0301": 2}"#, "custom_fields.é", "comes more than once."),
    ])
    func refusesObjects(json: String, path: String, rule: String) throws {
        let checked = try Checked(json, Self.object)
        #expect(checked.errors == "{\"\(path)\":[\"The \(path.replacing("_", with: " ")) field \(rule)\"]}")
    }

    /// What is wrong with a key is told under the object's name: the key itself may be what cannot be shown.
    @Test(arguments: [#"{"": 1}"#, #"{"  ": 1}"#, #"{"abcde": 1}"#, #"{"a\u0000": 1}"#])
    func refusesKeys(json: String) throws {
        let checked = try Checked(json, Self.object)
        #expect(checked.errors.hasPrefix(#"{"custom_fields":["The custom fields field "#), "\(checked.errors)")
        #expect(checked.messages.count == 1)
    }

    @Test func reportsEveryKeyThatWillNotDo() throws {
        let checked = try Checked(#"{"a": [], "b": 1, "c": {}}"#, Self.object)
        #expect(checked.messages.count == 2, "\(checked.errors)")
    }

    @Test(arguments: [
        #"{"a": "\#(many("x", 57))"}"#, #"{"a": "\#(many("x", 55))\""}"#, #"{"a": "\#(many("é", 29))"}"#,
        #"{"a": \#(many("1", 59))}"#,
    ])
    func countsAnObjectsBytes(json: String) throws {
        let kilobyte = Field("custom_fields", .object(Self.limits), about: "")
        #expect(try Checked(json, kilobyte).messages.count == 1)
    }

    @Test func namesTheLimitOfAnObjectInKilobytes() throws {
        let limits = Field.ObjectLimits(keys: 3, keyLength: 1...4, sizeInBytes: 65_536)
        let field = Field("custom_fields", .object(limits), about: "")
        #expect(try Checked("{\"a\": \"\(many("x", 65_528))\"}", field).messages == [])
        let message = "The custom fields field must not be greater than 64 kilobytes."
        #expect(try Checked("{\"a\": \"\(many("x", 65_529))\"}", field).messages == [message])
    }
}
