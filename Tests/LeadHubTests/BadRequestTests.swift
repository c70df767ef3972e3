import HTTP
import HTTPTypes
import Testing

@testable import LeadHub

/// What stands in the request's head, and bodies that are no text.
@Suite struct BadRequestTests {
    private static let types = [
        "text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "application/jsonp",
        "*/*",
        "application/json; charset=latin1", "application/json; charset=", "json", "",
        "application/json, text/plain",
        "text/json",
    ]

    @Test func takesNoOtherContentType() throws {
        let body = Request.Body.complete(Array(#"{"first_name": "A"}"#.utf8))
        try expect(Self.types.map { (body, $0, 415, "The body must be application/json in UTF-8.") })
    }

    @Test func takesNoBodyThatIsTooLargeOrCutShort() throws {
        try expect([
            (.tooLarge, "application/json", 413, "The body is larger than 1048576 bytes."),
            (.tooLarge, "text/plain", 413, "The body is larger than 1048576 bytes."),
            (.incomplete, "application/json", 400, "The body is shorter than its Content-Length."),
        ])
    }

    /// Bytes of no character: stray, overlong, a surrogate, past the last one, cut short.
    private static let stray: [[UInt8]] = [
        [0xFF], [0xC0, 0xAF], [0xC3], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80], [0xE2, 0x28, 0xA1], [0x80],
        [0xF8],
    ]

    @Test func takesNothingButUTF8() throws {
        try expect(
            Self.stray.map { bytes in
                let body = Array(#"{"tag": ""#.utf8) + bytes + Array(#""}"#.utf8)
                return (.complete(body), "application/json", 400, "The body is not valid UTF-8 at byte 9.")
            }
        )
    }

    /// Texts at the limits go in and come out whole, whatever they hold.
    static let texts: [(field: String, text: String)] = [
        ("first_name", String(repeating: "🔥", count: 255)), ("last_name", String(repeating: "e\u{301}", count: 255)),
        ("company", String(repeating: "👩‍👩‍👧", count: 51)), ("notes", String(repeating: "é\n", count: 32_767) + "é"),
        ("notes", "' OR 1=1; --\t\"\\/<script>{{x}}%00%s\u{2028}"), ("first_name", "\u{202E}evil\u{200B}"),
        ("first_name", "نام"), ("first_name", "\u{FEFF}x"), ("source", "NULL"), ("country", "\u{1F1E9}\u{1F1EA}"),
        ("phone", "(١٢٣) ٤٥٦ ext. 7 \u{2028}8"), ("email", String(repeating: "x", count: 242) + "@example.com"),
    ]

    @Test(arguments: texts)
    func keepsTextsAtTheLimits(field: String, text: String) throws {
        try Workbench.run { bench in
            let body = JSONValue.object(
                JSONObject([("first_name", "A"), (field, .string(text))].suffix(field == "first_name" ? 1 : 2)))
            let expected = JSONValue.string(Text.normalized(text))
            for (method, target) in [(HTTPRequest.Method.post, "/api/v1/leads"), (.put, "/api/v1/leads/1")] {
                let answer = try bench.send(method, target, body.minified, key: bench.key)
                #expect((200..<300).contains(answer.status), "\(answer.text.prefix(300))")
                #expect(answer["data", field] == expected)
                let changes = bench.changes
                let again = try bench.send(.put, lead: 1, "", answer["data"]?.minified)
                #expect(again.text == (try bench.send(.get, lead: 1).text))
                #expect(bench.changes == changes)
            }
        }
    }

    /// What would mean something to SQLite, its full-text search or a list means itself.
    static let queries = [
        "search=%22%22%22", "search=a%22b", "search=ab*", "search=a%20OR%20b", "search=first_name:ann",
        "search=NEAR(a%20b)", "search=(((", "search=^ab", "search=--", "search=%27%27", "search=%25%25%25", "search=__",
        "search=%5C%5C",
        "search=NOT", "search=%7Bab%7D", "search=%CC%81%CC%81%CC%81", "search=%E2%80%8B%E2%80%8B", "source=%25",
        "source=%27%20OR%201=1%20--",
        "tag=%25", "tag=%27", "tag=%2E%2E", "company=%25", "custom_fields[%27]=1", "custom_fields[]=",
        "custom_fields[a]=",
        "custom_fields[a]]=1", "custom_fields[a][b]=1", "custom_fields[a%00b]=%00",
        "page=99999999999999999999&per_page=1e18",
        "pipeline_id=9223372036854775807", "stage_id=99999999999999999999", "created_after=9999-12-31T23:59:59Z",
        "created_before=0000-01-01", "phone=00000", "email=%27@example.com", "cursor=&per_page=1", "&&&", "page=1",
    ]

    @Test(arguments: queries)
    func findsNothingByWhatMeansSomethingToSQL(query: String) throws {
        try Workbench.run { bench in
            _ = try bench.lead(#"{"first_name": "Zoe", "source": "x", "tags": ["t"], "company": "C"}"#)
            let answer = try bench.get("/api/v1/leads?\(query)")
            #expect(answer.status == 200, "\(answer.text)")
            let isWhole = query.hasPrefix("&") || query == "page=1" || query == "cursor=&per_page=1"
            #expect(answer.ids == (isWhole ? [1] : []))
        }
    }

    /// As many as an address has room for.
    @Test(arguments: ["tag", "custom_fields", "source", "status"])
    func staysCalmUnderManyConditions(name: String) throws {
        try Workbench.run { bench in
            _ = try bench.lead(#"{"first_name": "Zoe"}"#)
            let query =
                switch name {
                case "tag": (0..<1_300).map { "tag=\($0)" }.joined(separator: "&")
                case "custom_fields": (0..<400).map { "custom_fields[\($0)]=1" }.joined(separator: "&")
                case "source": "source=" + (0..<4_000).map { "\($0)" }.joined(separator: ",")
                default: "status=" + Array(repeating: "lost", count: 1_600).joined(separator: ",")
                }
            let answer = try bench.get("/api/v1/leads?\(query)")
            #expect(answer.status == 200, "\(answer.text)")
            #expect(answer.ids == [])
        }
    }

    /// Sends each body to every route that takes one.
    private func expect(_ cases: [(body: Request.Body, type: String, status: Int, message: String)]) throws {
        try Workbench.run { bench in
            try BadInputTests.furnish(bench)
            let before = try bench.contents()
            for item in cases {
                for write in BadInputTests.writes {
                    let answer = try bench.send(
                        Request(
                            method: write.method, target: Target("/api/v1" + write.target),
                            fields: [.authorization: "Bearer \(bench.key)", .contentType: item.type], body: item.body,
                            id: "test",
                        )
                    )
                    #expect(answer.status == item.status, "\(item.type): \(answer.text)")
                    #expect(answer["message"] == .string(item.message))
                }
            }
            #expect(try bench.contents() == before)
        }
    }
}
