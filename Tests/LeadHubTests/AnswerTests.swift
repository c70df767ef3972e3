import Foundation
import HTTP
import HTTPTypes
import Testing

@testable import LeadHub

/// What every answer has, whatever was asked.
@Suite struct AnswerTests {
    @Test(
        arguments: [
            (HTTPRequest.Method.get, "/api/v1/leads", "key", 200), (.get, "/api/v1/leads/1", "key", 404),
            (.head, "/api/v1/leads", "key", 200), (.options, "/api/v1/leads", "key", 204),
            (.get, "/api/v1/leads?page=0", "key", 422), (.get, "/nowhere", "key", 404), (.get, "/%", "key", 400),
            (.delete, "/api/v1/leads", "key", 405), (.get, "/api/v1/leads", "read:tags", 403),
            (.get, "/api/v1/leads", nil, 401), (.get, "/nowhere", nil, 401), (.get, "/%", nil, 401),
            (.get, "", nil, 401), (.options, "/api/v1/leads", nil, 401), (.options, "/nowhere", "key", 404),
        ] as [(HTTPRequest.Method, String, String?, Int)])
    func namesItsRequestAndIsNobodyElses(
        method: HTTPRequest.Method, target: String, who: String?, status: Int,
    ) throws {
        try Workbench.run { bench in
            let key = try who.map { $0 == "key" ? bench.key : try bench.key([$0]) }
            let answer = try bench.send(method, target, key: key)
            #expect(answer.status == status, "\(answer.text)")
            #expect(answer.header("X-Request-Id") == "test-request")
            #expect(answer.header("Cache-Control") == "private, no-cache")
            #expect((answer.header("X-RateLimit-Limit") != nil) == (key != nil))
            #expect((answer.header("Content-Type") == nil) == answer.text.isEmpty)
            if status >= 400 {
                let names = ["status", "message", "code"] + (status == 422 ? ["errors"] : [])
                #expect(answer.json?.names == names)
                #expect(answer["status"] == "error")
            }
        }
    }

    @Test func answersHEADLikeGETWithoutABody() throws {
        try Workbench.run { bench in
            _ = try bench.lead(#"{"first_name": "A"}"#)
            for target in ["/api/v1/leads", "/api/v1/leads/1", "/api/v1/health", "/api/v1/leads/9"] {
                let (get, head) = (try bench.get(target), try bench.send(.head, target, key: bench.key))
                #expect(head.status == get.status, "\(target)")
                #expect(head.text == get.text, "the length that is told: \(target)")
                #expect(head.header("Content-Type") == get.header("Content-Type"))
            }
        }
    }

    @Test(arguments: [nil, "Bearer nonsense"])
    func answersHealthToEverybody(credentials: String?) throws {
        try Workbench.run { bench in
            var fields = HTTPFields()
            fields[.authorization] = credentials
            let answer = try bench.send(.get, "/api/v1/health?nocache=%&x=1&x=2", key: nil, fields: fields)
            #expect(answer.status == 200)
            #expect(answer.json?.names == ["status", "version", "timestamp"])
            #expect(answer["status"] == "ok")
            #expect(answer["version"] == .string(version))
            #expect(answer["timestamp"] == "2026-09-21T14:13:20+00:00")
            #expect(answer.header("X-Request-Id") == "test-request")
            let post = try bench.send(.post, "/api/v1/health", "{}", key: nil)
            #expect(post.status == 405)
            #expect(post.header("Allow") == "GET, HEAD, OPTIONS")
        }
    }

    @Test func saysWhenTheDatabaseCannotBeRead() throws {
        try Workbench.run { bench in
            try bench.execute("ALTER TABLE workspace RENAME TO gone")
            let answer = try bench.send(.get, "/api/v1/health", key: nil)
            #expect(answer.status == 503)
            #expect(answer["status"] == "error")
            #expect(answer.code == "SERVICE_UNAVAILABLE")
            #expect(answer.header("Retry-After") != nil)
        }
    }

    /// Whatever breaks inside, the client sees a plain sentence and the log sees why.
    @Test(arguments: [
        ("DROP TABLE lead_count", "GET /api/v1/leads"), ("DROP TABLE lead_count", "POST /api/v1/leads"),
        ("ALTER TABLE lead_tag RENAME TO gone", "POST /api/v1/leads"),
        ("ALTER TABLE lead RENAME COLUMN notes TO gone", "GET /api/v1/leads/1"),
        ("ALTER TABLE api_key RENAME TO gone", "GET /api/v1/leads"),
        (
            "CREATE TRIGGER refuse BEFORE INSERT ON lead BEGIN SELECT raise(ABORT, 'SELECT secret'); END",
            "POST /api/v1/leads",
        ),
        ("CREATE TRIGGER refuse BEFORE INSERT ON lead BEGIN INSERT INTO tag VALUES (1); END", "POST /api/v1/leads"),
    ])
    func showsNothingOfItsInside(damage: String, request: String) throws {
        try Workbench.run { bench in
            try bench.execute("PRAGMA legacy_alter_table = ON")
            try bench.execute(damage)
            let parts = request.split(separator: " ").map(String.init)
            let isPost = parts[0] == "POST"
            let body = #"{"first_name": "A", "tags": ["vip"]}"#
            let answer = isPost ? try bench.post(parts[1], body) : try bench.get(parts[1])
            #expect(answer.status == 500, "\(answer.text)")
            #expect(answer.text == HTTPErrorTexts.serverError)
            #expect(answer.header("X-Request-Id") == "test-request")
            #expect(bench.lines.all.last?.hasPrefix("error request failure=") == true)
            #expect(try bench.number("SELECT count(*) FROM tag") == 0)
        }
    }

    /// No refusal of a request holds a word of SQL, a path of this machine or a type of the program.
    @Test(arguments: RefusalTests.bodies.map(\.body))
    func keepsToPlainSentences(body: String) throws {
        try Workbench.run { bench in
            let answer = try bench.post("/api/v1/leads", body)
            for word in ["SELECT", "SQLITE", "sqlite", "GRDB", "workspace", bench.folder.path, "Optional(", "Swift"] {
                #expect(!answer.text.contains(word), "\(answer.text)")
            }
            guard case .object(let errors) = answer["errors"] else { return }
            for (_, value) in errors {
                let message = try #require(value["0"]?.string)
                #expect(message.hasPrefix("The ") && message.hasSuffix("."), "\(message)")
            }
        }
    }
}

private enum HTTPErrorTexts {
    static let serverError =
        #"{"status":"error","message":"An unexpected error occurred.","code":"SERVER_ERROR"}"#
}
