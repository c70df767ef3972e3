import Crypto
import Foundation
import GRDB
import HTTP

/// An API key: the secret that a client shows, and what it may do. Made by the command line only; of the
/// secret itself the database keeps a hash and the last four characters.
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
        """
    ]

    private static let prefix = "lh_"
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
        let secret = prefix + String((0..<length).map { _ in alphabet[Int.random(in: 0..<alphabet.count)] })
        let statement = try database.cachedStatement(
            sql: """
                INSERT INTO api_key (
                    workspace_id, name, hash, last_four, scopes, rate_limit, expires_at, created_at
                ) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
                """
        )
        try statement.execute(arguments: [
            workspace, input.text("name"), hash(secret), String(secret.suffix(4)), scopes.joined(separator: " "),
            input.integer("rate_limit") ?? 1000, input.integer("expires_at"), now,
        ])
        return secret
    }

    /// The SHA-256 of a secret (FIPS 180-4): with 238 bits of chance in it, it needs no salt and no slow hash.
    static func hash(_ secret: String) -> Data {
        Data(SHA256.hash(data: Data(secret.utf8)))
    }

    static func isWellFormed(_ token: String) -> Bool {
        token.utf8.count == prefix.count + length && token.hasPrefix(prefix)
    }
}
