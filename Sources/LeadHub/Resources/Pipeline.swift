import GRDB
import HTTP

/// The way that leads of one kind take, stage by stage.
package enum Pipeline: Resource {
    package static let fields: [Field] = [
        .id,
        .text("name", 1...255, [.required, .unique], about: "What the pipeline is called; compared without case."),
        .text("description", 1...65_535, about: "What it is for."),
        .boolean("is_default", default: false, about: "Whether leads that name no pipeline enter this one."),
        .createdAt, .updatedAt,
    ]

    package static let migrations: KeyValuePairs = [
        "2026-11-23 04 pipeline": """
        CREATE TABLE pipeline (
            id           INTEGER PRIMARY KEY AUTOINCREMENT,
            workspace_id INTEGER NOT NULL REFERENCES workspace (id) ON DELETE CASCADE,
            name         TEXT NOT NULL CHECK (length(name) BETWEEN 1 AND 255),
            name_folded  TEXT NOT NULL,     -- what is compared
            description  TEXT,
            is_default   INTEGER NOT NULL CHECK (is_default IN (0, 1)),
            created_at   INTEGER NOT NULL,  -- Unix seconds
            updated_at   INTEGER NOT NULL,
            UNIQUE (workspace_id, name_folded),
            UNIQUE (workspace_id, id)
        ) STRICT;
        CREATE UNIQUE INDEX pipeline_default ON pipeline (workspace_id) WHERE is_default = 1;
        """
    ]

    private static let table = Table("pipeline", fields)

    /// Makes a pipeline; the first of its workspace becomes the default one.
    ///
    /// - Parameters:
    ///   - input: checked against `fields`.
    ///   - stages: each checked against `Stage.fields`, in their order.
    ///   - workspace: the id of the pipeline's workspace.
    ///   - database: inside a transaction that writes.
    ///   - now: Unix seconds.
    /// - Returns: the new pipeline's id.
    /// - Throws: 422 where the workspace has a pipeline of this name.
    package static func create(
        _ input: Input, stages: [Input], workspace: Int64, _ database: Database, now: Int64,
    ) throws -> Int64 {
        var input = input
        let current = try Int64.fetchOne(
            database, sql: "SELECT id FROM pipeline WHERE workspace_id = ? AND is_default = 1", arguments: [workspace],
        )
        if current == nil {
            input["is_default"] = .integer(1)
        } else if input.integer("is_default") == 1 {
            try database.execute(
                sql: "UPDATE pipeline SET is_default = 0, updated_at = ? WHERE workspace_id = ? AND is_default = 1",
                arguments: [now, workspace],
            )
        }
        let id = try table.insert(input, workspace: workspace, database, now: now)
        for (index, stage) in stages.enumerated() {
            var stage = stage
            stage["pipeline_id"] = .integer(id)
            stage["sort_order"] = .integer(Int64(index + 1))
            _ = try Stage.table.insert(stage, workspace: workspace, database, now: now)
        }
        return id
    }
}
