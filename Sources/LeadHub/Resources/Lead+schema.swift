extension Lead {
    /// Every index but the first leaves out what is deleted, and ends, as each of SQLite's does, with the id:
    /// so a list is read in its order and never sorted.
    static let migrations: KeyValuePairs = [
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
        CREATE INDEX lead_created_at ON lead (workspace_id, created_at) WHERE deleted_at IS NULL;
        CREATE INDEX lead_updated_at ON lead (workspace_id, updated_at) WHERE deleted_at IS NULL;
        CREATE INDEX lead_first_name ON lead (workspace_id, first_name_folded) WHERE deleted_at IS NULL;
        CREATE INDEX lead_last_name ON lead (workspace_id, last_name_folded) WHERE deleted_at IS NULL;
        CREATE INDEX lead_email ON lead (workspace_id, email_folded) WHERE deleted_at IS NULL;
        CREATE INDEX lead_phone ON lead (workspace_id, phone_digits) WHERE deleted_at IS NULL;
        CREATE INDEX lead_score ON lead (workspace_id, lead_score) WHERE deleted_at IS NULL;
        CREATE INDEX lead_status ON lead (workspace_id, status, created_at) WHERE deleted_at IS NULL;
        CREATE INDEX lead_source ON lead (workspace_id, source, created_at) WHERE deleted_at IS NULL;

        CREATE TABLE lead_tag (
            workspace_id INTEGER NOT NULL,
            lead_id      INTEGER NOT NULL,
            tag_id       INTEGER NOT NULL,
            PRIMARY KEY (workspace_id, tag_id, lead_id),
            FOREIGN KEY (workspace_id, lead_id) REFERENCES lead (workspace_id, id) ON DELETE CASCADE,
            FOREIGN KEY (workspace_id, tag_id) REFERENCES tag (workspace_id, id)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX lead_tag_lead ON lead_tag (workspace_id, lead_id);
        """,

        // Exact totals that cost nothing to read. Triggers keep them: no way of writing a lead can forget it.
        "2026-11-23 09 lead_count": """
        CREATE TABLE lead_count (
            workspace_id INTEGER NOT NULL REFERENCES workspace (id) ON DELETE CASCADE,
            kind         TEXT NOT NULL CHECK (kind IN ('all', 'status', 'source')),
            value        TEXT NOT NULL,         -- '' for the kind 'all'
            count        INTEGER NOT NULL CHECK (count >= 0),  -- of leads that are not deleted
            PRIMARY KEY (workspace_id, kind, value)
        ) STRICT, WITHOUT ROWID;

        CREATE TRIGGER lead_count_insert AFTER INSERT ON lead WHEN NEW.deleted_at IS NULL BEGIN
            INSERT INTO lead_count (workspace_id, kind, value, count) VALUES
                (NEW.workspace_id, 'all', '', 1),
                (NEW.workspace_id, 'status', NEW.status, 1),
                (NEW.workspace_id, 'source', NEW.source, 1)
            ON CONFLICT DO UPDATE SET count = count + 1;
        END;
        CREATE TRIGGER lead_count_delete AFTER DELETE ON lead WHEN OLD.deleted_at IS NULL BEGIN
            UPDATE lead_count SET count = count - 1 WHERE workspace_id = OLD.workspace_id
                AND (kind, value) IN (VALUES ('all', ''), ('status', OLD.status), ('source', OLD.source));
        END;
        CREATE TRIGGER lead_count_leave AFTER UPDATE OF status, source, deleted_at ON lead
            WHEN OLD.deleted_at IS NULL
        BEGIN
            UPDATE lead_count SET count = count - 1 WHERE workspace_id = OLD.workspace_id
                AND (kind, value) IN (VALUES ('all', ''), ('status', OLD.status), ('source', OLD.source));
        END;
        CREATE TRIGGER lead_count_enter AFTER UPDATE OF status, source, deleted_at ON lead
            WHEN NEW.deleted_at IS NULL
        BEGIN
            INSERT INTO lead_count (workspace_id, kind, value, count) VALUES
                (NEW.workspace_id, 'all', '', 1),
                (NEW.workspace_id, 'status', NEW.status, 1),
                (NEW.workspace_id, 'source', NEW.source, 1)
            ON CONFLICT DO UPDATE SET count = count + 1;
        END;
        """,
    ]
}
