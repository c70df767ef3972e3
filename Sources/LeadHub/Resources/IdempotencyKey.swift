import Crypto
import Foundation
import GRDB
import HTTP
import HTTPTypes
import Store

/// What a client sends with a POST so that it may send it again and have it done once.
///
/// The answer is kept in the transaction of what it answers: there is no moment at which a crash leaves one
/// without the other. A repetition that comes while the first is being carried out waits for the writers' lock.
struct IdempotencyKey {
    private let workspaceID: Int64
    private let keyID: Int64
    private let text: String
    /// Of the method, the target and the body: another request under the same key is a mistake.
    private let fingerprint: Data
    private let secrets: Result<Secrets, SecretsError>

    /// How long an answer is kept.
    static let lifetime = Duration.seconds(24 * 3600)

    /// - Returns: nil where the request has no such header, or is no POST.
    /// - Throws: 400 for a header that comes twice, or is not 1 to 255 printable characters.
    init?(
        _ request: Request, _ principal: Principal, _ secrets: Result<Secrets, SecretsError>,
    ) throws(HTTPError) {
        let values = request.fields[values: .idempotencyKey]
        guard request.method == .post, principal.workspaceID > 0, let text = values.first else { return nil }
        guard values.count == 1, (1...255).contains(text.utf8.count),
            text.utf8.allSatisfy({ (0x20..<0x7F).contains($0) })
        else { throw .badRequest("The Idempotency-Key must be one value of 1 to 255 printable characters.") }
        workspaceID = principal.workspaceID
        keyID = if case .form(let id) = principal.actor { -id } else { principal.keyID }
        self.text = text
        self.secrets = secrets
        var hash = SHA256()
        hash.update(data: Data("\(request.method.rawValue)\n\(request.target.path)?\(request.target.query)\n".utf8))
        if case .complete(let body) = request.body { hash.update(data: body) }
        fingerprint = Data(hash.finalize())
    }

    /// The answer that this request got before; nil where it is a new one.
    ///
    /// - Throws: 422 where the key came with another request; `SecretsError`.
    func answer(_ database: Database, now: Int64) throws -> Response? {
        let statement = try database.cachedStatement(
            sql: """
                SELECT fingerprint, status, location, entity_tag, content_type, body, is_sealed FROM kept_answer
                WHERE workspace_id = ? AND api_key_id = ? AND idempotency_key = ? AND created_at > ?
                """
        )
        let oldest = now - IdempotencyKey.lifetime.components.seconds
        guard let row = try Row.fetchOne(statement, arguments: [workspaceID, keyID, text, oldest]) else { return nil }
        guard fingerprint == row["fingerprint"] else { throw HTTPError.idempotencyKeyReused }
        var body = Array(row["body"] as Data)
        if row["is_sealed"] {
            body = Array(try secrets.get().open(String(decoding: body, as: UTF8.self), for: place).utf8)
        }
        let (code, type) = (row["status"] as Int, row["content_type"] as String?)
        let status = IdempotencyKey.statuses.first { $0.code == code } ?? HTTPResponse.Status(code: code)
        var response =
            type == Response.htmlType ? Response(status: status, html: body) : Response(status: status, json: body)
        response.fields[.contentType] = type
        response.fields[.location] = row["location"]
        response.fields[.eTag] = row["entity_tag"]
        response.fields[.idempotencyReplayed] = "true"
        return response
    }

    /// Those that a POST is answered with, each with its words: a status line has to have them (RFC 9112 §4).
    private static let statuses: [HTTPResponse.Status] = [.ok, .created, .accepted, .noContent, .seeOther]

    /// What a confidential answer is sealed for.
    private var place: String { "kept_answer/\(workspaceID)/\(keyID)/\(text)" }

    /// Removes answers that are past their lifetime, at most so many.
    ///
    /// - Returns: how many were removed.
    static func purge(limit: Int, _ database: Database, now: Int64) throws -> Int {
        let statement = try database.cachedStatement(
            sql: """
                DELETE FROM kept_answer WHERE rowid IN (
                    SELECT rowid FROM kept_answer WHERE created_at <= ? ORDER BY created_at LIMIT ?
                )
                """
        )
        try statement.execute(arguments: [now - lifetime.components.seconds, limit])
        return database.changesCount
    }

    /// Keeps an answer for repetitions.
    func keep(_ response: Response, _ database: Database, now: Int64) throws {
        var body = Data(response.body)
        if response.isConfidential {
            body = Data(try secrets.get().seal(String(decoding: body, as: UTF8.self), for: place).utf8)
        }
        let statement = try database.cachedStatement(
            sql: """
                INSERT OR REPLACE INTO kept_answer (
                    workspace_id, api_key_id, idempotency_key, fingerprint,
                    status, location, entity_tag, content_type, body, is_sealed, created_at
                ) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                """
        )
        try statement.execute(arguments: [
            workspaceID, keyID, text, fingerprint,
            response.status.code, response.fields[.location], response.fields[.eTag], response.fields[.contentType],
            body, response.isConfidential, now,
        ])
    }
}

extension IdempotencyKey: Resource {
    static let migrations: KeyValuePairs = [
        "2026-11-23 10 kept_answer": """
        CREATE TABLE kept_answer (
            workspace_id    INTEGER NOT NULL REFERENCES workspace (id) ON DELETE CASCADE,
            api_key_id      INTEGER NOT NULL,   -- of a form's own address the form's id, negative
            idempotency_key TEXT NOT NULL CHECK (length(idempotency_key) BETWEEN 1 AND 255),
            fingerprint     BLOB NOT NULL,      -- SHA-256 of method, target and body
            status          INTEGER NOT NULL CHECK (status BETWEEN 200 AND 399),
            location        TEXT,
            entity_tag      TEXT,
            content_type    TEXT,
            body            BLOB NOT NULL,
            is_sealed       INTEGER NOT NULL CHECK (is_sealed IN (0, 1)),  -- the body, as Secrets seals
            created_at      INTEGER NOT NULL,   -- Unix seconds
            PRIMARY KEY (workspace_id, api_key_id, idempotency_key)
        ) STRICT;
        CREATE INDEX kept_answer_created_at ON kept_answer (created_at);
        """
    ]
}
