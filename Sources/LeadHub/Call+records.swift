import GRDB
import HTTP

/// What most resources do alike with their records.
extension Call {
    /// 200 with the record that the path names.
    func show(_ table: Table, id name: String = "id") throws -> Response {
        ok(try table.find(id(name), workspace: workspace, connection.database), table.fields)
    }

    /// 201 with a new record.
    ///
    /// - Parameters:
    ///   - table: where it is stored.
    ///   - insert: makes the row and what belongs to it, and gives its id.
    ///   - check: adds what only this resource knows to be wrong, before any lock is taken.
    /// - Returns: the answer.
    /// - Throws: 400, 413, 415, 422, and what `insert` throws.
    func create(
        _ table: Table, _ insert: (Input, Database) throws -> Int64,
        check: (Input, inout Problems) throws -> Void = { _, _ in },
    ) throws -> Response {
        let input = try input(table.fields) { input, database, problems in
            problems.add(try table.taken(input, workspace: workspace, database))
            try check(input, &problems)
        }
        return try write { database in
            // What it refers to may have gone before the lock was had.
            var problems = Problems()
            try input.checkReferences(
                of: table.fields, changing: nil, workspace: workspace, database, problems: &problems,
            )
            guard problems.isEmpty else { throw HTTPError.validationFailed(problems) }
            return try table.find(insert(input, database), workspace: workspace, database)
        } answer: { row in
            created(row, table.fields)
        }
    }

    /// The same, of a record that nothing belongs to.
    func create(_ table: Table) throws -> Response {
        try create(table) { try table.insert($0, workspace: workspace, $1, now: now) }
    }

    /// 200 with the record that the path names, changed; 412 where the client's condition does not hold.
    ///
    /// - Parameters:
    ///   - table: where it is stored.
    ///   - name: of the id in the path.
    ///   - check: adds what only this resource knows to be wrong of what came and the record as it is; it is asked
    ///     before any lock is taken, and again when nobody else writes.
    ///   - change: changes the row, which it is given, and what hangs on it.
    /// - Returns: the answer.
    /// - Throws: 400, 404, 412, 413, 415, 422, and what `change` throws.
    func update(
        _ table: Table, id name: String = "id",
        check: (Input, Row, inout Problems) throws -> Void = { _, _, _ in },
        change: (Row, Input, Database) throws -> Void,
    ) throws -> Response {
        let id = try id(name)
        let current = try table.find(id, workspace: workspace, connection.database)
        let body = try request.jsonObject()
        func checked(_ row: Row, _ database: Database) throws -> Input {
            try self.checked(body, table.fields, changing: row, database) { input, database, problems in
                problems.add(try table.taken(input, by: row["id"], workspace: workspace, database))
                try check(input, row, &problems)
            }
        }
        _ = try connection.read { try checked(current, $0) }
        return try write { database in
            let row = try table.find(id, workspace: workspace, database)
            try requireUnchanged(row, table.fields)
            try change(row, checked(row, database), database)
            return try table.find(id, workspace: workspace, database)
        } answer: { row in
            ok(row, table.fields)
        }
    }

    /// The same, of a record that nothing hangs on.
    func update(_ table: Table) throws -> Response {
        try update(table) { row, input, database in
            _ = try table.update(row, with: input, workspace: workspace, database, now: now)
        }
    }

    /// 204 once the record that the path names is gone; 412 where the client's condition does not hold.
    ///
    /// - Parameters:
    ///   - table: where it is stored.
    ///   - name: of the id in the path.
    ///   - remove: removes the row, which it is given, and what hangs on it.
    /// - Returns: the answer.
    /// - Throws: 404, 412, and what `remove` throws.
    func remove(
        _ table: Table, id name: String = "id", _ remove: (Row, Database) throws -> Void,
    ) throws -> Response {
        let id = try id(name)
        return try write { database in
            let row = try table.find(id, workspace: workspace, database)
            try requireUnchanged(row, table.fields)
            try remove(row, database)
        } answer: { _ in
            Response(status: .noContent)
        }
    }

    /// The same, of a record that nothing hangs on but what the schema says.
    func remove(_ table: Table) throws -> Response {
        try remove(table) { try table.delete($0["id"], workspace: workspace, $1) }
    }

    /// 200 with a page of the records that a name, or a piece of it, finds.
    ///
    /// - Parameters:
    ///   - table: where they are stored; one of its fields is a `name`.
    ///   - initial: what the list is sorted by where the client does not say.
    ///   - searched: the fields that `search` looks into.
    ///   - condition: which records, in SQL, beside the workspace's.
    ///   - arguments: of the condition.
    /// - Returns: the answer.
    /// - Throws: `DatabaseError`.
    func list(
        _ table: Table, sort initial: String = "name", searching searched: [String] = ["name"],
        where condition: String = "1", _ arguments: StatementArguments = [],
    ) throws -> Response {
        try connection.read { database in
            var found = "FROM \(table.name) WHERE workspace_id = ? AND \(table.condition) AND \(condition)"
            var arguments: StatementArguments = [workspace] + arguments
            if let text = query.texts("search").first {
                let fields = table.fields.filter { searched.contains($0.name) }
                let conditions = fields.map { "instr(\($0.comparedColumn ?? $0.name), ?) > 0" }
                found += " AND (" + conditions.joined(separator: " OR ") + ")"
                arguments += StatementArguments(fields.map { $0.compared(text) })
            }
            let count = try database.cachedStatement(sql: "SELECT count(*) \(found)")
            let total = try Int64.fetchOne(count, arguments: arguments) ?? 0
            return try page(total: total) { writer, limit, offset in
                let statement = try database.cachedStatement(
                    sql: "SELECT \(table.columns) \(found) \(NamedOrder.sql(query, initial)) LIMIT ? OFFSET ?"
                )
                let rows = try Row.fetchAll(statement, arguments: arguments + [limit, offset])
                for row in rows { writer.record(row, table.fields, origin: origin) }
                return Int64(rows.count)
            }
        }
    }
}

/// How a list of records that have names is sorted; ties go by id in the same direction.
enum NamedOrder {
    /// `initial` is what the list is sorted by where the client does not say.
    static func parameters(sort initial: String = "name") -> [Parameter] {
        let columns = ["id", "name", "created_at"]
        return Page.parameters + [
            Parameter(.text("search", about: "With this piece of a name, without case and accents.")),
            Parameter(
                .choice(
                    "sort", columns.contains(initial) ? columns : [initial] + columns, default: initial,
                    about: "What the list is sorted by.",
                )
            ),
            Parameter(.choice("direction", ["asc", "desc"], default: "asc", about: "Upwards or downwards.")),
        ]
    }

    fileprivate static func sql(_ query: Query, _ initial: String) -> String {
        let direction = query.texts("direction").first == "desc" ? "DESC" : "ASC"
        let sort = query.texts("sort").first ?? initial
        return "ORDER BY \(sort == "name" ? "name_folded" : sort) \(direction), id \(direction)"
    }
}
