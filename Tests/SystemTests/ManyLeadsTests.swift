import Foundation
import HTTP
import Testing

extension SystemTests {
    /// What must hold with many leads and with several worker processes writing at once.
    @Suite struct ManyLeadsTests {
        private static let leads = 100_000

        /// Every lead whose place in the list stays the same is in a run through the list, once.
        @Test func missesAndDoublesNothingBehindACursorWhileOthersWrite() throws {
            let stack = try Stack()
            let key = try stack.key()
            try fill(stack)
            let isOver = Flag()
            let changes = Collected<Int>()
            try concurrently(5) { role in
                let client = stack.client(key)
                guard role == 0 else {
                    while !isOver.isRaised { changes.append(try write(client)) }
                    return
                }
                defer { isOver.raise() }
                try expectWholeRun("sort=last_name&direction=asc", client)
            }
            #expect(changes.all.filter { $0 == 201 }.count > 100)
            #expect(changes.all.filter { $0 == 200 }.count > 100)
            #expect(changes.all.filter { $0 == 204 }.count > 100)
        }

        /// One request of a writer; it changes and deletes only those leads whose id is divisible by three.
        ///
        /// - Returns: the answer's status.
        private func write(_ client: Client) throws -> Int {
            let restless = 3 * Int.random(in: 1...Self.leads / 3)
            let name = #"{"first_name": "W", "last_name": "L\#(Int.random(in: 0..<500))"}"#
            let answer =
                switch Int.random(in: 0..<3) {
                case 0: try client.post("/leads", name)
                case 1: try client.send("PATCH", "/leads/\(restless)", body: name)
                default: try client.send("DELETE", "/leads/\(restless)")
                }
            try #require([200, 201, 204, 404].contains(answer.status))
            return answer.status
        }

        private func expectWholeRun(_ order: String, _ client: Client) throws {
            var seen: [Int] = []
            var cursor: String? = ""
            while let position = cursor {
                let answer = try client.get("/leads?\(order)&per_page=100&cursor=\(position)")
                try #require(answer.status == 200)
                guard case .array(let leads) = answer["data"] else { throw StackError.notStarted }
                for case .object(let lead) in leads {
                    if case .number(let id) = lead["id"], let id = Int(id) { seen.append(id) }
                }
                if case .string(let next) = answer["meta", "next_cursor"] { cursor = next } else { cursor = nil }
            }
            let settled = seen.filter { $0 <= Self.leads && $0 % 3 != 0 }
            #expect(settled.count == Self.leads - Self.leads / 3, "\(order)")
            #expect(Set(settled).count == settled.count, "\(order)")
        }

        /// Leads that share names, and moments at which they were made.
        private func fill(_ stack: Stack) throws {
            let statement = """
                WITH RECURSIVE n(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE i < \(Self.leads))
                INSERT INTO lead (
                    workspace_id, first_name, first_name_folded, last_name, last_name_folded, source, status,
                    lead_score, starred, custom_fields, tags, search_text, created_at, updated_at
                )
                SELECT 1, 'F', 'f', 'L' || i * 7 % 500, 'l' || i * 7 % 500, 'api', 'new', 0, 0, '{}', '[]', ' f',
                    unixepoch() - i / 5, unixepoch() FROM n;
                INSERT INTO lead_search (rowid, text) SELECT 1 << 40 | id, ' f' FROM lead
                """
            _ = try run("/usr/bin/flock", [stack.database + ".lock", "sqlite3", "-bail", stack.database, statement])
        }

        /// 5,000 requests of all kinds, on few leads, from 16 clients to 4 worker processes.
        @Test func keepsCountsThatEqualARecount() throws {
            let stack = try Stack()
            let key = try stack.key()
            try concurrently(16) { _ in
                let client = stack.client(key)
                for _ in 0..<313 { try change(client) }
            }
            let group = "status, source, coalesce(pipeline_stage_id, 0), starred"
            let pairs = [
                (
                    "SELECT count FROM lead_count WHERE kind = 'all'",
                    "SELECT count(*) FROM lead WHERE deleted_at IS NULL"
                ),
                (
                    "SELECT value, count FROM lead_count WHERE kind = 'stage' ORDER BY 1",
                    """
                    SELECT pipeline_stage_id, count(*) FROM lead
                    WHERE deleted_at IS NULL AND pipeline_stage_id IS NOT NULL GROUP BY 1 ORDER BY 1
                    """
                ),
                (
                    "SELECT tag.name, count FROM lead_count JOIN tag ON tag.id = value WHERE kind = 'tag' ORDER BY 1",
                    """
                    SELECT value, count(*) FROM lead, json_each(tags) WHERE deleted_at IS NULL GROUP BY 1 ORDER BY 1
                    """
                ),
                (
                    "SELECT \(group), count FROM lead_group ORDER BY 1, 2, 3, 4",
                    """
                    SELECT \(group), count(*) FROM lead
                    WHERE deleted_at IS NULL GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4
                    """
                ),
                (
                    "SELECT kind, value, count FROM lead_count WHERE kind = 'updated' ORDER BY 2",
                    """
                    SELECT 'updated', printf('%010d', updated_at / 3600), count(*) FROM lead
                    WHERE deleted_at IS NULL GROUP BY 2 ORDER BY 2
                    """
                ),
            ]
            for (kept, counted) in pairs { #expect(try stack.sql(kept) == stack.sql(counted), "\(kept)") }
            #expect(try stack.sql("SELECT count(*) > 50 FROM lead_group") == "1")
            #expect(try stack.sql("SELECT count(*) > 50 FROM lead WHERE deleted_at IS NOT NULL") == "1")
            #expect(try stack.sql("PRAGMA integrity_check") == "ok")
            #expect(try stack.sql("SELECT count(*) FROM pragma_foreign_key_check") == "0")
        }

        /// One random request about a random one of few leads, which may not be there.
        private func change(_ client: Client) throws {
            let lead = "/leads/\(Int.random(in: 1...400))"
            let status = ["new", "contacted", "qualified", "converted", "lost"].randomElement() ?? ""
            let stage = (1...4).randomElement().map(String.init) ?? ""
            let (source, tag) = ("source \(Int.random(in: 1...3))", "tag-\(Int.random(in: 1...5))")
            let body = """
                {"first_name": "A", "status": "\(status)", "source": "\(source)", "tags": ["\(tag)", "all"],
                "starred": \(Bool.random()), "pipeline_stage_id": \(stage)}
                """
            let answer =
                switch Int.random(in: 0..<10) {
                case 0...2: try client.post("/leads", body)
                case 3...5: try client.send("PATCH", lead, body: body)
                case 6: try client.send("PATCH", lead, body: #"{"pipeline_id": null, "tags": null}"#)
                case 7: try client.post("\(lead)/tags", #"{"tag": "\#(tag)"}"#)
                case 8: try client.send("DELETE", "\(lead)/tags/\(tag)")
                default: try client.send("DELETE", lead)
                }
            try #require([200, 201, 204, 404].contains(answer.status))
        }
    }
}
