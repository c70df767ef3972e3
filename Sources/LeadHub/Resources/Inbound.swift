import Foundation
import GRDB
import HTTP
import HTTPTypes

/// What reached us from outside, kept as it came for a month, also where it was refused or could not be understood: so
/// nothing is lost to a wrong mapping. No header is kept but the body's type.
enum Inbound: Resource {
    static let fields: [Field] = [
        .id,
        .choice("kind", Kind.allCases.map(\.rawValue), default: "", about: "The way on which it came."),
        .reference("form_id", to: Field.Reference("form"), .readOnly, about: "The form; null for other ways."),
        Field("integration_id", .integer(1...Int64.max), .readOnly, about: "The integration; null for other ways."),
        .text("content_type", about: "What its sender said that it is."),
        .text("body", 0...Request.bodyLimitInBytes, about: "The body as it came."),
        .choice("outcome", Outcome.allCases.map(\.rawValue), default: "", about: "What became of it."),
        .reference("lead_id", to: Field.Reference("lead"), .readOnly, about: "The lead that it made or found."),
        .text("error", 1...65_535, about: "Why it was not taken."),
        .createdAt,
    ]

    enum Kind: String, CaseIterable {
        case form, inbound, integration
    }

    enum Outcome: String, CaseIterable {
        case created, duplicate
        /// It filled in what people do not see.
        case spam
        /// It was understood, and not taken.
        case refused
        /// It could not be read.
        case unreadable
    }

    static let migrations: KeyValuePairs = [
        "2026-11-23 13 inbound": """
        CREATE TABLE inbound (
            id             INTEGER PRIMARY KEY AUTOINCREMENT,
            workspace_id   INTEGER NOT NULL REFERENCES workspace (id) ON DELETE CASCADE,
            kind           TEXT NOT NULL CHECK (kind IN ('form', 'inbound', 'integration')),
            form_id        INTEGER,           -- as all ids here, also of what is gone since
            integration_id INTEGER,
            content_type   TEXT CHECK (length(content_type) <= 255),
            body           BLOB NOT NULL CHECK (length(body) <= 1048576),
            outcome        TEXT NOT NULL CHECK (outcome IN ('created', 'duplicate', 'spam', 'refused', 'unreadable')),
            lead_id        INTEGER,
            error          TEXT,
            created_at     INTEGER NOT NULL,  -- Unix seconds
            UNIQUE (workspace_id, id)
        ) STRICT;
        CREATE INDEX inbound_created_at ON inbound (created_at);
        """
    ]

    /// How long a body is kept.
    static let daysUntilRemoval = 30

    /// Keeps the body of a call.
    ///
    /// - Parameters:
    ///   - call: whose body came whole; one that is past the limit is not kept.
    ///   - form: the id of the form that it was sent to.
    ///   - outcome: what became of it.
    ///   - lead: the id of the lead that it made or found.
    ///   - error: why it was not taken.
    ///   - database: inside a transaction that writes.
    /// - Throws: `DatabaseError`.
    static func keep(
        _ call: Call, form: Int64, _ outcome: Outcome, lead: Int64? = nil, error: String? = nil, _ database: Database,
    ) throws {
        guard case .complete(let body) = call.request.body else { return }
        let statement = try database.cachedStatement(
            sql: """
                INSERT INTO inbound (workspace_id, kind, form_id, content_type, body, outcome, lead_id, error, created_at)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
                """
        )
        try statement.execute(arguments: [
            call.workspace, Kind.form.rawValue, form,
            call.request.fields[.contentType].map { Text.first(255, of: $0) }, Data(body), outcome.rawValue, lead,
            error, call.now,
        ])
    }

    /// Does what takes a body in. Where that refuses it, the body is kept all the same.
    static func keepingRefused(_ call: Call, form: Int64, _ work: () throws -> Response) throws -> Response {
        do {
            return try work()
        } catch let error as HTTPError where error.status.kind == .clientError {
            let outcome = [400, 415].contains(error.status.code) ? Outcome.unreadable : .refused
            let reason = ([error.message] + error.problems.messages).joined(separator: " ")
            try call.connection.write { try keep(call, form: form, outcome, error: reason, $0) }
            throw error
        }
    }

    /// Removes bodies that are past their time, at most so many.
    ///
    /// - Returns: how many were removed.
    static func purge(limit: Int, _ database: Database, now: Int64) throws -> Int {
        try database.execute(
            sql: """
                DELETE FROM inbound WHERE id IN (
                    SELECT id FROM inbound WHERE created_at <= ? ORDER BY created_at LIMIT ?
                )
                """,
            arguments: [now - Int64(daysUntilRemoval) * 86_400, limit],
        )
        return database.changesCount
    }
}
