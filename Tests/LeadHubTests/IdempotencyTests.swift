import Foundation
import HTTP
import HTTPTypes
import Store
import Testing

@testable import LeadHub

/// A POST with an `Idempotency-Key` is done once, however often it is sent.
@Suite struct IdempotencyTests {
    private static let leads = "/api/v1/leads"
    private static let body = #"{"first_name": "A", "email": "a@example.com", "tags": ["vip"]}"#
    private static let day: Int64 = 86_400

    @Test func answersARepetitionAsBeforeAndDoesNothing() throws {
        try Workbench.run { bench in
            let first = try post(bench, "once")
            #expect(first.status == 201)
            #expect(first.header("Idempotency-Replayed") == nil)
            let before = try bench.contents()
            var repetition = try request(bench, "once")
            repetition.id = "another-request"
            let second = try bench.send(repetition, now: Workbench.now + 60)
            #expect(second.status == 201)
            #expect([first.reason, second.reason] == ["Created", "Created"])
            #expect(second.text == first.text)
            for name in ["ETag", "Location", "Content-Type", "Cache-Control", "X-RateLimit-Limit"] {
                #expect(second.header(name) == first.header(name), "\(name)")
            }
            #expect(second.header("Idempotency-Replayed") == "true")
            #expect(second.header("X-Request-Id") == "another-request")
            let left = try [first, second].map { try #require($0.header("X-RateLimit-Remaining").flatMap { Int($0) }) }
            #expect(left[1] == left[0] - 1)
            #expect(try bench.contents() == before)
            #expect(try post(bench, "twice")["data", "id"] == 2)
            #expect(try post(bench, nil)["data", "id"] == 3)
        }
    }

    /// The answer stays as it was, whatever has become of the lead and of what it referred to.
    @Test func answersAsBeforeWhateverHappenedSince() throws {
        try Workbench.run { bench in
            _ = (try bench.pipeline("Sales", ["One"]), try bench.user("a@example.com"))
            let body = #"{"first_name": "A", "pipeline_stage_id": 1, "assigned_user_id": 1}"#
            let first = try post(bench, "once", body: body)
            #expect(first.status == 201, "\(first.text)")
            #expect(try bench.send(.patch, lead: 1, "", #"{"first_name": "B", "pipeline_id": null}"#).status == 200)
            #expect(try bench.send(.delete, lead: 1).status == 204)
            try bench.execute(
                """
                UPDATE lead SET assigned_user_id = NULL; UPDATE workspace_user SET status = 'suspended';
                DELETE FROM stage; DELETE FROM pipeline
                """
            )
            let second = try post(bench, "once", body: body)
            #expect(second.status == 201)
            #expect(second.text == first.text)
            #expect(second.header("Idempotency-Replayed") == "true")
            #expect(try post(bench, "other", body: body).status == 422)
            #expect(try bench.number("SELECT count(*) FROM lead") == 1)
        }
    }

    @Test func addsATagOnce() throws {
        try Workbench.run { bench in
            _ = try bench.lead(#"{"first_name": "A"}"#)
            let target = Self.leads + "/1/tags"
            let first = try post(bench, "tag", target, body: #"{"tag": "vip"}"#)
            #expect(first.status == 200)
            #expect(try bench.send(.delete, lead: 1, "/tags/vip").status == 204)
            let second = try post(bench, "tag", target, body: #"{"tag": "vip"}"#)
            #expect(second.text == first.text)
            #expect(second.header("Idempotency-Replayed") == "true")
            #expect(second.header("Location") == nil)
            #expect(try bench.record(1)["tags"] == [])
        }
    }

    static let others: [(target: String, body: String)] = [
        (leads, #"{"first_name": "B"}"#), (leads, "\(body) "), (leads, ""), (leads, "{"), ("\(leads)?x=1", body),
        ("\(leads)?", "\(body)\n"), ("/api/v1/%6Ceads", body), ("\(leads)/1/tags", #"{"tag": "vip"}"#),
        ("\(leads)/1/tags", body),
    ]

    @Test(arguments: others)
    func refusesAnotherRequestUnderTheSameKey(target: String, body: String) throws {
        try Workbench.run { bench in
            #expect(try post(bench, "once").status == 201)
            let before = try bench.contents()
            let answer = try post(bench, "once", target, body: body)
            #expect(answer.status == 422)
            #expect(answer.code == "IDEMPOTENCY_KEY_REUSED")
            #expect(answer["message"] == "This Idempotency-Key came with another request before.")
            #expect(answer.header("Idempotency-Replayed") == nil)
            #expect(try bench.contents() == before)
            #expect(try post(bench, "once").header("Idempotency-Replayed") == "true")
        }
    }

    /// What refuses a request, and the status; the same request is carried out once that is mended.
    @Test(arguments: [
        ("key", 401), ("scope", 403), ("lead", 404), ("field", 422), ("limit", 429), ("type", 415), ("trigger", 500),
    ])
    func keepsNoRefusal(cause: String, status: Int) throws {
        try Workbench.run { bench in
            let key = try bench.key(["*"], limit: 2)
            let target = cause == "lead" ? Self.leads + "/1/tags" : Self.leads
            let body = cause == "lead" ? #"{"tag": "vip"}"# : #"{"first_name": "A", "assigned_user_id": null}"#
            let harm = [
                "key": "UPDATE api_key SET revoked_at = 1", "scope": "UPDATE api_key SET scopes = 'read:*'",
                "limit": "UPDATE api_key SET rate_limit = 0",
                "trigger": "CREATE TRIGGER harm BEFORE INSERT ON activity BEGIN SELECT raise(ABORT, 'no'); END",
            ]
            let cure = [
                "key": "UPDATE api_key SET revoked_at = NULL", "scope": "UPDATE api_key SET scopes = '*'",
                "limit": "UPDATE api_key SET rate_limit = 9", "trigger": "DROP TRIGGER harm",
            ]
            if let sql = harm[cause] { try bench.execute(sql) }
            let wrong = cause == "field" ? #"{"first_name": ""}"# : body
            let type = cause == "type" ? "text/plain" : "application/json"
            let first = try bench.send(
                .post, target, wrong, key: key, fields: [.idempotencyKey: "again", .contentType: type],
            )
            #expect(first.status == status, "\(first.text)")
            #expect(try bench.number("SELECT count(*) FROM kept_answer") == 0)
            if let sql = cure[cause] { try bench.execute(sql) }
            if cause == "lead" { _ = try bench.lead(#"{"first_name": "A"}"#) }
            let second = try bench.send(.post, target, body, key: key, fields: [.idempotencyKey: "again"])
            #expect((200..<300).contains(second.status), "\(second.text)")
            #expect(second.header("Idempotency-Replayed") == nil)
            #expect(try bench.number("SELECT count(*) FROM kept_answer") == 1)
        }
    }

    @Test func belongsToItsKeyNotToTheWorkspace() throws {
        try Workbench.run { bench in
            let keys = [
                bench.key, try bench.key(["*"]), try bench.key(["*"], in: try bench.workspace("other")),
            ]
            for round in 0..<2 {
                let answers = try keys.map { try post(bench, "once", key: $0) }
                #expect(answers.map { $0["data", "id"]?.integer } == [1, 2, 3])
                #expect(
                    answers.map { $0.header("Idempotency-Replayed") }
                        == (round == 0 ? [nil, nil, nil] : ["true", "true", "true"]))
            }
        }
    }

    @Test(arguments: [(0, 1), (day - 1, 1), (day, 2), (day + 1, 2), (9 * day, 2)] as [(Int64, Int64)])
    func forgetsAfterADay(age: Int64, lead: Int64) throws {
        try Workbench.run { bench in
            #expect(try post(bench, "once")["data", "id"] == 1)
            let answer = try post(bench, "once", now: Workbench.now + age)
            #expect(answer["data", "id"]?.integer == lead)
            #expect(
                try post(bench, "once", now: Workbench.now + age + 1)["data", "id"]?.integer
                    == (age == Self.day - 1 ? 2 : lead))
        }
    }

    @Test func mayComeWithAnotherBodyAfterADay() throws {
        try Workbench.run { bench in
            #expect(try post(bench, "once").status == 201)
            let answer = try post(bench, "once", body: #"{"first_name": "B"}"#, now: Workbench.now + Self.day)
            #expect(answer["data", "first_name"] == "B")
        }
    }

    @Test(arguments: [
        "", "é", "a\tb", String(repeating: "x", count: 256), "twice",
    ])
    func refusesKeysThatWillNotDo(text: String) throws {
        try Workbench.run { bench in
            let before = try bench.contents()
            var request = try request(bench, text)
            if text == "twice" { request.fields.append(HTTPField(name: .idempotencyKey, value: "more")) }
            let answer = try bench.send(request)
            #expect(answer.status == 400, "\(answer.text)")
            #expect(answer.code == "BAD_REQUEST")
            #expect(
                answer["message"] == "The Idempotency-Key must be one value of 1 to 255 printable characters."
            )
            #expect(try bench.contents() == before)
        }
    }

    @Test(arguments: ["x", String(repeating: "x", count: 255), "a b", "'; DROP TABLE lead; --", "~!\"%", "NULL"])
    func takesEveryOther(text: String) throws {
        try Workbench.run { bench in
            let (first, second) = (try post(bench, text), try post(bench, text))
            #expect(first.status == 201)
            #expect(second.header("Idempotency-Replayed") == "true")
            #expect(try bench.get(Self.leads).ids == [1])
        }
    }

    /// A method that is idempotent by itself needs no key, and a bad one there is nobody's business.
    @Test func meansNothingButForPOST() throws {
        try Workbench.run { bench in
            _ = try bench.lead(#"{"first_name": "A"}"#)
            for name in ["B", "C"] {
                let fields: HTTPFields = [.idempotencyKey: "once"]
                let answer = try bench.send(.patch, lead: 1, "", "{\"first_name\": \"\(name)\"}", fields: fields)
                #expect(answer["data", "first_name"] == .string(name))
            }
            #expect(try bench.send(.get, lead: 1, fields: [.idempotencyKey: ""]).status == 200)
            #expect(try bench.number("SELECT count(*) FROM kept_answer") == 0)
        }
    }

    /// Sixteen workers get the same POST at once.
    @Test func makesOneLeadOfEqualPostsAtOnce() throws {
        try Workbench.run { bench in
            let (answers, failures) = (Lines(), Lines())
            let (path, key) = (bench.folder.path + "/leadhub.db", bench.key)
            let (folder, group) = (bench.folder, DispatchGroup())
            for _ in 0..<16 {
                group.enter()
                Thread.detachNewThread {
                    defer { group.leave() }
                    do {
                        try Store(path: path).connect { connection in
                            try Workbench.worker(in: folder, key: key, on: connection) { worker in
                                let fields: HTTPFields = [.idempotencyKey: "once"]
                                let answer = try worker.send(.post, Self.leads, Self.body, key: key, fields: fields)
                                let replayed = answer.header("Idempotency-Replayed") ?? "false"
                                answers.add("\(answer.status) \(replayed) \(answer.text)")
                            }
                        }
                    } catch {
                        failures.add("\(error)")
                    }
                }
            }
            group.wait()
            #expect(failures.all == [])
            let shown = try bench.send(.get, lead: 1).text
            #expect(answers.all.sorted() == ["201 false \(shown)"] + Array(repeating: "201 true \(shown)", count: 15))
            #expect(try bench.get(Self.leads).ids == [1])
            #expect(try bench.history(1).count == 1)
        }
    }

    private func request(
        _ bench: Workbench, _ text: String?, _ target: String = leads, body: String = body, key: String? = nil,
    ) throws -> Request {
        var fields: HTTPFields = [.authorization: "Bearer \(key ?? bench.key)", .contentType: "application/json"]
        fields[.idempotencyKey] = text
        return Request(
            method: .post, target: Target(target), fields: fields, body: .complete(Array(body.utf8)),
            origin: Workbench.origin, id: "test-request",
        )
    }

    private func post(
        _ bench: Workbench, _ text: String?, _ target: String = leads, body: String = body, key: String? = nil,
        now: Int64 = Workbench.now,
    ) throws -> Answer {
        try bench.send(try request(bench, text, target, body: body, key: key), now: now)
    }
}
