import HTTP
import HTTPTypes
import Testing

@testable import LeadHub

/// What pipelines, stages, tags and users do not take: each with its messages, and none of it leaves a trace.
@Suite struct RecordRefusalTests {
    private static let queries: [(query: String, errors: String)] = [
        ("sort=color", #"{"sort":["The selected sort is invalid."]}"#),
        ("sort=", #"{"sort":["The sort field is required."]}"#),
        ("direction=up", #"{"direction":["The selected direction is invalid."]}"#),
        ("page=0", #"{"page":["The page field must be at least 1."]}"#),
        ("per_page=x", #"{"per_page":["The per page field must be an integer."]}"#),
        ("search=", #"{"search":["The search field is required."]}"#),
        ("search=a%00", #"{"search":["The search field must not contain control characters."]}"#),
        ("name=x", #"{"name":["The name parameter is unknown."]}"#),
        ("cursor=", #"{"cursor":["The cursor parameter is unknown."]}"#),
        ("sort=id&sort=id", #"{"sort":["The sort parameter comes more than once."]}"#),
    ]

    @Test(arguments: NamedKind.all)
    func areNotListedByWhatIsNoParameter(kind: NamedKind) throws {
        try kind.run { bench in
            for item in Self.queries {
                let answer = try bench.ask(.get, "\(kind.list)?\(item.query)")
                #expect(answer.status == 422, "\(item.query)")
                #expect(answer["errors"]?.minified == item.errors)
            }
            #expect(try bench.ask(.get, kind.list + "?search=%zz").status == 400)
        }
    }

    @Test(arguments: NamedKind.all)
    func refuseWhatTheirFieldsDoNotTake(kind: NamedKind) throws {
        try kind.run { bench in
            _ = try bench.data(kind.list, kind.body("First"))
            let contents = try bench.contents()
            func expect(_ method: HTTPRequest.Method, _ body: String, _ field: String, _ message: String) throws {
                let answer = try bench.ask(method, method == .post ? kind.list : "\(kind.list)/1", body)
                #expect(answer.status == 422, "\(method) \(body.prefix(200)): \(answer.text)")
                #expect(answer.code == "VALIDATION_FAILED")
                #expect(answer["errors"]?.minified == "{\"\(field)\":[\"\(message)\"]}", "\(body.prefix(200))")
            }
            for method in [HTTPRequest.Method.post, .put, .patch] {
                let isNew = method == .post
                for field in kind.fields where !field.rules.contains(.readOnly) && !field.rules.contains(.fixed) {
                    for (value, rule) in Self.refused(field, isNew: isNew) {
                        let message = rule.hasPrefix("The ") ? rule : "The \(field.title) field \(rule)"
                        try expect(method, kind.whole(field.name, value, isNew: isNew), field.name, message)
                    }
                }
                for name in ["nope", "workspace_id", "name_folded", "deleted_at", "Name", "data"] {
                    let title = name.replacing("_", with: " ")
                    try expect(method, kind.whole(name, "1", isNew: isNew), name, "The \(title) field is unknown.")
                }
                try expect(method, "[]", "body", "The body must be a JSON object.")
                let broken = try bench.ask(method, method == .post ? kind.list : "\(kind.list)/1", "{")
                #expect(broken.status == 400)
            }
            #expect(try bench.contents() == contents)
        }
    }

    /// Values that a field does not take, as JSON, and what is said of them.
    private static func refused(_ field: Field, isNew: Bool) -> [(value: String, rule: String)] {
        let wrong: [(String, String)] =
            switch field.kind {
            case .text(let length):
                [
                    ("5", "must be a string."), ("[]", "must be a string."), (#"{"a": "b"}"#, "must be a string."),
                    (#""a\u0000b""#, "must not contain control characters."),
                    (#""a\r\nb""#, "must not contain control characters."),
                    (
                        "\"" + String(repeating: "🔥", count: length.upperBound + 1) + "\"",
                        "must not be greater than \(length.upperBound) characters."
                    ),
                ]
            case .color:
                [
                    ("5", "must be a string."), (#""red""#, "must be a valid hexadecimal color."),
                    (##""#12345""##, "must be a valid hexadecimal color."),
                    (##""#12345g""##, "must be a valid hexadecimal color."),
                    (#""1234567""#, "must be a valid hexadecimal color."),
                    (##""#１２３""##, "must be a valid hexadecimal color."),
                ]
            case .choice:
                [
                    ("1", "must be a string."), (#""nobody""#, "The selected \(field.title) is invalid."),
                    (#""Admin""#, "The selected \(field.title) is invalid."),
                ]
            case .boolean: [("1", "must be true or false."), (#""true""#, "must be true or false.")]
            case .integer:
                [
                    (#""1""#, "must be an integer."), ("1.5", "must be an integer."), ("true", "must be an integer."),
                    ("0", "must be at least 1."), ("-9223372036854775809", "must be at least 1."),
                ]
            default: []
            }
        // Null and an empty text are "no value": an update may not bring one where there must be one, and a new record
        // has the field's own beginning then.
        let missing = (field.isText ? ["null", #""""#, #"" \t ""#] : ["null"]).map { ($0, "is required.") }
        let isNeeded =
            field.rules.contains(.required) || (!isNew && (field.initial != .null || field.name == "sort_order"))
        return wrong + (isNeeded ? missing : [])
    }

    @Test(arguments: NamedKind.all)
    func reportAllThatIsWrongAtOnce(kind: NamedKind) throws {
        try kind.run { bench in
            let color = kind.fields.contains { $0.name == "color" } ? ", \"color\": 5" : ""
            let answer = try bench.ask(.post, kind.list, "{\"nope\": 1\(color)}")
            var errors = [#""nope":["The nope field is unknown."]"#, #""name":["The name field is required."]"#]
            if kind.unique == "email" { errors.append(#""email":["The email field is required."]"#) }
            if !color.isEmpty { errors.append(#""color":["The color field must be a string."]"#) }
            #expect(answer["errors"]?.minified == "{" + errors.joined(separator: ",") + "}")
        }
    }

    @Test(arguments: NamedKind.all)
    func areNotFoundByIdsThatAreNone(kind: NamedKind) throws {
        try kind.run { bench in
            _ = try bench.data(kind.list, kind.body("First"))
            for id in ["0", "-1", "01", "+1", "1.0", "x", "9", "9223372036854775807", "9223372036854775808", "%31x"] {
                for method in [HTTPRequest.Method.get, .put, .patch, .delete] {
                    let answer = try bench.ask(method, "\(kind.list)/\(id)", method == .get ? nil : "{}")
                    #expect(answer.status == 404, "\(method) \(id)")
                }
            }
        }
    }
}

extension NamedKind {
    /// A body that is whole but for one field: for a new record, or for the first one.
    fileprivate func whole(_ name: String, _ value: String, isNew: Bool) -> String {
        var members = ["\"\(name)\": \(value)"]
        if name != "name" { members.append(#""name": "Second""#) }
        if unique == "email" && name != "email" {
            members.append("\"email\": \"\(isNew ? "new" : "u1")@example.com\"")
        }
        return "{" + members.joined(separator: ", ") + "}"
    }
}

extension Field {
    fileprivate var isText: Bool {
        switch kind {
        case .text, .email, .color, .choice: true
        default: false
        }
    }
}
