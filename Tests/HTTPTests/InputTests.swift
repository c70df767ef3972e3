import HTTP
import Testing

@Suite struct InputTests {
    private static let fields: [Field] = [
        .id,
        .text("first_name", 1...5, .required, about: ""),
        .text("source", 1...5, default: "api", about: ""),
        .integer("score", 0...10, default: 3, about: ""),
        .boolean("starred", default: false, about: ""),
        .email("email", about: ""),
        Field("tags", .names(1...5, most: 3), initial: .names([]), about: ""),
        Field(
            "custom_fields", .object(Field.ObjectLimits(keys: 3, keyLength: 1...5, sizeInBytes: 100)),
            initial: .object(JSONObject([])), about: "",
        ),
        .createdAt,
    ]

    private func read(_ body: String, isNew: Bool) throws -> (input: Input, errors: String) {
        let read = try Checked.input(body, Self.fields, isNew: isNew)
        return (read.input, read.errors)
    }

    @Test func holdsWhatCame() throws {
        let (input, errors) = try read(#"{"first_name": "A", "score": 7, "starred": true}"#, isNew: true)
        #expect(errors == "")
        #expect(input["first_name"] == .text("A"))
        #expect(input["score"] == .integer(7))
        #expect(input["starred"] == .integer(1))
        #expect(input["email"] == nil)
        #expect(input["source"] == nil)
        #expect(input.text("first_name") == "A")
        #expect(input.integer("score") == 7)
        #expect(input.text("score") == nil)
        #expect(input.integer("first_name") == nil)
    }

    @Test func givesANewRecordWhatItBeginsWith() throws {
        let input = try read(#"{"first_name": "A"}"#, isNew: true).input
        let values = Self.fields.map { input[$0] }
        let empty = Value.object(JSONObject([]))
        #expect(
            values == [.null, .text("A"), .text("api"), .integer(3), .integer(0), .null, .names([]), empty, .null]
        )
    }

    @Test(arguments: ["source", "score", "starred", "email", "tags", "custom_fields"])
    func takesNullForTheInitialValueOfANewRecord(name: String) throws {
        let field = try #require(Self.fields.first { $0.name == name })
        let (input, errors) = try read("{\"first_name\": \"A\", \"\(name)\": null}", isNew: true)
        #expect(errors == "")
        #expect(input[field] == field.initial)
    }

    @Test func needsNothingInAnUpdate() throws {
        let (input, errors) = try read("{}", isNew: false)
        #expect(errors == "")
        #expect(Self.fields.allSatisfy { input[$0.name] == nil })
    }

    @Test(arguments: [
        ("email", Value.null), ("tags", .names([])), ("custom_fields", .object(JSONObject([]))),
    ])
    func emptiesWhatIsNullInAnUpdate(name: String, value: Value) throws {
        let (input, errors) = try read("{\"\(name)\": null}", isNew: false)
        #expect(errors == "")
        #expect(input[name] == value)
    }

    @Test(arguments: ["first_name", "source", "score", "starred"])
    func refusesNullWhereAnUpdateNeedsAValue(name: String) throws {
        let (input, errors) = try read("{\"\(name)\": null}", isNew: false)
        #expect(errors == "{\"\(name)\":[\"The \(name.replacing("_", with: " ")) field is required.\"]}")
        #expect(input[name] == nil)
    }

    @Test(arguments: ["{}", #"{"first_name": null}"#, #"{"first_name": ""}"#, #"{"first_name": " \n"}"#])
    func refusesANewRecordWithoutWhatIsRequired(body: String) throws {
        let errors = try read(body, isNew: true).errors
        #expect(errors == #"{"first_name":["The first name field is required."]}"#)
    }

    @Test(arguments: [true, false])
    func ignoresWhatTheServerSets(isNew: Bool) throws {
        let body = #"{"id": "x", "first_name": "A", "created_at": [null]}"#
        let (input, errors) = try read(body, isNew: isNew)
        #expect(errors == "")
        #expect(input["id"] == nil)
        #expect(input["created_at"] == nil)
    }

    @Test(arguments: [
        ("firstname", "firstname"), ("First_name", "First name"), ("", ""), ("a_b_c", "a b c"), ("\u{0}", "\u{0}"),
        ("first_name ", "first name "),
    ])
    func namesWhatItDoesNotKnow(name: String, title: String) throws {
        let body = JSONObject([("first_name", .string("A")), (name, .null)])
        let message = JSONValue.array([.string("The \(title) field is unknown.")])
        let errors = try read(JSONValue.object(body).minified, isNew: true).errors
        #expect(errors == JSONValue.object(JSONObject([(name, message)])).minified)
    }

    @Test func reportsEverythingAtOnce() throws {
        let body = #"{"nope": 1, "score": 11, "source": "", "email": "x", "tags": "y", "starred": "on"}"#
        let expected = [
            #""nope":["The nope field is unknown."]"#,
            #""first_name":["The first name field is required."]"#,
            #""score":["The score field must be between 0 and 10."]"#,
            #""starred":["The starred field must be true or false."]"#,
            #""email":["The email field must be a valid email address."]"#,
            #""tags":["The tags field must be an array."]"#,
        ]
        #expect(try read(body, isNew: true).errors == "{" + expected.joined(separator: ",") + "}")
    }
}
