import Foundation
import GRDB
import Store
import Testing

@testable import LeadHub

@Suite struct SchemaTests {
    @Test func holdsEveryFileOfTheResourcesFolder() throws {
        let folder = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "../../Sources/LeadHub/Resources").standardizedFileURL
        let files = try FileManager.default.contentsOfDirectory(atPath: folder.path)
            .filter { $0.hasSuffix(".swift") && !$0.contains("+") }
            .map { String($0.dropLast(6)) }
        #expect(files.count >= 9)
        #expect(resources.map { "\($0)" }.sorted() == files.sorted())
    }

    @Test func runsEachStepOnce() throws {
        try Workbench.run { bench in
            let names = resources.flatMap { $0.migrations.map(\.key) }.sorted()
            #expect(Set(names).count == names.count)
            #expect(names.allSatisfy { $0.prefixMatch(of: /\d{4}-\d\d-\d\d \d\d [a-z_]+/) != nil })
            let applied = try String.fetchAll(bench.database, sql: "SELECT identifier FROM grdb_migrations ORDER BY 1")
            #expect(applied == names)
        }
    }

    @Test func isSound() throws {
        try Workbench.run { bench in
            #expect(try bench.text("PRAGMA integrity_check") == "ok")
            let dangling = try Row.fetchAll(bench.database, sql: "PRAGMA foreign_key_check")
            #expect(dangling.isEmpty)
            #expect(try bench.number("PRAGMA foreign_keys") == 1)
            #expect(try bench.text("PRAGMA journal_mode") == "wal")
        }
    }

    /// A row can refer to nothing of another workspace: the schema itself keeps them apart.
    @Test func carriesTheWorkspaceInEveryReference() throws {
        try Workbench.run { bench in
            let tables = try tables(bench)
            #expect(tables.count >= 9)
            for table in tables {
                let sql = "SELECT id, \"table\" AS target, \"from\", \"to\" FROM pragma_foreign_key_list('\(table)')"
                let columns = try Row.fetchAll(bench.database, sql: sql)
                for reference in Dictionary(grouping: columns, by: { $0["id"] as Int64 }).values {
                    let target: String? = reference.first?["target"]
                    if target == "workspace" { continue }
                    let isApart = reference.contains { $0["from"] == "workspace_id" && $0["to"] == "workspace_id" }
                    #expect(isApart, "\(table) to \(target ?? "nothing")")
                }
            }
        }
    }

    @Test func isStrictAboutTypesAndNeverUsesAnIdTwice() throws {
        try Workbench.run { bench in
            for table in try tables(bench) {
                let sql = try #require(try bench.text("SELECT sql FROM sqlite_schema WHERE name = ?", [table]))
                #expect(sql.contains(") STRICT"), "\(table)")
                let hasID = sql.contains(" id ")
                #expect(!hasID || sql.contains("INTEGER PRIMARY KEY AUTOINCREMENT"), "\(table)")
            }
        }
    }

    @Test func tellsAnEmptyFileAnOlderAndANewerOne() throws {
        try Workbench.run { bench in
            #expect(try Schema.state(bench.database) == .current)
            try bench.execute("INSERT INTO grdb_migrations VALUES ('2999-01-01 01 later')")
            #expect(try Schema.state(bench.database) == .newer)
            try bench.execute("DELETE FROM grdb_migrations WHERE identifier LIKE '2999%'")
            #expect(try Schema.state(bench.database) == .current)
            let last = "(SELECT max(identifier) FROM grdb_migrations)"
            try bench.execute("DELETE FROM grdb_migrations WHERE identifier = \(last)")
            #expect(try Schema.state(bench.database) == .older)
            let empty = try Store(creatingAt: bench.folder.appending(path: "empty.db").path)
            #expect(try empty.connect { try Schema.state($0.database) } == .older)
        }
    }

    @Test func isBroughtUpToDateTwiceWithoutHarm() throws {
        try Workbench.run { bench in
            let path = bench.folder.appending(path: "other.db").path
            try Store(creatingAt: path).migrate(Schema.migrator)
            try Store(path: path).migrate(Schema.migrator)
            #expect(try Store(path: path).connect { try Schema.state($0.database) } == .current)
        }
    }

    private func tables(_ bench: Workbench) throws -> [String] {
        try String.fetchAll(
            bench.database,
            sql: """
                SELECT name FROM sqlite_schema
                WHERE type = 'table' AND name NOT LIKE 'sqlite_%' AND name <> 'grdb_migrations'
                    AND name NOT LIKE 'lead_search%'  -- FTS5 makes its own
                """
        )
    }
}
