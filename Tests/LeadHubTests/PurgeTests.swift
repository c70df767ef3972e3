import GRDB
import HTTP
import HTTPTypes
import LeadHub
import Testing

@Suite struct PurgeTests {
    private static let month: Int64 = 30 * 86_400

    @Test func removesADeletedLeadForGoodAfterThirtyDays() throws {
        try Workbench.run { bench in
            let first = try bench.lead(#"{"first_name":"A","email":"a@example.com","tags":["t"]}"#)
            let second = try bench.lead(#"{"first_name":"B","email":"a@example.com","tags":["t"]}"#)
            #expect(try bench.get("/api/v1/leads/\(second)")["data", "duplicate_of_id"] == .number("\(first)"))
            #expect(try bench.send(.delete, "/api/v1/leads/\(first)", key: bench.key).status == 204)

            #expect(try purge(bench, now: Workbench.now + Self.month - 1) == 0)
            #expect(try bench.number("SELECT count(*) FROM lead") == 2)
            #expect(try purge(bench, now: Workbench.now + Self.month) == 1)
            #expect(try bench.number("SELECT count(*) FROM lead") == 1)
            for table in ["activity", "lead_tag"] {
                #expect(try bench.number("SELECT count(*) FROM \(table) WHERE lead_id = ?", [first]) == 0, "\(table)")
            }
            #expect(try bench.get("/api/v1/leads/\(second)")["data", "duplicate_of_id"] == .null)
            #expect(try bench.number("SELECT count FROM lead_count WHERE kind = 'tag'") == 1)
            #expect(try Row.fetchAll(bench.database, sql: "PRAGMA foreign_key_check").isEmpty)
            let restored = try bench.connection.write { try Lead.restore(first, $0, now: Workbench.now) }
            #expect(!restored)
        }
    }

    @Test func removesKeptAnswersAfterADay() throws {
        try Workbench.run { bench in
            let answer = try bench.send(
                .post, "/api/v1/leads", #"{"first_name":"A"}"#, key: bench.key, fields: [.idempotencyKey: "k"],
            )
            #expect(answer.status == 201)
            #expect(try purge(bench, now: Workbench.now + 86_399) == 0)
            #expect(try purge(bench, now: Workbench.now + 86_400) == 1)
            #expect(try bench.number("SELECT count(*) FROM kept_answer") == 0)
        }
    }

    private func purge(_ bench: Workbench, now: Int64) throws -> Int {
        try bench.connection.write { try LeadHub.purge(limit: 10, $0, now: now) }
    }
}
