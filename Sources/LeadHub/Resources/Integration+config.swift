import GRDB
import HTTP
import Store

extension Integration {
    /// Adds a problem where an address changes that a secret is sent to, and the secret itself does not come with it.
    static func checkBearer(_ config: JSONObject?, _ integration: Row, _ problems: inout Problems) {
        guard let bearer = IntegrationType.named(integration["type"])?.bearer, let config,
            case .object(let before) = JSONObject(integration, fields)["config"],
            config[bearer.address] != before[bearer.address],
            case .string(let secret) = config[bearer.secret], Mask.isMask(secret)
        else { return }
        let names = [bearer.secret, bearer.address].map { "config.\($0.replacing("_", with: " "))" }
        problems.add(
            "config.\(bearer.secret)", "The \(names[0]) field is required when the \(names[1]) field changes.",
        )
    }

    /// Stores a checked config: its secrets sealed, and masks where they stood. What is a mask already stands for the
    /// secret that is there.
    static func store(
        _ config: Value?, in id: Int64, of type: IntegrationType?, _ call: Call, _ database: Database,
    ) throws {
        guard case .object(let config) = config else { return }
        let before = try row(id, workspace: call.workspace, database)
        let kept = try object(before["secrets"])
        var sealed: [JSONObject.Member] = []
        let shown = try config.map { name, value -> JSONObject.Member in
            guard case .string(let text) = value, type?.holdsSecret(name) == true else { return (name, value) }
            guard !Mask.isMask(text) else {
                if let secret = kept[name] { sealed.append((name, secret)) }
                return (name, value)
            }
            let place = place(of: "config.\(name)", in: id, workspace: call.workspace)
            sealed.append((name, .string(try call.secrets.get().seal(text, for: place))))
            return (name, .string(Mask.of(text)))
        }
        let after = [shown, sealed].map { JSONValue.object(JSONObject($0)).minified }
        guard after != [before["config"], before["secrets"]] else { return }
        try database.execute(
            sql: "UPDATE integration SET config = ?, secrets = ?, updated_at = ? WHERE workspace_id = ? AND id = ?",
            arguments: StatementArguments(after) + [call.now, call.workspace, id],
        )
    }

    /// The config with its secrets as they are, for what sends to the service or checks what it has sent.
    ///
    /// - Throws: 404 where the workspace has no such integration; `SecretsError`.
    static func config(
        of id: Int64, workspace: Int64, _ secrets: Result<Secrets, SecretsError>, _ database: Database,
    ) throws -> JSONObject {
        let row = try row(id, workspace: workspace, database)
        let sealed = try object(row["secrets"])
        return JSONObject(
            try object(row["config"]).map { name, value in
                guard case .string(let text) = sealed[name] else { return (name, value) }
                let place = place(of: "config.\(name)", in: id, workspace: workspace)
                return (name, .string(try secrets.get().open(text, for: place)))
            }
        )
    }

    /// What a secret is sealed for: it opens nowhere else.
    static func place(of name: String, in id: Int64, workspace: Int64) -> String {
        "integration/\(workspace)/\(id)/\(name)"
    }

    private static func row(_ id: Int64, workspace: Int64, _ database: Database) throws -> Row {
        let statement = try database.cachedStatement(
            sql: "SELECT config, secrets FROM integration WHERE workspace_id = ? AND id = ?"
        )
        guard let row = try Row.fetchOne(statement, arguments: [workspace, id]) else { throw HTTPError.notFound }
        return row
    }

    private static func object(_ text: String) throws -> JSONObject {
        guard case .object(let object) = try JSONValue(parsing: Array(text.utf8)) else { return JSONObject([]) }
        return object
    }
}

extension IntegrationType {
    fileprivate func holdsSecret(_ name: String) -> Bool {
        config.contains { $0.name == name && $0.rules.contains(.secret) }
    }
}
