import GRDB
import HTTP

/// A step of a pipeline.
package enum Stage: Resource {
    package static let fields: [Field] = [
        .id,
        .reference("pipeline_id", to: Field.Reference("pipeline"), .fixed, about: "The pipeline that it is a step of."),
        .text("name", 1...255, .required, about: "What the stage is called."),
        .color("color", default: "#6B7280", about: "How it is shown, as #RRGGBB."),
        .boolean("is_won", default: false, about: "Whether a lead that comes here is converted."),
        .boolean("is_lost", default: false, about: "Whether a lead that comes here is lost."),
        .integer("sort_order", 1...Int64.max, about: "Its place in the pipeline, from 1 and without gaps."),
        .createdAt, .updatedAt,
    ]

    package static let migrations: KeyValuePairs = [
        "2026-11-23 05 stage": """
        CREATE TABLE stage (
            id           INTEGER PRIMARY KEY AUTOINCREMENT,
            workspace_id INTEGER NOT NULL,
            pipeline_id  INTEGER NOT NULL,
            name         TEXT NOT NULL CHECK (length(name) BETWEEN 1 AND 255),
            color        TEXT NOT NULL CHECK (length(color) = 7),
            is_won       INTEGER NOT NULL CHECK (is_won IN (0, 1)),
            is_lost      INTEGER NOT NULL CHECK (is_lost IN (0, 1) AND is_won + is_lost < 2),
            sort_order   INTEGER NOT NULL CHECK (sort_order >= 1),
            created_at   INTEGER NOT NULL,  -- Unix seconds
            updated_at   INTEGER NOT NULL,
            UNIQUE (workspace_id, pipeline_id, id),
            UNIQUE (workspace_id, id),
            FOREIGN KEY (workspace_id, pipeline_id) REFERENCES pipeline (workspace_id, id) ON DELETE CASCADE
        ) STRICT;
        CREATE INDEX stage_order ON stage (workspace_id, pipeline_id, sort_order);
        """
    ]

    static let table = Table("stage", fields)
}
