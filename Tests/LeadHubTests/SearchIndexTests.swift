import GRDB
import Store
import Testing

@testable import LeadHub

/// Damage to the index that leads are searched by: it is found, and mended.
@Suite struct SearchIndexTests {
    @Test(arguments: [
        "DELETE FROM lead_search_data",
        "DELETE FROM lead_search_data WHERE id > 10",
        "DELETE FROM lead_search_data WHERE id = (SELECT max(id) FROM lead_search_data)",
        "UPDATE lead_search_data SET block = zeroblob(length(block)) WHERE id > 10",
        "DELETE FROM lead_search_idx",
        "DELETE FROM lead_search_docsize WHERE id % 3 = 0",
        "DELETE FROM lead_search_config",
        "INSERT INTO lead_search_docsize SELECT max(id) + 1, sz FROM lead_search_docsize",
        "UPDATE lead SET search_text = search_text || ' jr' WHERE id = 7",
        "UPDATE lead SET deleted_at = 0 WHERE id = 7",
    ])
    func findsAndMends(damage: String) throws {
        try Workbench.run { bench in
            for number in 1...40 {
                _ = try bench.lead(#"{"first_name":"Ann \#(number)","email":"ann\#(number)@example.com"}"#)
            }
            _ = try bench.send(.delete, "/api/v1/leads/3", key: bench.key)
            _ = try bench.send(.patch, "/api/v1/leads/4", #"{"first_name":"Zoë"}"#, key: bench.key)
            #expect(try bench.connection.read(Lead.findSearchProblem) == nil)
            // One that is sound stays so, and is in one piece then, of several pages.
            #expect(try bench.connection.write(Lead.rebuildSearchIndex) == 39)
            #expect(try bench.connection.read(Lead.findSearchProblem) == nil)

            try bench.database.withoutDefense { try bench.execute(damage) }
            // Another connection has looked at it before: what it remembers must do no harm.
            let path = bench.folder.appending(path: "leadhub.db").path
            try Store(path: path).connect { other in
                #expect(try other.read(Lead.findSearchProblem) != nil)
                let live = try bench.number("SELECT count(*) FROM lead WHERE deleted_at IS NULL")
                #expect(try Int64(other.write(Lead.rebuildSearchIndex)) == live)
                #expect(try other.read(Lead.findSearchProblem) == nil)
            }
            #expect(try bench.connection.read(Lead.findSearchProblem) == nil)
            #expect(try bench.get("/api/v1/leads?search=zoe")["meta", "total"] == .number("1"))
            _ = try bench.lead(#"{"first_name":"Later"}"#)
            #expect(try bench.get("/api/v1/leads?search=later")["meta", "total"] == .number("1"))
            #expect(try bench.connection.read(Lead.findSearchProblem) == nil)
            #expect(throws: DatabaseError.self) { try bench.execute("DELETE FROM lead_search_data") }
        }
    }

    @Test func isSoundWhereThereAreNoLeads() throws {
        try Workbench.run { bench in
            #expect(try bench.connection.read(Lead.findSearchProblem) == nil)
            #expect(try bench.connection.write(Lead.rebuildSearchIndex) == 0)
            _ = try bench.lead(#"{"first_name":"A"}"#)
            #expect(try bench.connection.read(Lead.findSearchProblem) == nil)
        }
    }
}
