extension Lead {
    /// Each index of a list begins with the workspace and with what is deleted, so that it counts without a look at the
    /// leads, and ends, as each of SQLite's does, with the id, so that the list is read in its order and never sorted.
    package static let migrations: KeyValuePairs = [
        "2026-11-23 07 lead": """
        CREATE TABLE lead (
            id                INTEGER PRIMARY KEY AUTOINCREMENT,
            workspace_id      INTEGER NOT NULL REFERENCES workspace (id) ON DELETE CASCADE,
            first_name        TEXT NOT NULL CHECK (length(first_name) BETWEEN 1 AND 255),
            first_name_folded TEXT NOT NULL,    -- lower case, no accents: what is compared and sorted by
            last_name         TEXT CHECK (length(last_name) BETWEEN 1 AND 255),
            last_name_folded  TEXT,
            email             TEXT CHECK (length(email) BETWEEN 1 AND 254),
            email_folded      TEXT,
            phone             TEXT CHECK (length(phone) BETWEEN 1 AND 32),
            phone_digits      TEXT,             -- without leading zeros
            company           TEXT CHECK (length(company) BETWEEN 1 AND 255),
            company_folded    TEXT,
            job_title         TEXT CHECK (length(job_title) BETWEEN 1 AND 255),
            country           TEXT CHECK (length(country) BETWEEN 1 AND 255),
            industry          TEXT CHECK (length(industry) BETWEEN 1 AND 255),
            company_size      TEXT CHECK (length(company_size) BETWEEN 1 AND 255),
            linkedin_url      TEXT CHECK (length(linkedin_url) BETWEEN 1 AND 255),
            source            TEXT NOT NULL CHECK (length(source) BETWEEN 1 AND 255),
            status            TEXT NOT NULL CHECK (status IN ('new', 'contacted', 'qualified', 'converted', 'lost')),
            pipeline_id       INTEGER,
            pipeline_stage_id INTEGER CHECK (pipeline_stage_id IS NULL OR pipeline_id IS NOT NULL),
            assigned_user_id  INTEGER,
            lead_score        INTEGER NOT NULL CHECK (lead_score BETWEEN -1000000 AND 1000000),
            deal_value        INTEGER,          -- in hundredths
            starred           INTEGER NOT NULL CHECK (starred IN (0, 1)),
            notes             TEXT CHECK (length(notes) BETWEEN 1 AND 65535),
            custom_fields     TEXT NOT NULL,    -- a JSON object, minified
            tags              TEXT NOT NULL,    -- a JSON array of the names in lead_tag, minified
            duplicate_of_id   INTEGER,
            search_text       TEXT NOT NULL,    -- what lead_search has of it
            created_at        INTEGER NOT NULL, -- all times are Unix seconds
            updated_at        INTEGER NOT NULL,
            deleted_at        INTEGER,          -- hidden from everything since then
            UNIQUE (workspace_id, id),
            FOREIGN KEY (workspace_id, pipeline_id) REFERENCES pipeline (workspace_id, id),
            FOREIGN KEY (workspace_id, pipeline_id, pipeline_stage_id)
                REFERENCES stage (workspace_id, pipeline_id, id),
            FOREIGN KEY (workspace_id, assigned_user_id) REFERENCES workspace_user (workspace_id, id),
            FOREIGN KEY (workspace_id, duplicate_of_id) REFERENCES lead (workspace_id, id)
        ) STRICT;
        CREATE INDEX lead_created_at ON lead (workspace_id, deleted_at, created_at);
        CREATE INDEX lead_updated_at ON lead (workspace_id, deleted_at, updated_at);
        CREATE INDEX lead_score ON lead (workspace_id, deleted_at, lead_score);
        CREATE INDEX lead_first_name ON lead (workspace_id, deleted_at, first_name_folded);
        CREATE INDEX lead_last_name ON lead (workspace_id, deleted_at, last_name_folded);
        CREATE INDEX lead_email ON lead (workspace_id, deleted_at, email_folded);
        CREATE INDEX lead_phone ON lead (workspace_id, deleted_at, phone_digits) WHERE phone_digits IS NOT NULL;
        CREATE INDEX lead_company ON lead (workspace_id, deleted_at, company_folded) WHERE company_folded IS NOT NULL;
        CREATE INDEX lead_status ON lead (workspace_id, deleted_at, status, created_at);
        CREATE INDEX lead_source ON lead (workspace_id, deleted_at, source, created_at);
        CREATE INDEX lead_starred ON lead (workspace_id, deleted_at, created_at) WHERE starred = 1;
        CREATE INDEX lead_pipeline ON lead (workspace_id, pipeline_id, deleted_at, created_at)
            WHERE pipeline_id IS NOT NULL;
        CREATE INDEX lead_stage ON lead (workspace_id, pipeline_stage_id, deleted_at, created_at)
            WHERE pipeline_stage_id IS NOT NULL;
        CREATE INDEX lead_user ON lead (workspace_id, assigned_user_id, deleted_at, created_at)
            WHERE assigned_user_id IS NOT NULL;
        CREATE INDEX lead_duplicate ON lead (workspace_id, duplicate_of_id) WHERE duplicate_of_id IS NOT NULL;
        CREATE INDEX lead_deleted_at ON lead (deleted_at) WHERE deleted_at IS NOT NULL;

        CREATE TABLE lead_tag (
            workspace_id INTEGER NOT NULL,
            lead_id      INTEGER NOT NULL,
            tag_id       INTEGER NOT NULL,
            PRIMARY KEY (workspace_id, tag_id, lead_id),
            FOREIGN KEY (workspace_id, lead_id) REFERENCES lead (workspace_id, id) ON DELETE CASCADE,
            FOREIGN KEY (workspace_id, tag_id) REFERENCES tag (workspace_id, id)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX lead_tag_lead ON lead_tag (workspace_id, lead_id);

        CREATE TABLE lead_custom_field (        -- of leads that are not deleted
            workspace_id INTEGER NOT NULL,
            digest       BLOB NOT NULL CHECK (length(digest) = 16),  -- of the key and the value as text
            lead_id      INTEGER NOT NULL,
            PRIMARY KEY (workspace_id, digest, lead_id)
        ) STRICT, WITHOUT ROWID;

        -- Pieces of names, addresses and numbers. Contentless: search_text has the text.
        CREATE VIRTUAL TABLE lead_search USING fts5 (text, content = '', tokenize = 'trigram case_sensitive 1');
        -- Merged rarely as leads come, and thoroughly by `leadhub clean-up`: an insert takes 103 to 109 microseconds of the
        -- processor and 28 ms at the most, with FTS5's own figures, 4 and 16, 189 to 319 and 206 ms; searches take the same
        -- (three alternating rounds of 8,000 and of 20,000 inserts, 200,000 rows before).
        INSERT INTO lead_search (lead_search, rank) VALUES ('automerge', 16), ('crisismerge', 64);
        """,

        // Exact totals that cost nothing to read. Triggers keep them: no way of writing a lead can forget it.
        "2026-11-23 09 lead_count": """
        CREATE TABLE lead_count (
            workspace_id INTEGER NOT NULL REFERENCES workspace (id) ON DELETE CASCADE,
            -- With IN, SQLite would build a list at each count: half of what a change of many leads takes.
            kind         TEXT NOT NULL CHECK (\(isKind)),
            -- A status, a source, an id, or for the last two an hour since 1970 in ten digits; '' for the kind 'all'.
            value        TEXT NOT NULL,
            count        INTEGER NOT NULL CHECK (count >= 0),  -- of leads that are not deleted
            PRIMARY KEY (workspace_id, kind, value)
        ) STRICT, WITHOUT ROWID;
        CREATE TRIGGER lead_count_nothing AFTER UPDATE ON lead_count WHEN NEW.count = 0 BEGIN
            DELETE FROM lead_count WHERE workspace_id = NEW.workspace_id AND kind = NEW.kind AND value = NEW.value;
        END;

        CREATE TRIGGER lead_count_insert AFTER INSERT ON lead WHEN NEW.deleted_at IS NULL BEGIN
            \(countingAll)
        END;
        CREATE TRIGGER lead_count_restore AFTER UPDATE OF deleted_at ON lead
            WHEN OLD.deleted_at IS NOT NULL AND NEW.deleted_at IS NULL
        BEGIN
            \(countingAll)
        END;
        CREATE TRIGGER lead_count_delete AFTER DELETE ON lead WHEN OLD.deleted_at IS NULL BEGIN
            \(uncountingAll)
        END;
        CREATE TRIGGER lead_count_hide AFTER UPDATE OF deleted_at ON lead
            WHEN OLD.deleted_at IS NULL AND NEW.deleted_at IS NOT NULL
        BEGIN
            \(uncountingAll)
        END;
        \(kinds.map(recounting).joined(separator: "\n"))

        -- A deleted lead keeps its tags for the day that it is restored, and does not count.
        CREATE TRIGGER lead_count_tag_insert AFTER INSERT ON lead_tag
            WHEN (SELECT deleted_at IS NULL FROM lead WHERE id = NEW.lead_id)
        BEGIN
            INSERT INTO lead_count (workspace_id, kind, value, count)
                VALUES (NEW.workspace_id, 'tag', CAST(NEW.tag_id AS TEXT), 1)
            ON CONFLICT DO UPDATE SET count = count + 1;
        END;
        CREATE TRIGGER lead_count_tag_delete AFTER DELETE ON lead_tag
            WHEN (SELECT deleted_at IS NULL FROM lead WHERE id = OLD.lead_id)
        BEGIN
            UPDATE lead_count SET count = count - 1
                WHERE workspace_id = OLD.workspace_id AND kind = 'tag' AND value = CAST(OLD.tag_id AS TEXT);
        END;
        CREATE TRIGGER lead_count_tag_hide AFTER UPDATE OF deleted_at ON lead
            WHEN OLD.deleted_at IS NULL AND NEW.deleted_at IS NOT NULL
        BEGIN
            UPDATE lead_count SET count = count - 1
                WHERE workspace_id = NEW.workspace_id AND kind = 'tag' AND value IN (
                    SELECT CAST(tag_id AS TEXT) FROM lead_tag
                    WHERE workspace_id = NEW.workspace_id AND lead_id = NEW.id
                );
        END;
        CREATE TRIGGER lead_count_tag_restore AFTER UPDATE OF deleted_at ON lead
            WHEN OLD.deleted_at IS NOT NULL AND NEW.deleted_at IS NULL
        BEGIN
            INSERT INTO lead_count (workspace_id, kind, value, count)
                SELECT workspace_id, 'tag', CAST(tag_id AS TEXT), 1 FROM lead_tag
                WHERE workspace_id = NEW.workspace_id AND lead_id = NEW.id
            ON CONFLICT DO UPDATE SET count = count + 1;
        END;

        -- The same, of leads that are alike in all that lists are filtered by most: totals of any of these together.
        CREATE TABLE lead_group (
            workspace_id      INTEGER NOT NULL REFERENCES workspace (id) ON DELETE CASCADE,
            status            TEXT NOT NULL,
            source            TEXT NOT NULL,
            pipeline_id       INTEGER NOT NULL,  -- as the next two, 0 for none
            pipeline_stage_id INTEGER NOT NULL,
            assigned_user_id  INTEGER NOT NULL,
            starred           INTEGER NOT NULL,
            count             INTEGER NOT NULL CHECK (count >= 0),
            PRIMARY KEY (
                workspace_id, status, source, pipeline_id, pipeline_stage_id, assigned_user_id, starred
            )
        ) STRICT, WITHOUT ROWID;
        CREATE TRIGGER lead_group_insert AFTER INSERT ON lead WHEN NEW.deleted_at IS NULL BEGIN
            \(entering)
        END;
        CREATE TRIGGER lead_group_delete AFTER DELETE ON lead WHEN OLD.deleted_at IS NULL BEGIN
            \(leaving)
        END;
        CREATE TRIGGER lead_group_leave
            AFTER UPDATE OF status, source, pipeline_id, pipeline_stage_id, assigned_user_id, starred, deleted_at
            ON lead WHEN OLD.deleted_at IS NULL
        BEGIN
            \(leaving)
        END;
        CREATE TRIGGER lead_group_enter
            AFTER UPDATE OF status, source, pipeline_id, pipeline_stage_id, assigned_user_id, starred, deleted_at
            ON lead WHEN NEW.deleted_at IS NULL
        BEGIN
            \(entering)
        END;
        """,

        // A name that only an address or a number gave it, until somebody says a better one.
        "2026-11-29 01 lead_has_stand_in_name": """
        ALTER TABLE lead ADD COLUMN has_stand_in_name INTEGER NOT NULL DEFAULT 0 CHECK (has_stand_in_name IN (0, 1));
        CREATE TRIGGER lead_is_named AFTER UPDATE OF first_name ON lead
            WHEN OLD.has_stand_in_name AND OLD.first_name <> NEW.first_name
        BEGIN
            UPDATE lead SET has_stand_in_name = 0 WHERE id = NEW.id;
        END;
        """,

        // The two orders that most lists have hold what these are filtered by most, behind the id that they end with: such
        // leads are counted, and left out, without a look at each (100,000 of 200,000 in 12 ms instead of 96).
        "2026-11-29 03 lead_covering": """
        DROP INDEX lead_created_at;
        CREATE INDEX lead_created_at ON lead (workspace_id, deleted_at, created_at, id, updated_at, \(covered));
        DROP INDEX lead_updated_at;
        CREATE INDEX lead_updated_at ON lead (workspace_id, deleted_at, updated_at, id, created_at, \(covered));
        """,
    ]

    private static let covered = "status, source, pipeline_id, pipeline_stage_id, assigned_user_id, starred"

    /// What a lead counts in beside `all` and its tags: kinds of `lead_count`, and the columns that they come from.
    private static let kinds = [
        (kind: "status", column: "status"), (kind: "source", column: "source"),
        (kind: "pipeline", column: "pipeline_id"), (kind: "stage", column: "pipeline_stage_id"),
        (kind: "user", column: "assigned_user_id"),
        (kind: "created", column: "created_at"), (kind: "updated", column: "updated_at"),
    ]

    /// `lead_count` and `lead_group`, counted from the leads.
    static let keptCounts = [
        KeptCount(
            name: "lead_count",
            kept: "SELECT workspace_id, kind, value, count FROM lead_count",
            counted: """
                SELECT workspace_id, 'all', '', count(*) FROM lead WHERE deleted_at IS NULL GROUP BY workspace_id
                UNION ALL
                SELECT lead_tag.workspace_id, 'tag', CAST(tag_id AS TEXT), count(*) FROM lead_tag
                JOIN lead ON lead.id = lead_id WHERE deleted_at IS NULL GROUP BY 1, 3
                \(kinds.map { kind in
                    """
                    UNION ALL
                    SELECT workspace_id, '\(kind.kind)', \(counted(kind.column, of: "lead")), count(*) FROM lead
                    WHERE deleted_at IS NULL AND \(kind.column) IS NOT NULL GROUP BY 1, 3
                    """
                }.joined(separator: "\n"))
                """,
            forget: "DELETE FROM lead_count WHERE workspace_id = ? AND kind = ? AND value = ?",
            put: "INSERT OR REPLACE INTO lead_count (workspace_id, kind, value, count) VALUES (?, ?, ?, ?)",
        ),
        KeptCount(
            name: "lead_group",
            kept: "SELECT * FROM lead_group",
            counted: """
                SELECT workspace_id, status, source, coalesce(pipeline_id, 0), coalesce(pipeline_stage_id, 0),
                    coalesce(assigned_user_id, 0), starred, count(*)
                FROM lead WHERE deleted_at IS NULL GROUP BY 1, 2, 3, 4, 5, 6, 7
                """,
            forget: """
                DELETE FROM lead_group WHERE workspace_id = ? AND status = ? AND source = ? AND pipeline_id = ?
                    AND pipeline_stage_id = ? AND assigned_user_id = ? AND starred = ?
                """,
            put: "INSERT OR REPLACE INTO lead_group VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        ),
    ]

    private static let isKind =
        (["all", "tag"] + kinds.map(\.kind)).map { "kind = '\($0)'" }.joined(separator: " OR ")

    /// What `lead_count` has as the value of a column; null for none.
    private static func counted(_ column: String, of lead: String) -> String {
        column.hasSuffix("_at") ? "printf('%010d', \(lead).\(column) / 3600)" : "CAST(\(lead).\(column) AS TEXT)"
    }

    private static let countingAll =
        counting("all", "''") + kinds.map { counting($0.kind, counted($0.column, of: "NEW")) }.joined()

    private static let uncountingAll =
        uncounting("all", "''") + kinds.map { uncounting($0.kind, counted($0.column, of: "OLD")) }.joined()

    /// Each kind has a trigger of its own: a lead that changes in one is looked up in no other.
    private static func recounting(_ kind: String, _ column: String) -> String {
        let (before, after) = (counted(column, of: "OLD"), counted(column, of: "NEW"))
        return """
            CREATE TRIGGER lead_count_\(kind) AFTER UPDATE OF \(column) ON lead
                WHEN \(before) IS NOT \(after) AND OLD.deleted_at IS NULL AND NEW.deleted_at IS NULL
            BEGIN
                \(uncounting(kind, before))
                \(counting(kind, after))
            END;
            """
    }

    private static func counting(_ kind: String, _ value: String) -> String {
        """
        INSERT INTO lead_count (workspace_id, kind, value, count)
            SELECT NEW.workspace_id, '\(kind)', \(value), 1 WHERE \(value) IS NOT NULL
        ON CONFLICT DO UPDATE SET count = count + 1;
        """
    }

    private static func uncounting(_ kind: String, _ value: String) -> String {
        """
        UPDATE lead_count SET count = count - 1
            WHERE workspace_id = OLD.workspace_id AND kind = '\(kind)' AND value = \(value);
        """
    }

    private static let entering = """
        INSERT INTO lead_group VALUES (
            NEW.workspace_id, NEW.status, NEW.source, coalesce(NEW.pipeline_id, 0), coalesce(NEW.pipeline_stage_id, 0),
            coalesce(NEW.assigned_user_id, 0), NEW.starred, 1
        ) ON CONFLICT DO UPDATE SET count = count + 1;
        """

    private static let leaving = """
        UPDATE lead_group SET count = count - 1 WHERE \(group);
        DELETE FROM lead_group WHERE count = 0 AND \(group);
        """

    private static let group = """
        workspace_id = OLD.workspace_id AND status = OLD.status AND source = OLD.source
            AND pipeline_id = coalesce(OLD.pipeline_id, 0) AND pipeline_stage_id = coalesce(OLD.pipeline_stage_id, 0)
            AND assigned_user_id = coalesce(OLD.assigned_user_id, 0) AND starred = OLD.starred
        """
}
