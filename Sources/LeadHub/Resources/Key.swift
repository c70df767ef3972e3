import Crypto
import Foundation
import GRDB
import HTTP

/// An API key: the secret that a client shows, and what it may do. Made by the command line only; of the
/// secret itself the database keeps a hash and the last four characters. The token of an integration's inbound
/// address is a key of another kind: it is counted, expires and is revoked like one, and opens that address alone.
package enum Key: Resource {
    package static let fields: [Field] = [
        .id,
        .text("name", 1...255, .required, about: "What the key is for."),
        .integer("rate_limit", 0...1_000_000_000, default: 1000, about: "Requests that it may make in an hour."),
        Field("expires_at", .time, about: "From when on it opens nothing."),
        .createdAt,
    ]

    package static let migrations: KeyValuePairs = [
        "2026-11-23 02 api_key": """
        CREATE TABLE api_key (
            id           INTEGER PRIMARY KEY AUTOINCREMENT,  -- also its row in the table of counters
            workspace_id INTEGER NOT NULL REFERENCES workspace (id) ON DELETE CASCADE,
            name         TEXT NOT NULL CHECK (length(name) BETWEEN 1 AND 255),
            hash         BLOB NOT NULL UNIQUE CHECK (length(hash) = 32),  -- SHA-256 of the secret
            last_four    TEXT NOT NULL CHECK (length(last_four) = 4),
            scopes       TEXT NOT NULL,     -- separated by spaces
            rate_limit   INTEGER NOT NULL CHECK (rate_limit >= 0),  -- requests an hour
            expires_at   INTEGER,           -- all times are Unix seconds
            revoked_at   INTEGER,
            created_at   INTEGER NOT NULL,
            UNIQUE (workspace_id, id)
        ) STRICT
        """,
        "2026-11-23 11 api_key_kind": """
        ALTER TABLE api_key ADD COLUMN kind TEXT NOT NULL DEFAULT 'api' CHECK (kind IN ('api', 'inbound'))
        """,
    ]

    private enum Kind: String {
        case api
        case inbound

        var prefix: String { self == .api ? "lh_" : "lhi_" }
    }

    private static let length = 40
    private static let alphabet = Array("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz")

    /// Makes a key.
    ///
    /// - Parameters:
    ///   - input: checked against `fields`.
    ///   - scopes: names of scopes and wildcards.
    ///   - workspace: the id of the one that it opens.
    ///   - database: inside a transaction that writes.
    ///   - now: Unix seconds.
    /// - Returns: its secret, which nobody can be shown again.
    /// - Throws: `DatabaseError` where there is no such workspace.
    package static func create(
        _ input: Input, scopes: [String], workspace: Int64, _ database: Database, now: Int64,
    ) throws -> String {
        try insert(
            .api, named: input.text("name"), scopes: scopes, limit: input.integer("rate_limit") ?? 1000,
            expiresAt: input.integer("expires_at"), workspace: workspace, database, now: now,
        )
    }

    /// Makes the token of an inbound address.
    ///
    /// - Parameters:
    ///   - name: what the address is for.
    ///   - workspace: the id of the one whose leads come by it.
    ///   - database: inside a transaction that writes.
    ///   - now: Unix seconds.
    /// - Returns: its id as a key, and the token.
    /// - Throws: `DatabaseError`.
    static func createInbound(
        _ name: String?, workspace: Int64, _ database: Database, now: Int64,
    ) throws -> (id: Int64, token: String) {
        let token = try insert(
            .inbound, named: name, scopes: [], limit: unlimited, expiresAt: nil, workspace: workspace, database,
            now: now,
        )
        return (database.lastInsertedRowID, token)
    }

    /// More requests than a server can answer in an hour: the most that a counter holds.
    private static let unlimited = Int64(UInt32.max)

    private static func insert(
        _ kind: Kind, named name: String?, scopes: [String], limit: Int64, expiresAt: Int64?, workspace: Int64,
        _ database: Database, now: Int64,
    ) throws -> String {
        let secret = secret(kind.prefix)
        let statement = try database.cachedStatement(
            sql: """
                INSERT INTO api_key (
                    kind, workspace_id, name, hash, last_four, scopes, rate_limit, expires_at, created_at
                ) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
                """
        )
        try statement.execute(arguments: [
            kind.rawValue, workspace, name, hash(secret), String(secret.suffix(4)),
            scopes.joined(separator: " "), limit, expiresAt, now,
        ])
        return secret
    }

    /// The id that was given out last, 0 where none was; it has never been another key's.
    ///
    /// - Throws: `DatabaseError`.
    package static func lastID(_ database: Database) throws -> Int64 {
        try Int64.fetchOne(database, sql: "SELECT seq FROM sqlite_sequence WHERE name = 'api_key'") ?? 0
    }

    /// What nobody can guess: a prefix and 40 characters from the system's random source.
    static func secret(_ prefix: String) -> String {
        prefix + String((0..<length).map { _ in alphabet[Int.random(in: 0..<alphabet.count)] })
    }

    /// The SHA-256 of a secret (FIPS 180-4): with 238 bits of chance in it, it needs no salt and no slow hash.
    static func hash(_ secret: String) -> Data {
        Data(SHA256.hash(data: Data(secret.utf8)))
    }

    static func isWellFormed(_ token: String) -> Bool {
        token.utf8.count == Kind.api.prefix.utf8.count + length && token.hasPrefix(Kind.api.prefix)
    }
}
