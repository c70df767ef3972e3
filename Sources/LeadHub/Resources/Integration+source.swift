import GRDB
import HTTP
import Store

extension Integration {
    /// A service that sends leads, as what it sends is taken in.
    struct Source {
        let id: Int64
        let type: String
        let name: String
        let isActive: Bool
        /// With its secrets as they are.
        let config: JSONObject
        let sender: Sender

        /// Under a lead's field what the service calls it.
        var fieldMap: JSONObject { if case .object(let map) = config["field_map"] { map } else { JSONObject([]) } }
    }

    /// The source whose address was called.
    ///
    /// - Throws: 404 where the address is not one of a source; `SecretsError`.
    static func source(of call: Call) throws -> Source {
        guard case .integration(let id) = call.actor else { throw HTTPError.notFound }
        return try source(id, workspace: call.workspace, call.secrets, call.connection.database)
    }

    /// - Throws: 404 where the workspace has no such source; `SecretsError`.
    static func source(
        _ id: Int64, workspace: Int64, _ secrets: Result<Secrets, SecretsError>, _ database: Database,
    ) throws -> Source {
        let statement = try database.cachedStatement(
            sql: "SELECT type, name, is_active FROM integration WHERE workspace_id = ? AND id = ?"
        )
        guard let row = try Row.fetchOne(statement, arguments: [workspace, id]),
            let sender = IntegrationType.named(row[0])?.sender
        else { throw HTTPError.notFound }
        return Source(
            id: id, type: row[0], name: row[1], isActive: row[2],
            config: try config(of: id, workspace: workspace, secrets, database), sender: sender,
        )
    }

    /// Counts what came, and shows what was wrong with it, or with a lead that is still waited for; that is no change of
    /// the integration.
    static func note(_ id: Int64, error: String? = nil, _ entry: Inbound.Entry, _ database: Database) throws {
        let statement = try database.cachedStatement(
            sql: """
                UPDATE integration SET events_count = events_count + 1, last_event_at = :now, last_error = coalesce(
                    :error, (SELECT last_error FROM job WHERE \(Job.ofIntegration) AND last_error IS NOT NULL LIMIT 1)
                ) WHERE workspace_id = :workspace AND id = :integration
                """
        )
        try statement.execute(arguments: [
            "now": entry.now, "error": error.map { Text.first(1_000, of: $0) }, "workspace": entry.workspace,
            "integration": id,
        ])
    }
}
