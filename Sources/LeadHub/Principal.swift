import Crypto
import GRDB

/// Who asks: a key that opened the door, and what it opens; or the address itself, where its token is the key.
package struct Principal: Sendable {
    /// Its row in the table of counters; 0 where nothing is counted.
    package let keyID: Int64
    package let workspaceID: Int64
    package let grants: Grants
    /// Requests in an hour.
    package let rateLimit: UInt32
    /// In whose name leads are changed.
    let actor: Actor

    /// For routes that need no key: of no workspace, and allowed nothing.
    static let anyone = Principal(keyID: 0, workspaceID: 0, grants: Grants(""), rateLimit: 0, actor: .commandLine)

    /// Finds the key behind a bearer token; nil for one that is unknown, malformed, revoked, of a suspended
    /// workspace, or expired at `now`, in Unix seconds: the caller is not told which.
    static func find(token: String, _ database: Database, now: Int64) throws -> Principal? {
        guard Key.isWellFormed(token) else { return nil }
        let statement = try database.cachedStatement(
            sql: """
                SELECT api_key.id, api_key.workspace_id, api_key.scopes, api_key.rate_limit
                FROM api_key JOIN workspace ON workspace.id = api_key.workspace_id
                WHERE api_key.hash = ? AND api_key.kind = 'api' AND \(isOpen)
                """
        )
        guard let row = try Row.fetchOne(statement, arguments: [Key.hash(token), now]) else { return nil }
        return Principal(
            keyID: row[0], workspaceID: row[1], grants: Grants(row[2]), rateLimit: row[3], actor: .key(row[0]),
        )
    }

    /// Finds what an address that ends in a token is of: an integration, or a form. nil as for a bearer token.
    static func find(address token: String, _ database: Database, now: Int64) throws -> Principal? {
        let integration = try database.cachedStatement(
            sql: """
                SELECT api_key.id, api_key.workspace_id, api_key.rate_limit, integration.id
                FROM api_key JOIN workspace ON workspace.id = api_key.workspace_id
                    JOIN integration ON integration.workspace_id = api_key.workspace_id AND api_key_id = api_key.id
                WHERE api_key.hash = ? AND api_key.kind = 'inbound' AND \(isOpen)
                """
        )
        if let row = try Row.fetchOne(integration, arguments: [Key.hash(token), now]) {
            return Principal(
                keyID: row[0], workspaceID: row[1], grants: Grants(""), rateLimit: row[2], actor: .integration(row[3]),
            )
        }
        let form = try database.cachedStatement(
            sql: """
                SELECT form.id, form.workspace_id FROM form JOIN workspace ON workspace.id = form.workspace_id
                WHERE form.token = ? AND workspace.suspended_at IS NULL
                """
        )
        guard let row = try Row.fetchOne(form, arguments: [token]) else { return nil }
        return Principal(keyID: 0, workspaceID: row[1], grants: Grants(""), rateLimit: 0, actor: .form(row[0]))
    }

    private static let isOpen = """
        api_key.revoked_at IS NULL AND workspace.suspended_at IS NULL
        AND (api_key.expires_at IS NULL OR api_key.expires_at > ?)
        """
}
