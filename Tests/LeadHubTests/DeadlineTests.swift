import GRDB
import HTTP
import HTTPTypes
import Store
import Testing

@testable import LeadHub

/// A request has so much time in the database; then what runs there is interrupted. Nothing here waits for that time:
/// a function in SQL lets it pass at once.
@Suite struct DeadlineTests {
    private static let endless =
        "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n"

    @Test func interruptsAStatementThatRunsPastIt() throws {
        try Workbench.run { bench in
            bench.connection.limit(to: .zero)
            let error = #expect(throws: DatabaseError.self) {
                _ = try bench.connection.read { try Int.fetchOne($0, sql: Self.endless) }
            }
            #expect(error?.resultCode == .SQLITE_INTERRUPT)
            bench.connection.limit(to: .seconds(3_600))
            let five = try bench.connection.read { try Int.fetchOne($0, sql: "SELECT 5") }
            #expect(five == 5)
        }
    }

    @Test func keepsNothingOfAWriteThatWasInterrupted() throws {
        try Workbench.run { bench in
            let before = try bench.contents()
            bench.connection.limit(to: .zero)
            #expect(throws: DatabaseError.self) {
                try bench.connection.write { database in
                    try database.execute(
                        sql: "INSERT INTO workspace (slug, name, created_at, updated_at) VALUES ('lost', 'lost', 1, 1)"
                    )
                    _ = try Int.fetchOne(database, sql: Self.endless)
                }
            }
            #expect(!bench.database.isInsideTransaction)
            #expect(bench.connection.isUnsynced == false)
            bench.connection.limit(to: .seconds(3_600))
            #expect(try bench.contents() == before)
            #expect(try bench.workspace("kept") == 2)
        }
    }

    /// What takes too long, and the requests that meet it: nothing that they did stays.
    @Test(
        arguments: [
            ("BEFORE INSERT ON main.lead", .post, "", #"{"first_name": "B", "tags": ["new"]}"#),
            ("AFTER INSERT ON main.activity", .post, "", #"{"first_name": "B", "tags": ["new"]}"#),
            ("AFTER INSERT ON main.kept_answer", .post, "", #"{"first_name": "B", "tags": ["new"]}"#),
            ("AFTER UPDATE ON main.lead", .patch, "/1", #"{"first_name": "B", "tags": ["new"]}"#),
            ("AFTER INSERT ON main.activity", .put, "/1", #"{"first_name": "B", "tags": ["new"]}"#),
            ("AFTER INSERT ON main.lead_tag", .post, "/1/tags", #"{"tag": "new"}"#),
            ("AFTER DELETE ON main.lead_tag", .delete, "/1/tags/vip", nil),
            ("AFTER INSERT ON main.activity", .delete, "/1", nil),
        ] as [(String, HTTPRequest.Method, String, String?)])
    func answers503AndLeavesNothingHalfWritten(
        event: String, method: HTTPRequest.Method, more: String, body: String?,
    ) throws {
        try Workbench.run { bench in
            _ = try bench.lead(#"{"first_name": "A", "last_name": "Ost", "tags": ["vip"]}"#)
            try letTimePass(bench)
            // A temporary trigger: the database trusts no function in its own schema.
            try bench.execute("CREATE TEMP TRIGGER slow \(event) BEGIN SELECT pass(); \(Self.endless); END")
            let (before, target) = (try bench.contents(), "/api/v1/leads\(more)")
            let fields: HTTPFields = [.idempotencyKey: "once"]
            let answer = try bench.send(method, target, body, key: bench.key, fields: fields)
            try expectUnavailable(answer)
            #expect(bench.lines.all.last?.contains("interrupted") == true, "\(bench.lines.all)")
            bench.connection.limit(to: .seconds(3_600))
            #expect(try bench.contents() == before)
            #expect(try bench.found("search=ost") == [1])

            try bench.execute("DROP TRIGGER slow")
            let again = try bench.send(method, target, body, key: bench.key, fields: fields)
            #expect((200..<300).contains(again.status), "\(again.text)")
            #expect(again.header("Idempotency-Replayed") == nil)
            let (kept, counted) = try bench.counts()
            #expect(kept == counted)
        }
    }

    @Test(arguments: [
        ("lead_count", "/api/v1/leads"), ("activity", "/api/v1/leads/1/activities"), ("lead", "/api/v1/leads/1"),
        ("api_key", "/api/v1/leads/1"), ("workspace", "/api/v1/health"),
    ])
    func answers503ToAReadThatTakesTooLong(table: String, target: String) throws {
        try Workbench.run { bench in
            _ = try bench.lead(#"{"first_name": "A"}"#)
            try letTimePass(bench)
            // A temporary view of a table's name stands before the table.
            try bench.execute(
                "CREATE TEMP VIEW \(table) AS SELECT * FROM main.\(table) WHERE pass() AND (\(Self.endless)) > 0"
            )
            try expectUnavailable(try bench.get(target))
            #expect(!bench.database.isInsideTransaction)
            bench.connection.limit(to: .seconds(3_600))
            try bench.execute("DROP VIEW \(table)")
            #expect(try bench.get(target).status == 200)
        }
    }

    private func expectUnavailable(_ answer: Answer) throws {
        #expect(answer.status == 503, "\(answer.text)")
        #expect(answer.code == "SERVICE_UNAVAILABLE")
        #expect(answer.json?.names == ["status", "message", "code"])
        let seconds = try #require(answer.header("Retry-After").flatMap { Int($0) })
        #expect(seconds > 0)
    }

    /// Gives SQL a function that uses up the request's time.
    private func letTimePass(_ bench: Workbench) throws {
        // One thread asks, and SQL runs on it; the database must not hold what holds it.
        nonisolated(unsafe) unowned let connection = bench.connection
        bench.database.add(
            function: DatabaseFunction("pass", argumentCount: 0) { _ in
                connection.limit(to: .zero)
                return 1
            }
        )
    }
}
