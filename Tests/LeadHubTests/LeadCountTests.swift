import GRDB
import HTTP
import Testing

@testable import LeadHub

/// The totals that lists show are kept, not counted: nothing may make them differ.
@Suite struct LeadCountTests {
    private static let sources = ["api", "web", "mail"]

    @Test(arguments: [1, 2, 3] as [UInt64])
    func staysRightWhateverIsWritten(seed: UInt64) throws {
        try Workbench.run { bench in
            var generator = Seeded(state: seed)
            let other = try bench.key(["*"], in: try bench.workspace("other"))
            for _ in 0..<60 {
                try change(bench, other: other, using: &generator)
            }
            for key in [bench.key, other] {
                let workspace = key == other ? "<>" : "="
                try compare("", "workspace_id \(workspace) 1", bench, key)
                for status in Lead.statuses {
                    try compare("?status=\(status)", "workspace_id \(workspace) 1 AND status = '\(status)'", bench, key)
                }
                for source in Self.sources {
                    try compare("?source=\(source)", "workspace_id \(workspace) 1 AND source = '\(source)'", bench, key)
                }
            }
            let (kept, counted) = try bench.counts()
            #expect(kept == counted)
            #expect(try bench.number("SELECT count(*) FROM lead WHERE deleted_at IS NULL") ?? 0 > 0)
        }
    }

    /// A lead that was refused halfway is not counted.
    @Test func forgetsWhatIsRolledBack() throws {
        try Workbench.run { bench in
            _ = try bench.lead(#"{"first_name": "A"}"#)
            try bench.execute("ALTER TABLE activity RENAME TO gone")
            #expect(try bench.post("/api/v1/leads", #"{"first_name": "B"}"#).status == 500)
            #expect(try bench.get("/api/v1/leads")["meta", "total"] == 1)
            #expect(try bench.number("SELECT count(*) FROM lead") == 1)
        }
    }

    private func change(_ bench: Workbench, other: String, using generator: inout Seeded) throws {
        let status = Lead.statuses[generator.below(Lead.statuses.count)]
        let source = Self.sources[generator.below(Self.sources.count)]
        let one = "(SELECT id FROM lead ORDER BY id LIMIT 1 OFFSET \(generator.below(20)))"
        switch generator.below(10) {
        case 0: try bench.execute("UPDATE lead SET status = '\(status)' WHERE id = \(one)")
        case 1: try bench.execute("UPDATE lead SET source = '\(source)', status = '\(status)' WHERE id % 5 = 1")
        case 2: try bench.execute("UPDATE lead SET deleted_at = 1 WHERE id = \(one)")
        case 3: try bench.execute("UPDATE lead SET deleted_at = NULL, source = '\(source)' WHERE id = \(one)")
        case 4: try bench.execute("UPDATE lead SET deleted_at = 2, status = '\(status)' WHERE id % 7 = 3")
        case 5: try bench.execute("DELETE FROM activity; DELETE FROM lead WHERE id = \(one)")
        case 6: try bench.execute("UPDATE lead SET status = status, first_name = 'B'")
        default:
            let body = "{\"first_name\": \"A\", \"status\": \"\(status)\", \"source\": \"\(source)\"}"
            _ = try bench.lead(body, key: generator.below(3) == 0 ? other : bench.key)
        }
    }

    private func compare(_ filter: String, _ condition: String, _ bench: Workbench, _ key: String) throws {
        let counted = try bench.number("SELECT count(*) FROM lead WHERE deleted_at IS NULL AND \(condition)")
        let answer = try bench.get("/api/v1/leads\(filter)", key: key)
        #expect(answer["meta", "total"]?.integer == counted, "\(filter)")
        #expect(answer.ids.count == min(15, Int(counted ?? 0)), "\(filter)")
    }
}

/// Numbers that only look random (Knuth's MMIX generator).
private struct Seeded {
    var state: UInt64

    mutating func below(_ limit: Int) -> Int {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return Int((state >> 33) % UInt64(limit))
    }
}
