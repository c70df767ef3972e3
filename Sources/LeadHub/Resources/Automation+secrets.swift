import GRDB
import HTTP
import Store

extension Automation {
    /// Stores checked steps: their secrets sealed, and masks where they stood. What is a mask already stands for a
    /// secret that is there.
    static func store(_ steps: Value?, in id: Int64, _ call: Call, _ database: Database) throws {
        guard case .array(let steps) = steps else { return }
        let before = try row(id, workspace: call.workspace, database)
        let kept = kept(for: steps, of: try array(before["steps"]), try json(before["secrets"]))
        let place = place(of: id, workspace: call.workspace)
        var sealed: [JSONObject.Member] = []
        let shown = try steps.enumerated().map { index, step in
            guard case .string(let secret) = step.secret else { return step }
            if let kept = kept[index] {
                sealed.append(("\(index)", kept))
                return step
            }
            sealed.append(("\(index)", .string(try call.secrets.get().seal(secret, for: place))))
            return step.having(secret: Mask.of(secret))
        }
        let after = [JSONValue.array(shown).minified, JSONValue.object(JSONObject(sealed)).minified]
        guard after != [before["steps"], before["secrets"]] else { return }
        try database.execute(
            sql: "UPDATE automation SET steps = ?, secrets = ?, updated_at = ? WHERE workspace_id = ? AND id = ?",
            arguments: StatementArguments(after) + [call.now, call.workspace, id],
        )
    }

    /// The sealed secret of each step that came with a mask, by the step's number. Of the secrets with that mask it is
    /// the one of the same address, else the first that no other step has taken, else the first.
    private static func kept(
        for steps: [JSONValue], of current: [JSONValue], _ secrets: JSONValue,
    ) -> [Int: JSONValue] {
        let all = current.enumerated().compactMap { index, step in
            secrets["\(index)"].map { (mask: step.secret, url: step.url, sealed: $0) }
        }
        var free = all
        var found: [Int: JSONValue] = [:]
        for isOfSameAddress in [true, false] {
            for (index, step) in steps.enumerated() where found[index] == nil {
                let place = free.firstIndex { $0.mask == step.secret && (!isOfSameAddress || $0.url == step.url) }
                if let place { found[index] = free.remove(at: place).sealed }
            }
        }
        for (index, step) in steps.enumerated() where found[index] == nil {
            found[index] = all.first { $0.mask == step.secret }?.sealed
        }
        return found
    }

    /// The steps with their secrets as they are, for what carries them out.
    ///
    /// - Throws: 404 where the workspace has no such automation; `SecretsError`.
    static func steps(
        of id: Int64, workspace: Int64, _ secrets: Secrets, _ database: Database,
    ) throws -> [JSONValue] {
        let row = try row(id, workspace: workspace, database)
        let sealed = try json(row["secrets"])
        return try array(row["steps"]).enumerated().map { index, step in
            guard case .string(let text) = sealed["\(index)"] else { return step }
            return step.having(secret: try secrets.open(text, for: place(of: id, workspace: workspace)))
        }
    }

    /// What the secrets of an automation are sealed for: they open nowhere else, and in whatever order its steps are.
    private static func place(of id: Int64, workspace: Int64) -> String { "automation/\(workspace)/\(id)/steps" }

    private static func row(_ id: Int64, workspace: Int64, _ database: Database) throws -> Row {
        let statement = try database.cachedStatement(
            sql: "SELECT steps, secrets FROM automation WHERE workspace_id = ? AND id = ?"
        )
        guard let row = try Row.fetchOne(statement, arguments: [workspace, id]) else { throw HTTPError.notFound }
        return row
    }

    static func json(_ text: String) throws -> JSONValue { try JSONValue(parsing: Array(text.utf8)) }

    static func array(_ text: String) throws -> [JSONValue] {
        if case .array(let items) = try json(text) { items } else { [] }
    }
}

extension JSONValue {
    /// Of a step that sends a webhook.
    fileprivate var secret: JSONValue? { self["config"]?["secret"] }

    /// Of the same.
    fileprivate var url: JSONValue? { self["config"]?["url"] }

    fileprivate func having(secret: String) -> JSONValue {
        guard let config = self["config"] else { return self }
        return with(("config", config.with(("secret", .string(secret)))))
    }
}
