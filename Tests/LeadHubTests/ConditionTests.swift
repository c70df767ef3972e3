import HTTP
import HTTPTypes
import Testing

@testable import LeadHub

/// `ETag`, `If-None-Match` and `If-Match` (RFC 9110 §§8.8.3, 13.1.1, 13.1.2).
@Suite struct ConditionTests {
    @Test func givesOneStrongEntityTagToOneStateOfALead() throws {
        try Workbench.run { bench in
            let created = try bench.post("/api/v1/leads", #"{"first_name": "A", "tags": ["a"]}"#)
            let tag = try #require(created.header("ETag"))
            #expect(tag.wholeMatch(of: /"[0-9a-f]{32}"/) != nil)
            let same = [
                try bench.send(.get, lead: 1), try bench.send(.head, lead: 1), try bench.send(.put, lead: 1, "", "{}"),
                try bench.send(.patch, lead: 1, "", #"{"first_name": "A"}"#),
                try bench.send(.post, lead: 1, "/tags", #"{"tag": "A"}"#),
                try bench.send(.get, lead: 1, now: 2_000_000_000),
            ]
            for answer in same { #expect(answer.header("ETag") == tag) }

            let updated = try bench.send(.patch, lead: 1, "", #"{"first_name": "B"}"#)
            let next = try #require(updated.header("ETag"))
            #expect(next != tag)
            #expect(try bench.send(.get, lead: 1).header("ETag") == next)
            #expect(try bench.send(.patch, lead: 1, "", #"{"first_name": "A"}"#).header("ETag") == tag)
            _ = try bench.lead(#"{"first_name": "A", "tags": ["a"]}"#)
            #expect(try bench.send(.get, lead: 2).header("ETag") != tag)
            #expect(try bench.get("/api/v1/leads").header("ETag") == nil)
            #expect(try bench.send(.get, lead: 9).header("ETag") == nil)
        }
    }

    /// `@` stands for the lead's own entity tag, with its quotes.
    static let noneMatch: [(field: String, status: Int)] = [
        ("@", 304), ("W/@", 304), ("*", 304), (#""x", @"#, 304), (#"W/"x",W/@ , "y""#, 304), ("  @\t", 304),
        (#""x""#, 200), (#"W/"x""#, 200), (#""""#, 200), ("", 200), ("w/@", 200), ("@@", 200), ("x@", 200), (",,", 200),
        (#""*""#, 200), ("W/*", 200),
    ]

    @Test(arguments: [HTTPRequest.Method.get, .head])
    func sendsNothingThatTheClientHas(method: HTTPRequest.Method) throws {
        try Workbench.run { bench in
            let tag = try created(bench)
            for condition in Self.noneMatch {
                let value = condition.field.replacing("@", with: tag)
                let answer = try bench.send(method, lead: 1, fields: [.ifNoneMatch: value])
                #expect(answer.status == condition.status, "\(condition)")
                #expect(answer.header("ETag") == tag)
                #expect(answer.header("Cache-Control") == "private, no-cache")
                #expect(answer.header("X-Request-Id") == "test-request")
                #expect(answer.header("X-RateLimit-Remaining") != nil)
                #expect((answer.text == "") == (condition.status == 304))
                #expect((answer.header("Content-Type") == nil) == (condition.status == 304))
            }
        }
    }

    @Test func readsSeveralHeadersAsOneList() throws {
        try Workbench.run { bench in
            let tag = try created(bench)
            var fields = HTTPFields([HTTPField(name: .ifNoneMatch, value: #""x""#)])
            fields.append(HTTPField(name: .ifNoneMatch, value: tag))
            #expect(try bench.send(.get, lead: 1, fields: fields).status == 304)
            fields = [.ifMatch: #""x""#]
            fields.append(HTTPField(name: .ifMatch, value: tag))
            #expect(try bench.send(.patch, lead: 1, "", #"{"notes": "x"}"#, fields: fields).status == 200)
        }
    }

    @Test func answersWithTheBodyOnceTheLeadHasChanged() throws {
        try Workbench.run { bench in
            let tag = try created(bench)
            _ = try bench.send(.post, lead: 1, "/tags", #"{"tag": "new"}"#)
            #expect(try bench.send(.get, lead: 1, fields: [.ifNoneMatch: tag]).status == 200)
            #expect(try bench.send(.get, lead: 9, fields: [.ifNoneMatch: "*"]).status == 404)
            #expect(try bench.get("/api/v1/leads", key: "no key").status == 401)
        }
    }

    static let changes: [(method: HTTPRequest.Method, more: String, body: String?, status: Int)] = [
        (.put, "", #"{"notes": "x"}"#, 200), (.patch, "", #"{"notes": "x"}"#, 200), (.delete, "", nil, 204),
        (.delete, "/tags/vip", nil, 204),
    ]

    @Test(arguments: changes, ["@", "*", #""x", @"#, "@,W/\"x\"", " @ "])
    func changesTheLeadThatTheClientMeans(
        change: (method: HTTPRequest.Method, more: String, body: String?, status: Int), condition: String,
    ) throws {
        try Workbench.run { bench in
            let value = condition.replacing("@", with: try created(bench))
            let answer = try bench.send(change.method, lead: 1, change.more, change.body, fields: [.ifMatch: value])
            #expect(answer.status == change.status, "\(answer.text)")
        }
    }

    @Test(arguments: changes)
    func changesNoOther(
        change: (method: HTTPRequest.Method, more: String, body: String?, status: Int),
    ) throws {
        try Workbench.run { bench in
            let tag = try created(bench)
            let before = try bench.contents()
            for condition in [#""x""#, "W/@", "", #""x", W/@"#, "@@", #""*""#, "W/*"] {
                let value = condition.replacing("@", with: tag)
                let answer = try bench.send(change.method, lead: 1, change.more, change.body, fields: [.ifMatch: value])
                #expect(answer.status == 412, "\(answer.text)")
                #expect(answer.code == "PRECONDITION_FAILED")
                #expect(answer["message"] == "The record has changed since it was read.")
                #expect(answer.json?.names == ["status", "message", "code"])
            }
            #expect(try bench.contents() == before)
        }
    }

    @Test(arguments: changes)
    func letsTheFirstOfTwoWin(
        change: (method: HTTPRequest.Method, more: String, body: String?, status: Int),
    ) throws {
        try Workbench.run { bench in
            let tag = try created(bench)
            let first = try bench.send(.patch, lead: 1, "", #"{"notes": "mine"}"#, fields: [.ifMatch: tag])
            #expect(first.status == 200)
            let second = try bench.send(change.method, lead: 1, change.more, change.body, fields: [.ifMatch: tag])
            #expect(second.status == 412)
            let next = try #require(first.header("ETag"))
            let third = try bench.send(change.method, lead: 1, change.more, change.body, fields: [.ifMatch: next])
            #expect(third.status == change.status)
        }
    }

    /// What is wrong otherwise comes first: there is no record, or the body will not do.
    @Test(arguments: [
        (HTTPRequest.Method.put, 9, "{}", 404), (.patch, 1, "{", 400), (.put, 1, #"{"email": "x"}"#, 422),
    ])
    func saysFirstWhatIsWrongOtherwise(method: HTTPRequest.Method, id: Int64, body: String, status: Int) throws {
        try Workbench.run { bench in
            _ = try created(bench)
            #expect(try bench.send(method, lead: id, "", body, fields: [.ifMatch: #""x""#]).status == status)
        }
    }

    /// - Returns: the new lead's entity tag.
    private func created(_ bench: Workbench) throws -> String {
        let answer = try bench.post("/api/v1/leads", #"{"first_name": "A", "tags": ["vip"]}"#)
        return try #require(answer.header("ETag"))
    }
}
