import HTTP
import HTTPTypes
import Testing

@testable import LeadHub

/// What will not do, over all routes of leads: each with its status, its code and its messages, and none of it leaves a
/// trace. `RefusalTests` has more of them for new leads and lists.
///
/// The lead 1 is in the pipeline 1 (stages 1 and 2), assigned to user 1 and tagged `vip`; pipeline 2 has the stage 3; user
/// 2 is suspended; lead 2 is deleted; lead 3, pipeline 3, stage 4 and user 3 are another workspace's.
@Suite struct BadInputTests {
    struct Case: CustomTestStringConvertible, Sendable {
        let method: HTTPRequest.Method
        let target: String
        let body: String?
        /// What is said: for 422 the errors as JSON, else the message.
        let says: String
        let status: Int

        init(_ method: HTTPRequest.Method, _ target: String, _ body: String?, _ status: Int, _ says: String) {
            (self.method, self.target, self.body, self.status, self.says) = (method, target, body, status, says)
        }

        init(_ method: HTTPRequest.Method, _ target: String, _ status: Int, _ says: String) {
            self.init(method, target, nil, status, says)
        }

        var testDescription: String { "\(method) \(target.prefix(80)) \((body ?? "").prefix(80))" }
    }

    private static let codes = [
        400: "BAD_REQUEST", 404: "NOT_FOUND", 405: "METHOD_NOT_ALLOWED", 413: "PAYLOAD_TOO_LARGE",
        415: "UNSUPPORTED_MEDIA_TYPE", 422: "VALIDATION_FAILED",
    ]

    // MARK: - Fields

    /// Every field with every type that it does not take, in a new lead and in one that is there.
    static let types: [Case] = ["POST /leads", "PUT /leads/1", "PATCH /leads/1"].flatMap { request -> [Case] in
        let parts = request.split(separator: " ").map(String.init)
        return Lead.fields.filter { !$0.rules.contains(.readOnly) }.flatMap { field -> [Case] in
            let (rule, wrong) = Self.rule(field)
            return wrong.map { value in
                let name = field.rules.contains(.required) ? "" : "\"first_name\": \"A\", "
                return Case(
                    HTTPRequest.Method(rawValue: parts[0]) ?? .get, parts[1], "{\(name)\"\(field.name)\": \(value)}",
                    422,
                    "{\"\(field.name)\":[\"The \(field.title) field \(rule)\"]}",
                )
            }
        }
    }

    private static func rule(_ field: Field) -> (message: String, wrong: [String]) {
        switch field.kind {
        case .integer, .reference: ("must be an integer.", [#""5""#, "true", "[5]", "{}", "1.5", "1e-1"])
        case .money: ("must be a number.", [#""5""#, "false", "[]", #"{"a": 1}"#])
        case .boolean: ("must be true or false.", [#""true""#, "0", "[true]", "{}"])
        case .names: ("must be an array.", [#""vip""#, "5", "true", #"{"0": "vip"}"#])
        case .object: ("must be an object.", [#""a""#, "5", "true", "[]"])
        default: ("must be a string.", ["5", "true", "[]", #"{"a": "b"}"#])
        }
    }

    /// Bodies for PUT and PATCH, and their errors.
    private static let changes: [(body: String, errors: String)] = [
        // Null and empty where a value is required.
        (#"{"first_name": null}"#, required("first_name")), (#"{"first_name": " \t "}"#, required("first_name")),
        (#"{"source": null}"#, required("source")), (#"{"source": ""}"#, required("source")),
        (#"{"status": null}"#, required("status")), (#"{"status": ""}"#, required("status")),
        (#"{"lead_score": null}"#, required("lead_score")), (#"{"starred": null}"#, required("starred")),
        // Too long, at the limits and past them.
        ("{\"first_name\": \"\(many("é", 256))\"}", tooLong("first_name", 255)),
        ("{\"last_name\": \"\(many("🔥", 256))\"}", tooLong("last_name", 255)),
        ("{\"company\": \"\(many("e\u{301}\u{323}", 128))\"}", tooLong("company", 255)),
        ("{\"notes\": \"\(many("x", 65_536))\"}", tooLong("notes", 65_535)),
        ("{\"phone\": \"\(many("1", 33))\"}", tooLong("phone", 32)),
        ("{\"email\": \"\(many("x", 243))@example.com\"}", tooLong("email", 254)),
        ("{\"tags\": [\"\(many("🔥", 65))\"]}", tooLong("tags.0", 64)),
        // Control characters and what looks like an attack.
        (#"{"notes": "a\u0000"}"#, control("notes")), (#"{"first_name": "\u0000"}"#, control("first_name")),
        (#"{"source": "a\r\nSet-Cookie: b=c"}"#, control("source")),
        (#"{"email": "a@b.com\r\nX: y"}"#, control("email")),
        (#"{"phone": "12345\u0007"}"#, control("phone")), (#"{"status": "new\u0000"}"#, control("status")),
        (#"{"tags": ["a\u001b[0m"]}"#, control("tags.0")), (#"{"company": "\u009f"}"#, control("company")),
        (#"{"custom_fields": {"a": "\u0000"}}"#, control("custom_fields.a")),
        (#"{"custom_fields": {"a\u0000": 1}}"#, badKeys),
        (#"{"custom_fields": {" ": 1}}"#, badKeys), (#"{"custom_fields": {"a": []}}"#, badValue),
        (#"{"custom_fields": {"a": {}}}"#, badValue),
        (
            #"{"custom_fields": {"\u00e9": 1, "e\u0301": 2}}"#,
            one("custom_fields.é", "The custom fields.é field comes more than once.")
        ),
        // Values that no field takes.
        (#"{"email": "a@b"}"#, badEmail), (#"{"email": "@example.com"}"#, badEmail),
        (#"{"email": "a@@example.com"}"#, badEmail), ("{\"email\": \"a@\u{200D}x@example.com\"}", badEmail),
        ("{\"email\": \".\u{200D}a@example.com\"}", badEmail),
        ("{\"email\": \"a@\u{301}example.com\"}", badEmail), ("{\"email\": \"a@example.com.\u{200D}\"}", badEmail),
        (#"{"email": "a@example..com"}"#, badEmail), (#"{"email": "a@-example.com"}"#, badEmail),
        (#"{"email": "<a@example.com>"}"#, badEmail), (#"{"email": "a\tb@example.com"}"#, badEmail),
        (#"{"email": "\"' OR 1=1 --\"@example.com"}"#, badEmail), (#"{"email": ".a@example.com"}"#, badEmail),
        (#"{"phone": "1234"}"#, one("phone", "The phone field must have at least 5 digits.")),
        (#"{"phone": "call me"}"#, one("phone", "The phone field must have at least 5 digits.")),
        (#"{"status": "new'; DROP TABLE lead; --"}"#, selected("status")), (#"{"status": "Lost"}"#, selected("status")),
        (#"{"lead_score": 1000001}"#, between("lead_score", "-1000000", "1000000")),
        (#"{"lead_score": -1e99}"#, between("lead_score", "-1000000", "1000000")),
        (#"{"lead_score": 9223372036854775808}"#, between("lead_score", "-1000000", "1000000")),
        (#"{"deal_value": 0.001}"#, one("deal_value", "The deal value field must have 0-2 decimal places.")),
        (#"{"deal_value": 1e13}"#, between("deal_value", "-9999999999999.99", "9999999999999.99")),
        (#"{"pipeline_id": 0}"#, atLeast("pipeline_id")), (#"{"pipeline_stage_id": -1}"#, atLeast("pipeline_stage_id")),
        (#"{"assigned_user_id": -9223372036854775808}"#, atLeast("assigned_user_id")),
        (#"{"pipeline_id": 3}"#, selected("pipeline_id")),
        (#"{"pipeline_stage_id": 4}"#, selected("pipeline_stage_id")),
        (#"{"pipeline_id": 9223372036854775808}"#, selected("pipeline_id")),
        (#"{"assigned_user_id": 2}"#, selected("assigned_user_id")),
        (#"{"assigned_user_id": 3}"#, selected("assigned_user_id")),
        (#"{"pipeline_id": 1, "pipeline_stage_id": 3}"#, selected("pipeline_stage_id")),
        (#"{"tags": [null]}"#, one("tags.0", "The tags.0 field must be a string.")),
        (#"{"tags": [["vip"]]}"#, one("tags.0", "The tags.0 field must be a string.")),
        (#"{"tags": ["a", ""]}"#, required("tags.1")),
        // Names that no field has.
        (#"{"deleted_at": null}"#, unknown("deleted_at")), (#"{"workspace_id": 2}"#, unknown("workspace_id")),
        (#"{"search_text": "x"}"#, unknown("search_text")), (#"{"data": {}}"#, unknown("data")),
        (#"{"": 1}"#, unknown("")),
        (#"{"first_name ": "A"}"#, unknown("first_name ")), (#"{"tag": "vip"}"#, unknown("tag")),
        (#"{"a\u0000b": 1}"#, #"{"a\u0000b":["The a\u0000b field is unknown."]}"#),
        (#"{"x\"}, {\"y": 1}"#, #"{"x\"}, {\"y":["The x\"}, {\"y field is unknown."]}"#),
        // Several at once.
        (
            #"{"nope": 1, "email": "x", "starred": 1, "pipeline_id": 3, "tags": [1]}"#,
            #"{"nope":["The nope field is unknown."],"email":["The email field must be a valid email address."],"#
                + #""starred":["The starred field must be true or false."],"tags.0":["The tags.0 field must be a string."],"#
                + #""pipeline_id":["The selected pipeline id is invalid."]}"#
        ),
    ]

    static let updates = changes.flatMap { change in
        [HTTPRequest.Method.put, .patch].map { Case($0, "/leads/1", change.body, 422, change.errors) }
    }

    // MARK: - Tags

    private static let tagBodies: [(body: String, errors: String)] = [
        ("{}", required("tag")), (#"{"tag": null}"#, required("tag")), (#"{"tag": ""}"#, required("tag")),
        (#"{"tag": "\u00a0"}"#, required("tag")), (#"{"tag": 5}"#, one("tag", "The tag field must be a string.")),
        (#"{"tag": ["vip"]}"#, one("tag", "The tag field must be a string.")),
        (#"{"tag": "a\u0000b"}"#, control("tag")),
        (#"{"tag": "a\r\nb"}"#, control("tag")), ("{\"tag\": \"\(many("x", 65))\"}", tooLong("tag", 64)),
        ("{\"tag\": \"\(many("👩‍👩‍👧", 13))\"}", tooLong("tag", 64)), (#"{"tag": "x", "color": "red"}"#, unknown("color")),
        (
            #"{"tags": ["vip"]}"#,
            #"{"tags":["The tags field is unknown."],"tag":["The tag field is required."]}"#
        ),
    ]

    static let tags = tagBodies.map { Case(.post, "/leads/1/tags", $0.body, 422, $0.errors) }

    // MARK: - Bodies that are none

    private static let texts: [(body: String, status: Int, says: String)] = [
        ("", 400, "The body is empty; a JSON object is expected."),
        (" ", 400, "The body is not valid JSON: unexpected end at byte 1."),
        ("{", 400, "The body is not valid JSON: unexpected end at byte 1."),
        (#"{"tag": "a"} {}"#, 400, "The body is not valid JSON: unexpected content after the value at byte 13."),
        (#"{"tag": "a",}"#, 400, "The body is not valid JSON: unexpected character at byte 12."),
        ("\u{FEFF}{}", 400, "The body is not valid JSON: unexpected character at byte 0."),
        ("{'tag': 'a'}", 400, "The body is not valid JSON: unexpected character at byte 1."),
        ("{\"tag\": \"a\nb\"}", 400, "The body is not valid JSON: unescaped control character at byte 10."),
        ("{\"tag\": \"\u{0}\"}", 400, "The body is not valid JSON: unescaped control character at byte 9."),
        (#"{"tag": "\ud83d"}"#, 400, "The body is not valid JSON: invalid escape at byte 9."),
        (#"{"tag": "\x00"}"#, 400, "The body is not valid JSON: invalid escape at byte 9."),
        (#"{"tag": 01}"#, 400, "The body is not valid JSON: invalid number at byte 9."),
        (#"{"tag": NaN}"#, 400, "The body is not valid JSON: unexpected character at byte 8."),
        (#"{"tag": 1, "tag": 1}"#, 400, "The body has the name \"tag\" twice in one object, again at byte 11."),
        (many("[", 33) + many("]", 33), 400, "The body is nested more than 32 levels deep at byte 32."),
        (
            "{\"a\": " + many("{\"a\": ", 32) + "1" + many("}", 33), 400,
            "The body is nested more than 32 levels deep at byte 192."
        ),
        (many("[", 200_000), 400, "The body is nested more than 32 levels deep at byte 32."),
        ("first_name=A&tag=a", 400, "The body is not valid JSON: unexpected character at byte 1."),
        ("[]", 422, noObject),
        (#"[{"first_name": "A"}]"#, 422, noObject),
        (#""vip""#, 422, noObject), ("5", 422, noObject),
        ("null", 422, noObject), ("true", 422, noObject),
    ]

    /// What takes a body.
    static let writes: [(method: HTTPRequest.Method, target: String)] = [
        (.post, "/leads"), (.put, "/leads/1"), (.patch, "/leads/1"), (.post, "/leads/1/tags"),
    ]

    static let bodies = writes.flatMap { write in
        texts.map { Case(write.method, write.target, $0.body, $0.status, $0.says) }
    }

    @Test(arguments: [types, updates, tags, bodies, BadAddresses.paths, BadAddresses.queries])
    func leavesNoTrace(cases: [Case]) throws {
        try Workbench.run { bench in
            try Self.furnish(bench)
            let before = try bench.contents()
            for item in cases {
                let answer = try bench.send(item.method, "/api/v1" + item.target, item.body, key: bench.key)
                #expect(answer.status == item.status, "\(item.testDescription): \(answer.text.prefix(400))")
                #expect(answer.code == Self.codes[item.status], "\(item.testDescription)")
                if item.status == 422 {
                    #expect(answer["message"] == "The given data was invalid.")
                    #expect(answer["errors"]?.minified == item.says, "\(item.testDescription)")
                } else {
                    #expect(answer["message"] == .string(item.says), "\(item.testDescription)")
                    #expect(answer["errors"] == nil)
                }
            }
            #expect(try bench.contents() == before)
        }
    }

    @Test func areManyCases() {
        let all = [Self.types, Self.updates, Self.tags, Self.bodies, BadAddresses.paths, BadAddresses.queries]
        #expect(all.joined().count >= 150)
    }

    static func furnish(_ bench: Workbench) throws {
        let other = try bench.workspace("other")
        _ = (try bench.pipeline("Sales", ["One", "Two"]), try bench.pipeline("More sales", ["Three"]))
        _ = try bench.pipeline("Sales", ["Four"], in: other)
        _ = (try bench.user("a@example.com"), try bench.user("b@example.com", status: "suspended"))
        _ = try bench.user("c@example.com", in: other)
        _ = try bench.lead(#"{"first_name": "A", "assigned_user_id": 1, "tags": ["vip"]}"#)
        _ = try bench.lead(#"{"first_name": "B"}"#)
        _ = try bench.lead(#"{"first_name": "C"}"#, key: try bench.key(["*"], in: other))
        #expect(try bench.send(.delete, lead: 2).status == 204)
    }
}

private func many(_ text: String, _ count: Int) -> String { String(repeating: text, count: count) }

/// One field and its one message, as JSON.
private func one(_ field: String, _ message: String) -> String { "{\"\(field)\":[\"\(message)\"]}" }

private func title(_ field: String) -> String { field.replacing("_", with: " ") }

private func required(_ field: String) -> String { one(field, "The \(title(field)) field is required.") }

private func unknown(_ field: String) -> String { one(field, "The \(title(field)) field is unknown.") }

private func selected(_ field: String) -> String { one(field, "The selected \(title(field)) is invalid.") }

private func atLeast(_ field: String) -> String { one(field, "The \(title(field)) field must be at least 1.") }

private func control(_ field: String) -> String {
    one(field, "The \(title(field)) field must not contain control characters.")
}

private func tooLong(_ field: String, _ most: Int) -> String {
    one(field, "The \(title(field)) field must not be greater than \(most) characters.")
}

private func between(_ field: String, _ least: String, _ most: String) -> String {
    one(field, "The \(title(field)) field must be between \(least) and \(most).")
}

private let noObject = one("body", "The body must be a JSON object.")
private let badEmail = one("email", "The email field must be a valid email address.")
private let badKeys = one(
    "custom_fields", "The custom fields field must have keys of 1 to 64 characters, none a control character.",
)
private let badValue = one(
    "custom_fields.a", "The custom fields.a field must be text, a number, a boolean or null.",
)
