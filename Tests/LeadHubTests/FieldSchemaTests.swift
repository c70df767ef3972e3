import HTTP
import Testing

@testable import LeadHub

/// The schema of a field takes what its check takes: one row for each kind.
@Suite struct FieldSchemaTests {
    private static let lead = Field.Reference("lead")
    private static let point = Shape.fields([
        .text("name", 1...5, .required, about: ""), .integer("x", 0...9, default: 0, about: ""),
        Field("id", .id, .readOnly, about: ""),
    ])
    private static let choice = Shape.choice(
        by: Field("type", .choice(["a", "b"]), .required, about: ""),
        always: [.text("note", about: "")],
        [
            ("a", .fields([.integer("n", 1...5, about: "")])),
            (
                "b",
                .choice(
                    by: Field("kind", .choice(["c"]), .required, about: ""), [("c", point)],
                )
            ),
        ],
    )

    static let table: [(Field.Kind, good: [String], bad: [String])] = [
        (.id, ["1", "99999999999999999999"], ["0", "-1", #""1""#, "1.5", "true", "[]"]),
        (.text(1...3), [#""a""#, #""äöü""#, #""a\nb""#], ["1", #""abcd""#, #""a\u0000""#, #""a\u0085b""#, "{}"]),
        (.email, [#""a@b.co""#, #""ä@ü.de""#], [#""a""#, #""a@b""#, "5"]),
        (
            .phone(12), [#""12345""#, #""+1 2345""#],
            [#""1234""#, #""12345\u0007""#, #""\u0007x12345""#, #""1234567890123""#, "12345"]
        ),
        (.color, ["\"#0aF9bC\""], ["\"#fff\"", "\"red\"", "\"#gggggg\""]),
        (
            .url,
            [
                #""https://a.de/b?c""#, #""HTTP://a""#, #""http://é:8/""#, #""http://a/b@c:d""#, #""http://a:/""#,
                #""http://a:65535""#, #""https://[::1]""#, #""http://[2001:db8::1]:8443?x""#,
                #""http://[::ffff:127.0.0.1]""#,
            ],
            [
                #""http://a b""#, #""http://a/<""#, #""http://:8""#, #""ftp://a""#, #""a""#, #""https//a""#,
                #""http://a:65536""#, #""http://a:99999/b""#, #""http://a:000080""#, #""http://a:b""#,
                #""http://a:1:2""#, #""http://[::1""#, #""http://::1]""#, #""http://[1]""#, #""http://[]""#,
                #""http://[::g]""#, #""http://u@a""#, #""http://u:p@a/""#, #""http://@a""#, #""http://a<b/""#,
            ]
        ),
        (.slug(2...7), [#""a-b""#, #""a1""#], [#""A""#, #""-a""#, #""a""#, #""abcdefgh""#]),
        (.choice(["a", "b"]), [#""a""#], [#""c""#, "1"]),
        (.integer(-2...2), ["-2", "2", "1.0"], ["3", "-3", "0.5", #""1""#]),
        (.integer(1...Int64.max), ["1", "1e30"], ["0"]),
        (.money(-100...2_000_000), ["1", "-0.25", "0.10"], ["20000.01", "-1.01", "0.001", #""1""#]),
        (.boolean, ["true", "false"], ["1", #""true""#]),
        (.time, [#""2026-03-28""#, #""2026-03-28T09:15:00Z""#], [#""2026-02-30""#, #""now""#, "0"]),
        (.reference(lead), ["1"], ["0", #""1""#]),
        (.references(lead, most: 2), ["[]", "[1,2]"], ["[0]", "[1,2,3]", "1", "[null]"]),
        (.referenceByName(lead, 1...8), [#""a""#], ["1", #""abcdefghi""#]),
        (.names(1...10, most: 2), ["[]", #"["a","b"]"#], [#"["a","b","c"]"#, #"[" "]"#, "[null]", #""a""#]),
        (
            .object(Field.ObjectLimits(keys: 2, keyLength: 1...3, sizeInBytes: 100)),
            ["{}", #"{"a":1,"b":null}"#, #"{"a b":"x"}"#],
            [#"{"a":1,"b":2,"c":3}"#, #"{"abcd":1}"#, #"{"":1}"#, #"{"a":{}}"#, #"{"a":"\u0000"}"#, "[]"]
        ),
        (
            .object(Field.ObjectLimits(keys: 2, keyLength: 1...3, sizeInBytes: 100, isNested: true)),
            [#"{"a":{"b":[]}}"#], ["1"]
        ),
        (.scalar, [#""a""#, "1", "true"], ["[]", "{}"]),
        (.either([.scalar, .names(1...2, most: 2)]), ["1", #""abc""#, #"["ab"]"#], ["{}", "[1]", #"["abc"]"#]),
        (
            .record(point), [#"{"name":"a"}"#, #"{"name":"a","x":null,"id":"any"}"#],
            ["{}", #"{"name":null}"#, #"{"name":" "}"#, #"{"name":"a","y":1}"#, #"{"name":"a","x":10}"#, "[]"]
        ),
        (
            .record(choice), [#"{"type":"a","n":1,"note":"x"}"#, #"{"type":"b","kind":"c","name":"x"}"#],
            ["{}", #"{"type":"c"}"#, #"{"type":"b","n":1}"#, #"{"type":"b","kind":"c"}"#, #"{"type":"a","x":1}"#]
        ),
        (.records(point, most: 1), ["[]", #"[{"name":"a"}]"#], [#"[{"name":"a"},{"name":"b"}]"#, "[1]", "[{}]"]),
    ]

    @Test(arguments: table)
    func takesWhatTheFieldTakes(_ kind: Field.Kind, good: [String], bad: [String]) throws {
        let field = Field("it", kind, about: "")
        let schema = field.schema(for: .new, example: field.example(for: .new))
        let checker = SchemaChecker(document: .null)
        for text in good + ["null"] {
            let value = try JSONValue(reading: text)
            #expect(field.takes(value), "\(text)")
            #expect(checker.problems(value, schema) == [], "\(text)")
        }
        for text in bad {
            let value = try JSONValue(reading: text)
            #expect(!field.takes(value), "\(text)")
            #expect(!checker.fits(value, schema), "\(text)")
        }
        let example = field.example(for: .new)
        #expect(field.takes(example) && checker.fits(example, schema), "\(example.minified)")
    }

    @Test func tellsWhatIsRequiredInANewRecordFromWhatAnUpdateNeeds() throws {
        let fields: [Field] = [
            .id, .text("name", 1...9, .required, about: ""), .text("note", about: ""),
            .boolean("open", default: true, about: ""),
            Field("tags", .names(1...9, most: 3), initial: .names([]), about: ""),
            Field("place", .integer(1...9), .always, about: ""),
        ]
        let checker = SchemaChecker(document: .null)
        let table: [(Purpose, String, Bool)] = [
            (.new, "{}", false), (.new, #"{"name":"a"}"#, true), (.new, #"{"name":"a","open":null,"id":0}"#, true),
            (.changes, "{}", true), (.changes, #"{"name":null}"#, false),
            (.changes, #"{"note":null,"tags":null}"#, true),
            (.changes, #"{"open":null}"#, false), (.changes, #"{"id":"any"}"#, true), (.changes, #"{"more":1}"#, false),
            (.changes, #"{"place":null}"#, false), (.new, #"{"name":"a","place":null}"#, true),
            (.answer, #"{"id":1,"name":"a","note":null,"open":true,"tags":[],"place":1}"#, true),
            (.answer, #"{"id":1,"name":"a","note":null,"open":true,"tags":[],"place":null}"#, false),
            (.answer, #"{"id":1,"name":"a","open":true,"tags":[],"place":1}"#, false),
            (.answer, #"{"id":null,"name":"a","note":null,"open":true,"tags":[],"place":1}"#, false),
        ]
        for (purpose, text, fits) in table {
            let value = try JSONValue(reading: text)
            #expect(checker.fits(value, JSONSchema.object(fields, for: purpose)) == fits, "\(purpose) \(text)")
            guard purpose != .answer, case .object(let body) = value else { continue }
            var problems = Problems()
            _ = Input(body, fields: fields, isNew: purpose == .new, problems: &problems)
            #expect(problems.isEmpty == fits, "\(purpose) \(text) \(problems.messages)")
        }
    }
}
