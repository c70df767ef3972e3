import Crypto
import GRDB

/// Who asks: a key that opened the door, and what it opens.
package struct Principal: Sendable {
    package let keyID: Int64
    package let workspaceID: Int64
    package let grants: Grants
    /// Requests in an hour.
    package let rateLimit: UInt32

    /// For routes that need no key: of no workspace, and allowed nothing.
    static let anyone = Principal(keyID: 0, workspaceID: 0, grants: Grants(""), rateLimit: 0)

    /// Finds the key behind a bearer token; nil for one that is unknown, malformed, revoked, of a suspended
    /// workspace, or expired at `now`, in Unix seconds: the caller is not told which.
    static func find(token: String, _ database: Database, now: Int64) throws -> Principal? {
        guard Key.isWellFormed(token) else { return nil }
        let statement = try database.cachedStatement(
            sql: """
                SELECT api_key.id, api_key.workspace_id, api_key.scopes, api_key.rate_limit
                FROM api_key JOIN workspace ON workspace.id = api_key.workspace_id
                WHERE api_key.hash = ? AND api_key.kind = 'api' AND api_key.revoked_at IS NULL
                    AND workspace.suspended_at IS NULL AND (api_key.expires_at IS NULL OR api_key.expires_at > ?)
                """
        )
        guard let row = try Row.fetchOne(statement, arguments: [Key.hash(token), now]) else { return nil }
        return Principal(keyID: row[0], workspaceID: row[1], grants: Grants(row[2]), rateLimit: row[3])
    }
}
