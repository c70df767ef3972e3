import GRDB
import HTTP

extension Automation {
    /// Changes the tags that triggers and steps name.
    ///
    /// - Parameters:
    ///   - names: those that may change; automations with none of them stay as they are.
    ///   - workspace: the automations'.
    ///   - database: inside a transaction that writes.
    ///   - change: gives the names that stand in the place of some.
    /// - Throws: `DatabaseError`.
    static func changeTags(
        _ names: [String], workspace: Int64, _ database: Database, _ change: ([JSONValue]) -> [JSONValue],
    ) throws {
        let rows = try Row.fetchAll(
            database,
            sql: """
                SELECT id, trigger, steps FROM automation WHERE workspace_id = :workspace
                    AND (\(Tag.isNamed(in: "trigger")) OR \(Tag.isNamed(in: "steps")))
                """,
            arguments: ["workspace": workspace, "names": Tag.namesArgument(names)],
        )
        for row in rows {
            let (trigger, steps) = (try json(row["trigger"]), try array(row["steps"]))
            let changed = (trigger: trigger.changingTags(change), steps: steps.map { $0.changingTags(change) })
            guard changed != (trigger, steps) else { continue }
            try database.execute(
                sql: "UPDATE automation SET trigger = ?, steps = ? WHERE workspace_id = ? AND id = ?",
                arguments: [
                    changed.trigger.minified, JSONValue.array(changed.steps).minified, workspace, row["id"],
                ],
            )
        }
    }
}

extension JSONValue {
    /// A trigger or a step with other names where it names tags.
    fileprivate func changingTags(_ change: ([JSONValue]) -> [JSONValue]) -> JSONValue {
        guard let config = self["config"] else { return self }
        func with(_ member: String, _ value: JSONValue?) -> JSONValue {
            value.map { self.with(("config", config.with((member, $0)))) } ?? self
        }
        if let tag = config["tag"] { return with("tag", change([tag]).first) }
        switch (config["field"], config["operator"], config["value"]) {
        // A condition's.
        case ("tags"?, "has_tag"?, let tag?), ("tags"?, "lacks_tag"?, let tag?):
            return with("value", change([tag]).first)
        // What the field is set to.
        case ("tags"?, nil, .array(let tags)): return with("value", .array(change(tags)))
        default: return self
        }
    }
}
