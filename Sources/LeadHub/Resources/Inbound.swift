import Foundation
import GRDB
import HTTP
import HTTPTypes
import Store

/// What reached us from outside, kept as it came for a month, also where it was refused or could not be understood: so
/// nothing is lost to a wrong mapping. No header is kept but the body's type, and no secret.
enum Inbound: Resource {
    static let fields: [Field] = [
        .id,
        Field("way", .choice(["leads", "form", "integration"]), .readOnly, about: "Where it came in."),
        .reference("form_id", to: Field.Reference("form"), .readOnly, about: "The form; null for other ways."),
        Field("integration_id", .integer(1...Int64.max), .readOnly, about: "The integration; null for other ways."),
        Field(
            "key_id", .integer(1...Int64.max), .readOnly,
            about: "The API key that it was sent with, as `leadhub key list` has it; null where an address was all.",
        ),
        .text("content_type", 1...255, .readOnly, about: "What its sender said that it is."),
        Field(
            "body_encoding", .choice(["text", "base64"]), .readOnly,
            about: "How `body` is written: as it is, or in Base64 where it is not UTF-8. Null in lists.",
        ),
        .text(
            "body", 0...1_398_104, .readOnly,
            about: "The body as it came, but for secrets. Null in lists, and of what was forged.",
        ),
        Field("outcome", .choice(Outcome.allCases.map(\.rawValue)), .readOnly, about: "What became of it."),
        .reference(
            "lead_id", to: Field.Reference("lead"), .readOnly, about: "The lead that it made or found; it may be gone.",
        ),
        .text("error", 1...65_535, .readOnly, about: "Why it was not taken."),
        .createdAt,
    ]

    enum Outcome: String, CaseIterable {
        case created, duplicate
        /// It came before.
        case repeated
        /// Its leads are to be fetched.
        case queued
        /// Its sender tries the address.
        case test
        /// It says nothing of a lead.
        case ignored
        /// It filled in what people do not see.
        case spam
        /// It was understood, and not taken.
        case refused
        /// It, or what came with it, could not be read.
        case unreadable
        /// Its sender has not signed it.
        case forged
    }

    static let migrations: KeyValuePairs = [
        "2026-11-23 13 inbound": """
        CREATE TABLE inbound (
            id             INTEGER PRIMARY KEY AUTOINCREMENT,
            workspace_id   INTEGER NOT NULL REFERENCES workspace (id) ON DELETE CASCADE,
            way            TEXT NOT NULL CHECK (way IN ('leads', 'form', 'integration')),
            form_id        INTEGER,           -- as all ids here, also of what is gone since
            integration_id INTEGER,
            content_type   TEXT CHECK (length(content_type) <= 255),
            body           BLOB NOT NULL CHECK (length(body) <= 1048576),
            outcome        TEXT NOT NULL CHECK (outcome IN (
                'created', 'duplicate', 'repeated', 'queued', 'test', 'ignored', 'spam', 'refused', 'unreadable', 'forged'
            )),
            lead_id        INTEGER,
            error          TEXT,
            repeat_key     BLOB CHECK (length(repeat_key) = 32),  -- what makes a repetition known, as SHA-256
            created_at     INTEGER NOT NULL,  -- Unix seconds
            UNIQUE (workspace_id, id)
        ) STRICT;
        CREATE INDEX inbound_created_at ON inbound (created_at);
        CREATE INDEX inbound_outcome ON inbound (workspace_id, outcome);
        CREATE INDEX inbound_integration ON inbound (workspace_id, integration_id, repeat_key)
            WHERE integration_id IS NOT NULL;
        """,
        "2026-11-24 01 inbound_repeat_key": """
        CREATE INDEX inbound_repeat_key ON inbound (workspace_id, repeat_key) WHERE repeat_key IS NOT NULL;
        """,
        "2026-11-29 02 inbound_key_id": """
        ALTER TABLE inbound ADD COLUMN key_id INTEGER;  -- of the API key that it was sent with
        """,
    ]

    static let routes = readingRoutes + intakeRoutes

    /// How long a body is kept.
    static let daysUntilRemoval = 30

    /// Removes bodies that are past their time, at most so many.
    ///
    /// - Returns: how many were removed.
    static func purge(limit: Int, _ database: Database, now: Int64) throws -> Int {
        let statement = try database.cachedStatement(
            sql: """
                DELETE FROM inbound WHERE id IN (
                    SELECT id FROM inbound WHERE created_at <= ? ORDER BY created_at LIMIT ?
                )
                """
        )
        try statement.execute(arguments: [now - Int64(daysUntilRemoval) * 86_400, limit])
        return database.changesCount
    }
}

extension Inbound {
    /// A body that came, and the way on which it came.
    struct Entry {
        let workspace: Int64
        let way: Way
        /// The API key that it was sent with; nil where it came to an address that needs none.
        var key: Int64?
        /// As it is kept: without secrets.
        var request: Request
        /// Unix seconds.
        let now: Int64
        /// The row that has it already, where it is taken once more.
        var id: Int64?
        /// What makes a repetition known, whatever its body says.
        var repeatKey: RepeatKey?
        /// Whether that row was left without the body, because no one had signed it.
        var isForged = false

        /// - Parameters:
        ///   - call: what brought it.
        ///   - way: on which it came.
        init(_ call: Call, _ way: Way) {
            (workspace, self.way, request, now) = (call.workspace, way, call.request, call.now)
            if case .key(let id) = call.actor { key = id }
            repeatKey = RepeatKey(call, way)
        }

        init(workspace: Int64, way: Way, request: Request, id: Int64? = nil, now: Int64) {
            (self.workspace, self.way, self.request, self.id, self.now) = (workspace, way, request, id, now)
        }

        /// Keeps it with what became of it: in a row of its own, or in the one that it has. What has made or found a lead
        /// stays what it was, where it comes to nothing when it is taken once more.
        ///
        /// - Parameters:
        ///   - outcome: what became of it.
        ///   - lead: the id of the lead that it made or found.
        ///   - error: why it was not taken.
        ///   - repeatKey: what makes a repetition of it known.
        ///   - database: inside a transaction that writes.
        /// - Returns: the row's id; nil for what did not come whole.
        /// - Throws: `DatabaseError`.
        @discardableResult func keep(
            _ outcome: Outcome, lead: Int64? = nil, error: String? = nil, repeatKey: RepeatKey? = nil,
            _ database: Database,
        ) throws -> Int64? {
            if let id {
                try database.cachedStatement(
                    sql: """
                        UPDATE inbound SET outcome = iif(:lead IS NULL AND lead_id IS NOT NULL, outcome, :outcome),
                            lead_id = coalesce(:lead, lead_id), error = :error,
                            repeat_key = coalesce(:repeat_key, repeat_key)
                        WHERE workspace_id = :workspace AND id = :id
                        """
                ).execute(arguments: [
                    "outcome": outcome.rawValue, "lead": lead, "error": error, "repeat_key": repeatKey?.digest,
                    "workspace": workspace, "id": id,
                ])
                return id
            }
            guard case .complete = request.body else { return nil }
            let statement = try database.cachedStatement(
                sql: """
                    INSERT INTO inbound (
                        outcome, lead_id, error, repeat_key,
                        workspace_id, way, form_id, integration_id, key_id, content_type, body, created_at
                    ) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                    """
            )
            try statement.execute(
                arguments: [
                    outcome.rawValue, lead, error, repeatKey?.digest, workspace, way.name, way.form, way.integration,
                    key, request.fields[.contentType].map { Text.first(255, of: $0) }, Data(request.completeBytes), now,
                ]
            )
            return database.lastInsertedRowID
        }

        /// Does what takes it in. Where that refuses it, it is kept all the same.
        func keepingRefused<Result>(_ connection: Connection, _ work: () throws -> Result) throws -> Result {
            do {
                return try work()
            } catch let error as HTTPError where error.status.kind == .clientError {
                let outcome: Outcome =
                    switch error.status {
                    case .badRequest, .unsupportedMediaType: .unreadable
                    case .unauthorized: .forged
                    default: .refused
                    }
                let reason = error.text
                var kept = self
                // Anybody could fill the disk with it.
                if outcome == .forged { (kept.request.body, kept.repeatKey) = (.complete([]), nil) }
                try connection.write { database in
                    try kept.keep(outcome, error: reason, repeatKey: kept.repeatKey, database)
                    if let id = way.integration { try Integration.note(id, error: reason, self, database) }
                }
                throw error
            }
        }
    }

    /// Where a body came in.
    enum Way {
        case leads
        case form(Int64)
        case integration(Int64)

        fileprivate var name: String {
            switch self {
            case .leads: "leads"
            case .form: "form"
            case .integration: "integration"
            }
        }

        fileprivate var form: Int64? { if case .form(let id) = self { id } else { nil } }

        var integration: Int64? { if case .integration(let id) = self { id } else { nil } }
    }
}
