import Testing

extension SystemTests {
    /// A tag or a stage that very many leads have is changed in the time that one request may take.
    @Suite struct ManyTaggedLeadsTests {
        /// Less than half of what one request can do, so that a busy machine is no failure.
        private static let leads = 40_000

        @Test func renamesAndDeletesWhatManyLeadsHave() throws {
            let stack = try Stack(workers: 2)
            let client = stack.client(try stack.key())
            #expect(try client.post("/tags", #"{"name": "bulk"}"#).status == 201)
            let tag = try stack.sql("SELECT id FROM tag WHERE name = 'bulk'")
            try fill(stack, tag: tag)
            let clock = ContinuousClock()
            var took: [String] = []
            func timed(_ method: String, _ target: String, _ body: String? = nil, _ status: Int) throws {
                var answer: Client.Answer?
                let time = try clock.measure { answer = try client.send(method, target, body: body) }
                took.append("\(method) \(target): \(time)")
                #expect(answer?.status == status, "\(took)")
            }
            try timed("PATCH", "/tags/\(tag)", #"{"name": "renamed"}"#, 200)
            #expect(try stack.sql("SELECT count(*) FROM lead WHERE tags = '[\"renamed\"]'") == "\(Self.leads)")
            try timed("DELETE", "/pipelines/1/stages/1", nil, 204)
            #expect(try stack.sql("SELECT count(*) FROM lead WHERE pipeline_stage_id = 1") == "0")
            try timed("DELETE", "/tags/\(tag)", nil, 204)
            #expect(try stack.sql("SELECT count(*) FROM lead WHERE tags = '[\"renamed\"]'") == "0")
            #expect(try stack.sql("SELECT count(*) FROM lead_count WHERE kind = 'stage' AND value = '1'") == "0")
            let updated = """
                SELECT sum(count) = (SELECT count(*) FROM lead WHERE deleted_at IS NULL)
                FROM lead_count WHERE kind = 'updated'
                """
            #expect(try stack.sql(updated) == "1")
        }

        /// Leads with the tag, in the demo pipeline's first stage, one made each minute.
        private func fill(_ stack: Stack, tag: String) throws {
            let statement = """
                PRAGMA foreign_keys = ON;
                BEGIN;
                WITH RECURSIVE n(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE i < \(Self.leads))
                INSERT INTO lead (
                    id, workspace_id, first_name, first_name_folded, source, status, pipeline_id, pipeline_stage_id,
                    lead_score, starred, custom_fields, tags, search_text, created_at, updated_at
                )
                SELECT 1000 + i, 1, 'F', 'f', 'api', 'new', 1, 1, 0, 0, '{}', '["bulk"]', ' f',
                    unixepoch() - i * 60, unixepoch() - i * 60 FROM n;
                INSERT INTO lead_tag (workspace_id, lead_id, tag_id) SELECT 1, id, \(tag) FROM lead WHERE id > 1000;
                COMMIT
                """
            _ = try run("/usr/bin/flock", [stack.database + ".lock", "sqlite3", "-bail", stack.database, statement])
        }
    }
}
