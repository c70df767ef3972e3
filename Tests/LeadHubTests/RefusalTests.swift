import HTTP
import HTTPTypes
import Testing

@testable import LeadHub

/// What will not do, and what the client is told. Pipeline 1 has the stages 1 and 2, pipeline 2 the stage 3; user 2 is
/// suspended; pipeline 3, stage 4 and user 3 are another workspace's.
@Suite struct RefusalTests {
    /// A body for POST /leads, and its errors as JSON.
    static let bodies: [(body: String, errors: String)] = [
        ("{}", #"{"first_name": ["The first name field is required."]}"#),
        (#"{"first_name": null}"#, #"{"first_name": ["The first name field is required."]}"#),
        (#"{"first_name": " \t\n "}"#, #"{"first_name": ["The first name field is required."]}"#),
        (#"{"first_name": 5}"#, #"{"first_name": ["The first name field must be a string."]}"#),
        (#"{"first_name": "\#(many("é", 256))"}"#, tooLong("first_name", 255)),
        (lead(#""last_name": "\#(many("x", 256))""#), tooLong("last_name", 255)),
        (lead(#""company": "\#(many("👩‍👩‍👧", 52))""#), tooLong("company", 255)),
        (lead(#""notes": "\#(many("x", 65_536))""#), tooLong("notes", 65_535)),
        (lead(#""job_title": ["a"]"#), #"{"job_title": ["The job title field must be a string."]}"#),
        (lead(#""notes": "a\u0000b""#), #"{"notes": ["The notes field must not contain control characters."]}"#),
        (lead(#""source": "a\rb""#), #"{"source": ["The source field must not contain control characters."]}"#),
        (lead(#""country": "a\u0085b""#), #"{"country": ["The country field must not contain control characters."]}"#),
        (lead(#""email": "sarah""#), badEmail), (lead(#""email": "sarah@example""#), badEmail),
        (lead(#""email": "a@b@example.com""#), badEmail), (lead(#""email": "a b@example.com""#), badEmail),
        (lead(#""email": true"#), #"{"email": ["The email field must be a string."]}"#),
        (lead(#""email": "\#(many("x", 243))@example.com""#), tooLong("email", 254)),
        (lead(#""phone": "+1 23 4""#), #"{"phone": ["The phone field must have at least 5 digits."]}"#),
        (lead(#""phone": 4155551234"#), #"{"phone": ["The phone field must be a string."]}"#),
        (lead(#""phone": "\#(many("1", 33))""#), tooLong("phone", 32)),
        (lead(#""status": "open""#), #"{"status": ["The selected status is invalid."]}"#),
        (lead(#""status": "NEW""#), #"{"status": ["The selected status is invalid."]}"#),
        (lead(#""status": 1"#), #"{"status": ["The status field must be a string."]}"#),
        (lead(#""starred": "true""#), #"{"starred": ["The starred field must be true or false."]}"#),
        (lead(#""starred": 1"#), #"{"starred": ["The starred field must be true or false."]}"#),
        (lead(#""lead_score": "5""#), #"{"lead_score": ["The lead score field must be an integer."]}"#),
        (lead(#""lead_score": 5.5"#), #"{"lead_score": ["The lead score field must be an integer."]}"#),
        (lead(#""lead_score": 1000001"#), badScore), (lead(#""lead_score": -1000001"#), badScore),
        (lead(#""lead_score": 1e999999999"#), badScore), (lead(#""lead_score": 12345678901234567890"#), badScore),
        (lead(#""deal_value": "5""#), #"{"deal_value": ["The deal value field must be a number."]}"#),
        (lead(#""deal_value": 5.001"#), #"{"deal_value": ["The deal value field must have 0-2 decimal places."]}"#),
        (lead(#""deal_value": 1e13"#), badValue), (lead(#""deal_value": -1e999999999"#), badValue),
        (lead(#""pipeline_id": "1""#), #"{"pipeline_id": ["The pipeline id field must be an integer."]}"#),
        (lead(#""pipeline_id": 0"#), #"{"pipeline_id": ["The pipeline id field must be at least 1."]}"#),
        (lead(#""pipeline_id": 99"#), badPipeline), (lead(#""pipeline_id": 3"#), badPipeline),
        (lead(#""pipeline_id": 9223372036854775807"#), badPipeline),
        (lead(#""pipeline_stage_id": 99"#), badStage), (lead(#""pipeline_stage_id": 4"#), badStage),
        (lead(#""pipeline_id": 1, "pipeline_stage_id": 3"#), badStage),
        (lead(#""pipeline_id": 1, "pipeline_stage_id": 4"#), badStage),
        (lead(#""pipeline_id": null, "pipeline_stage_id": 1"#), badStage),
        (lead(#""assigned_user_id": 99"#), badUser), (lead(#""assigned_user_id": 2"#), badUser),
        (lead(#""assigned_user_id": 3"#), badUser),
        (lead(#""tags": "vip""#), #"{"tags": ["The tags field must be an array."]}"#),
        (lead(#""tags": {"0": "vip"}"#), #"{"tags": ["The tags field must be an array."]}"#),
        (lead(#""tags": ["vip", 5]"#), #"{"tags.1": ["The tags.1 field must be a string."]}"#),
        (lead(#""tags": ["vip", " "]"#), #"{"tags.1": ["The tags.1 field is required."]}"#),
        (lead(#""tags": [null]"#), #"{"tags.0": ["The tags.0 field must be a string."]}"#),
        (lead(#""tags": ["\#(many("x", 65))"]"#), tooLong("tags.0", 64)),
        (
            lead(#""tags": [5, "vip", ""]"#),
            #"{"tags.0": ["The tags.0 field must be a string."], "tags.2": ["The tags.2 field is required."]}"#
        ),
        (
            lead(#""tags": [\#((1...51).map { "\"\($0)\"" }.joined(separator: ", "))]"#),
            #"{"tags": ["The tags field must not have more than 50 items."]}"#
        ),
        (lead(#""custom_fields": []"#), #"{"custom_fields": ["The custom fields field must be an object."]}"#),
        (lead(#""custom_fields": "a""#), #"{"custom_fields": ["The custom fields field must be an object."]}"#),
        (lead(#""custom_fields": {"a": [1]}"#), badCustom("a")),
        (lead(#""custom_fields": {"a": {"b": 1}}"#), badCustom("a")),
        (
            lead(#""custom_fields": {\#((1...101).map { "\"\($0)\": 1" }.joined(separator: ", "))}"#),
            #"{"custom_fields": ["The custom fields field must not have more than 100 keys."]}"#
        ),
        (
            lead(#""custom_fields": {"a": "\#(many("x", 65_536))"}"#),
            #"{"custom_fields": ["The custom fields field must not be greater than 64 kilobytes."]}"#
        ),
        (
            lead(#""custom_fields": {"a": 1, "a ": 2}"#),
            #"{"custom_fields.a": ["The custom fields.a field comes more than once."]}"#
        ),
        (lead(#""custom_fields": {"": 1}"#), badKey), (lead(#""custom_fields": {"\#(many("k", 65))": 1}"#), badKey),
        (lead(#""emial": "a@example.com""#), #"{"emial": ["The emial field is unknown."]}"#),
        (lead(#""Email": "a@example.com""#), #"{"Email": ["The Email field is unknown."]}"#),
        (lead(#""deleted_at": null"#), #"{"deleted_at": ["The deleted at field is unknown."]}"#),
        (
            #"{"email": "x", "status": "x", "pipeline_id": 3, "nope": 1, "lead_score": 1.5}"#,
            """
            {
                "nope": ["The nope field is unknown."],
                "first_name": ["The first name field is required."],
                "email": ["The email field must be a valid email address."],
                "status": ["The selected status is invalid."],
                "lead_score": ["The lead score field must be an integer."],
                "pipeline_id": ["The selected pipeline id is invalid."]
            }
            """
        ),
        ("[]", #"{"body": ["The body must be a JSON object."]}"#),
        ("null", #"{"body": ["The body must be a JSON object."]}"#),
        (#""text""#, #"{"body": ["The body must be a JSON object."]}"#),
    ]

    @Test(arguments: bodies)
    func refusesBodies(body: String, errors: String) throws {
        try Workbench.run { bench in
            try furnish(bench)
            let changes = bench.changes
            let answer = try bench.post("/api/v1/leads", body)
            #expect(answer.status == 422, "\(answer.text)")
            #expect(answer["status"] == "error")
            #expect(answer["message"] == "The given data was invalid.")
            #expect(answer["code"] == "VALIDATION_FAILED")
            #expect(answer["errors"] == (try JSONValue(reading: errors)), "\(answer.text)")
            #expect(answer.json?.names == ["status", "message", "code", "errors"])
            #expect(bench.changes == changes)
        }
    }

    /// The answer to a body full of mistakes is no longer than a reader's patience.
    @Test(arguments: [#""a#": 1"#, #""tags": [@]"#])
    func reportsAHundredFieldsAtMost(member: String) throws {
        try Workbench.run { bench in
            let many = (0..<5_000).map { member.contains("@") ? "\($0)" : member.replacing("#", with: "\($0)") }
            let members = many.joined(separator: ", ")
            let body = member.contains("@") ? "{\(member.replacing("@", with: members))}" : "{\(members)}"
            let answer = try bench.post("/api/v1/leads", body)
            #expect(answer.status == 422)
            #expect(answer["errors"]?.names.count == 100)
        }
    }

    @Test(arguments: [
        ("", 400), ("{", 400), (#"{"first_name": "A"} x"#, 400), (#"{"first_name": "A",}"#, 400),
        (#"{"first_name": "A", "first_name": "B"}"#, 400), ("first_name=A", 400),
        (#"{"first_name": "A", "custom_fields": {"a": 1, "a": 1}}"#, 400),
        (#"{"first_name": "\ud800"}"#, 400), (#"{"first_name": NaN}"#, 400),
        ("{\"first_name\": \(many("[", 40))\(many("]", 40))}", 400),
    ])
    func refusesWhatIsNoJSON(body: String, status: Int) throws {
        try Workbench.run { bench in
            let changes = bench.changes
            let answer = try bench.post("/api/v1/leads", body)
            #expect(answer.status == status, "\(answer.text)")
            #expect(answer.code == "BAD_REQUEST")
            #expect(answer.json?.names == ["status", "message", "code"])
            #expect(bench.changes == changes)
        }
    }

    @Test(arguments: [
        (Request.Body.complete([0x7B, 0x22, 0xFF, 0x22, 0x3A, 0x31, 0x7D]), "application/json", 400, "BAD_REQUEST"),
        (.incomplete, "application/json", 400, "BAD_REQUEST"),
        (.tooLarge, "application/json", 413, "PAYLOAD_TOO_LARGE"),
        (.complete(Array(lead("").utf8)), "text/plain", 415, "UNSUPPORTED_MEDIA_TYPE"),
        (.complete(Array(lead("").utf8)), "application/x-www-form-urlencoded", 415, "UNSUPPORTED_MEDIA_TYPE"),
        (.complete(Array(lead("").utf8)), "application/json; charset=iso-8859-1", 415, "UNSUPPORTED_MEDIA_TYPE"),
        (.complete(Array(lead("").utf8)), "application/jsonp", 415, "UNSUPPORTED_MEDIA_TYPE"),
    ])
    func refusesOtherBodies(body: Request.Body, type: String, status: Int, code: String) throws {
        try Workbench.run { bench in
            let request = Request(
                method: .post, target: Target("/api/v1/leads"),
                fields: [.authorization: "Bearer \(bench.key)", .contentType: type], body: body, id: "test",
            )
            let changes = bench.changes
            let answer = try bench.send(request)
            #expect(answer.status == status, "\(answer.text)")
            #expect(answer.code == code)
            #expect(bench.changes == changes)
        }
    }

    @Test(arguments: ["application/json", "APPLICATION/JSON;charset=UTF-8", "application/vnd.api+json", nil])
    func takesJSONHoweverItIsLabelled(type: String?) throws {
        try Workbench.run { bench in
            var fields: HTTPFields = [.authorization: "Bearer \(bench.key)"]
            fields[.contentType] = type
            let body = Request.Body.complete(Array(#"{"first_name": "A"}"#.utf8))
            let request = Request(
                method: .post, target: Target("/api/v1/leads"), fields: fields, body: body, id: "test",
            )
            let answer = try bench.send(request)
            #expect(answer.status == 201)
        }
    }

    @Test(arguments: [
        ("page=0", #"{"page": ["The page field must be at least 1."]}"#),
        ("page=-1", #"{"page": ["The page field must be at least 1."]}"#),
        ("page=-1e30", #"{"page": ["The page field must be at least 1."]}"#),
        ("page=two", #"{"page": ["The page field must be an integer."]}"#),
        ("page=1.5", #"{"page": ["The page field must be an integer."]}"#),
        ("page=%201", #"{"page": ["The page field must be an integer."]}"#),
        ("page=", #"{"page": ["The page field must be an integer."]}"#),
        ("page", #"{"page": ["The page field must be an integer."]}"#),
        ("per_page=0", #"{"per_page": ["The per page field must be at least 1."]}"#),
        ("per_page=1x", #"{"per_page": ["The per page field must be an integer."]}"#),
        ("page=1&page=1", #"{"page": ["The page parameter comes more than once."]}"#),
        ("sort=id", #"{"sort": ["The selected sort is invalid."]}"#),
        ("sort=first_name,email", #"{"sort": ["The selected sort is invalid."]}"#),
        ("sort=first_name_folded", #"{"sort": ["The selected sort is invalid."]}"#),
        ("direction=up", #"{"direction": ["The selected direction is invalid."]}"#),
        ("direction=DESC", #"{"direction": ["The selected direction is invalid."]}"#),
        ("status=open", #"{"status": ["The selected status is invalid."]}"#),
        ("status=new,open", #"{"status": ["The selected status is invalid."]}"#),
        ("status=", #"{"status": ["The status field is required."]}"#),
        ("status=new&status=lost", #"{"status": ["The status parameter comes more than once."]}"#),
        ("source=a,,b", #"{"source": ["The source field is required."]}"#),
        ("source=a%00", #"{"source": ["The source field must not contain control characters."]}"#),
        ("statsu=new", #"{"statsu": ["The statsu parameter is unknown."]}"#),
        (
            "page=0&nope=1&sort=x",
            """
            {
                "page": ["The page field must be at least 1."],
                "nope": ["The nope parameter is unknown."],
                "sort": ["The selected sort is invalid."]
            }
            """
        ),
    ])
    func refusesQueries(query: String, errors: String) throws {
        try Workbench.run { bench in
            let answer = try bench.get("/api/v1/leads?\(query)")
            #expect(answer.status == 422, "\(answer.text)")
            #expect(answer.code == "VALIDATION_FAILED")
            #expect(answer["errors"] == (try JSONValue(reading: errors)), "\(answer.text)")
        }
    }

    @Test(arguments: [
        ("/api/v1/leads?source=%", 400), ("/api/v1/leads?source=%zz", 400), ("/api/v1/leads?source=%C0%AF", 400),
        ("/api/v1/leads/%", 400), ("/api/v1/%ff", 400),
        ("/api/v1/leads/0", 404), ("/api/v1/leads/-1", 404), ("/api/v1/leads/01", 404), ("/api/v1/leads/+1", 404),
        ("/api/v1/leads/1.0", 404), ("/api/v1/leads/99999999999999999999", 404), ("/api/v1/leads/99", 404),
        ("/api/v1/leads/", 404), ("/api/v1//leads", 404), ("/api/v1/./leads", 404), ("/api/v1/x/%2e%2E/leads", 404),
        ("/api/v1%2Fleads", 404), ("/api/v1/leads%3Fpage=1", 404), ("/api/v1/Leads", 404), ("/", 404), ("", 404),
        ("/api/v1/leads/1?x=1", 422), ("/api/v1/leads/99?x=1", 422),
    ])
    func refusesAddresses(target: String, status: Int) throws {
        try Workbench.run { bench in
            _ = try bench.lead(#"{"first_name": "A"}"#)
            let answer = try bench.get(target)
            #expect(answer.status == status, "\(answer.text)")
            #expect(answer["status"] == "error")
        }
    }

    private func furnish(_ bench: Workbench) throws {
        let other = try bench.workspace("other")
        _ = try bench.pipeline("Sales", ["One", "Two"])
        _ = try bench.pipeline("More sales", ["Three"])
        try #require(try bench.pipeline("Sales", ["Four"], in: other) == (3, [4]))
        _ = try bench.user("a@example.com")
        _ = try bench.user("b@example.com", status: "suspended")
        try #require(try bench.user("c@example.com", in: other) == 3)
    }
}

private func lead(_ members: String) -> String {
    "{\"first_name\": \"Sarah\"\(members.isEmpty ? "" : ", ")\(members)}"
}

private func many(_ text: String, _ count: Int) -> String { String(repeating: text, count: count) }

private func tooLong(_ field: String, _ most: Int) -> String {
    let title = field.replacing("_", with: " ")
    return "{\"\(field)\": [\"The \(title) field must not be greater than \(most) characters.\"]}"
}

private func badCustom(_ key: String) -> String {
    "{\"custom_fields.\(key)\": [\"The custom fields.\(key) field must be text, a number, a boolean or null.\"]}"
}

private let badEmail = #"{"email": ["The email field must be a valid email address."]}"#
private let badScore = #"{"lead_score": ["The lead score field must be between -1000000 and 1000000."]}"#
private let badValue =
    #"{"deal_value": ["The deal value field must be between -9999999999999.99 and 9999999999999.99."]}"#
private let badPipeline = #"{"pipeline_id": ["The selected pipeline id is invalid."]}"#
private let badStage = #"{"pipeline_stage_id": ["The selected pipeline stage id is invalid."]}"#
private let badUser = #"{"assigned_user_id": ["The selected assigned user id is invalid."]}"#
private let badKey = """
    {"custom_fields": ["The custom fields field must have keys of 1 to 64 characters, none a control character."]}
    """
