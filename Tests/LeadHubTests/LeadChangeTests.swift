import Foundation
import GRDB
import HTTP
import Testing

@testable import LeadHub

/// What is kept beside the leads, after many changes by several servers at once, is what a recount gives.
@Suite struct LeadChangeTests {
    private static let workers = 4
    private static let changes = 400

    @Test func keepsEverythingBesideTheLeadsRight() throws {
        try Workbench.run { bench in
            let users = try (1...3).map { try bench.user("user\($0)@example.com") }
            let sales = try bench.pipeline("Sales", ["New", "Talk", "Won", "Lost"], isDefault: true)
            let support = try bench.pipeline("Support", ["Open", "Shut"])
            let stages = sales.stages + support.stages
            var dice = Dice(10)
            for _ in 0..<40 { _ = try bench.lead(LeadSample(&dice, users: users, stages: stages).body) }

            try Worker.run(0..<Self.workers, on: bench) { number, worker in
                var dice = Dice(20 + number)
                for _ in 0..<Self.changes { try change(worker, users, stages, &dice) }
            }
            bench.connection.limit(to: .seconds(60))
            try expectRecountsEqual(bench)
            try expectSearchFindsTheLiveLeads(bench)
            try expectCustomFieldsEqual(bench)
            try expectSoundFiles(bench)
        }
    }

    /// There is no stage to be compared with.
    @Test(arguments: ["pipeline_id", "pipeline_stage_id"])
    func movesALeadThatIsInNoPipeline(field: String) throws {
        try Workbench.run { bench in
            let id = try bench.lead(#"{"first_name": "A"}"#)
            let sales = try bench.pipeline("Sales", ["New", "Won"], isDefault: true)
            let target = field == "pipeline_id" ? sales.id : sales.stages[0]
            let lead = "/api/v1/leads/\(id)"
            for body in ["{\"\(field)\": \(target)}", #"{"pipeline_id": null}"#, "{\"\(field)\": \(target)}"] {
                let answer = try bench.send(.patch, lead, body, key: bench.key)
                #expect(answer.status == 200, "\(answer.text)")
                let stage = body.contains("null") ? JSONValue.null : .number("\(sales.stages[0])")
                #expect(answer["data", "pipeline_stage_id"] == stage)
            }
        }
    }

    /// One random change to a random lead, which may be gone: then the answer says so.
    private func change(_ worker: Worker, _ users: [Int64], _ stages: [Int64], _ dice: inout Dice) throws {
        let id = 1 + dice.below(120)
        let lead = "/api/v1/leads/\(id)"
        let sample = LeadSample(&dice, users: users, stages: stages)
        let tag = dice.one(of: Pool.tags).shown
        let answer =
            switch dice.below(20) {
            case 0...2: try worker.send(.post, "/api/v1/leads", sample.body)
            case 3...6: try worker.send(.patch, lead, sample.body)
            case 7:
                try worker.send(.patch, lead, #"{"pipeline_id": null, "custom_fields": {"vat": null}, "tags": null}"#)
            case 8:
                try worker.send(
                    .put, lead, #"{"first_name": "Zoë", "custom_fields": null, "source": "src \#(id % 7)"}"#)
            case 9: try worker.send(.patch, lead, #"{"status": "\#(sample.status)", "phone": null}"#)
            // Refused in the middle of the way or before it: nothing of it may stay.
            case 10: try worker.send(.patch, lead, #"{"status": "lost", "pipeline_stage_id": 999}"#)
            case 11...12: try worker.send(.post, lead + "/tags", #"{"tag": "\#(tag)"}"#)
            case 13...14: try worker.send(.delete, lead + "/tags/" + tag.escaped)
            case 15...16: try worker.send(.delete, lead)
            default: try restore(worker, Int64(id), dice.below(4) == 0)
            }
        guard let answer else { return }
        try #require([200, 201, 204, 404, 422].contains(answer.status), "\(answer.text)")
    }

    /// Restores a lead; one that `fails` is rolled back.
    private func restore(_ worker: Worker, _ id: Int64, _ fails: Bool) throws -> Answer? {
        struct Undo: Error {}
        do {
            try worker.connection.write { database in
                _ = try Lead.restore(id, database, now: Workbench.now + 1)
                if fails { throw Undo() }
            }
        } catch is Undo {}
        return nil
    }

    private func expectRecountsEqual(_ bench: Workbench) throws {
        let (kept, counted) = try bench.counts()
        #expect(kept == counted)
        #expect(kept.count > 30)
        #expect(try bench.number("SELECT count(*) FROM lead WHERE deleted_at IS NOT NULL") ?? 0 > 20)
        // The names that a lead shows are those of its tags.
        let shown = """
            SELECT count(*) FROM lead WHERE (
                SELECT json_group_array(value) FROM (SELECT value FROM json_each(tags) ORDER BY value)
            ) <> (
                SELECT json_group_array(name) FROM (
                    SELECT name FROM lead_tag JOIN tag ON tag.id = tag_id WHERE lead_id = lead.id ORDER BY name
                )
            )
            """
        #expect(try bench.number(shown) == 0)
    }

    /// The index, asked for each piece of three characters that any lead has, against the text itself; deleted leads'
    /// pieces among them.
    private func expectSearchFindsTheLiveLeads(_ bench: Workbench) throws {
        let texts = try Row.fetchAll(
            bench.database, sql: "SELECT workspace_id << 40 | id, search_text, deleted_at IS NULL FROM lead",
        ).map { (row: $0[0] as Int64, text: $0[1] as String, isLive: $0[2] as Bool) }
        var expected: [String: Set<Int64>] = [:]
        for (row, text, isLive) in texts {
            let scalars = Array(text.unicodeScalars)
            for start in scalars.indices.dropLast(2) {
                let piece = String(String.UnicodeScalarView(scalars[start..<start + 3]))
                expected[piece, default: []].formUnion(isLive ? [row] : [])
            }
        }
        #expect(expected.count > 200)
        let statement = try bench.database.makeStatement(sql: "SELECT rowid FROM lead_search WHERE lead_search MATCH ?")
        for (piece, rows) in expected {
            let quoted = "\"\(piece.replacing("\"", with: "\"\""))\""
            let found = try Int64.fetchAll(statement, arguments: [quoted])
            #expect(found.sorted() == rows.sorted(), "\(piece)")
        }
        let live = try bench.number("SELECT count(*) FROM lead WHERE deleted_at IS NULL")
        #expect(try bench.number("SELECT count(*) FROM lead_search") == live)
    }

    private func expectCustomFieldsEqual(_ bench: Workbench) throws {
        var expected: Set<[String]> = []
        let rows = try Row.fetchAll(
            bench.database, sql: "SELECT workspace_id, id, custom_fields FROM lead WHERE deleted_at IS NULL",
        )
        for row in rows {
            guard case .object(let object) = try JSONValue(reading: row[2]) else { continue }
            for member in object {
                let text =
                    switch member.value {
                    case .string(let text), .number(let text): text
                    case .boolean(let isTrue): "\(isTrue)"
                    default: "no value is kept"
                    }
                let digest = Lead.customFieldDigest(member.name, text).map { String($0, radix: 16) }
                expected.insert(["\(row[0] as Int64)", digest.joined(separator: " "), "\(row[1] as Int64)"])
            }
        }
        let kept = try Row.fetchAll(bench.database, sql: "SELECT workspace_id, digest, lead_id FROM lead_custom_field")
            .map { row in
                let digest = (row[1] as Data).map { String($0, radix: 16) }
                return ["\(row[0] as Int64)", digest.joined(separator: " "), "\(row[2] as Int64)"]
            }
        #expect(Set(kept) == expected)
        #expect(kept.count == expected.count)
        #expect(expected.count > 50)
    }

    private func expectSoundFiles(_ bench: Workbench) throws {
        try bench.execute("INSERT INTO lead_search (lead_search) VALUES ('integrity-check')")
        #expect(try Lead.findSearchProblem(bench.database) == nil)
        #expect(try bench.text("PRAGMA integrity_check") == "ok")
        #expect(try Row.fetchAll(bench.database, sql: "PRAGMA foreign_key_check").isEmpty)
    }
}
