import GRDB
import HTTP

/// Where the records of a resource are stored. Its statements are written once, from the declared fields: a
/// connection then finds them among those that it has prepared.
struct Table: Sendable {
    let name: String
    let fields: [Field]
    /// The columns of a record in the order of its fields, as `JSONWriter.record` wants them.
    let columns: String
    private let find: String
    private let insert: String

    /// What holds of every row that is not hidden, in SQL.
    let condition: String
    private let computed: [String: String]
    /// The fields that have a column which clients write.
    private let written: [Field]

    /// `computed` are fields that no column stands for, each with what gives it in SQL; `more` are columns that a new
    /// row is given and no field that clients write stands for; `condition` is what holds of every row that is not
    /// hidden, in SQL.
    init(
        _ name: String, _ fields: [Field], computed: [String: String] = [:], more: [String] = [],
        where condition: String = "1",
    ) {
        self.name = name
        self.fields = fields
        self.condition = condition
        self.computed = computed
        columns = fields.map { field in computed[field.name].map { "(\($0)) AS \(field.name)" } ?? field.name }
            .joined(separator: ", ")
        written = fields.filter { !$0.rules.contains(.readOnly) && computed[$0.name] == nil }
        find = "SELECT \(columns) FROM \(name) WHERE workspace_id = ? AND id = ? AND \(condition)"
        let given = written.flatMap { [$0.name, $0.comparedColumn] }
        let names = ["workspace_id"] + given.compactMap { $0 } + more + ["created_at", "updated_at"]
        let places = names.map { _ in "?" }.joined(separator: ", ")
        insert = "INSERT INTO \(name) (\(names.joined(separator: ", "))) VALUES (\(places))"
    }

    /// Selects rows as the JSON array that they are sent out as, for a field of another record.
    func json(where condition: String, order: String) -> String {
        let members = fields.map { field in
            let value = computed[field.name].map { "(\($0))" } ?? field.name
            return "'\(field.name)', \(field.json(column: value))"
        }
        return """
            SELECT json_group_array(json(record)) FROM (
                SELECT json_object(\(members.joined(separator: ", "))) AS record FROM \(name)
                WHERE \(condition) ORDER BY \(order)
            )
            """
    }

    /// One record of a workspace, a column for each field.
    ///
    /// - Throws: 404 where the workspace has no such record.
    func find(_ id: Int64, workspace: Int64, _ database: Database) throws -> Row {
        let statement = try database.cachedStatement(sql: find)
        guard let row = try Row.fetchOne(statement, arguments: [workspace, id]) else { throw HTTPError.notFound }
        return row
    }

    /// Makes a row from checked input; what did not come has its initial value.
    ///
    /// - Parameters:
    ///   - input: checked against `fields`.
    ///   - more: values of the columns of that name, in their order.
    ///   - workspace: the id of the row's workspace.
    ///   - database: inside a transaction that writes.
    ///   - now: Unix seconds.
    /// - Returns: the new row's id.
    /// - Throws: 422 where another record has what must be unique.
    func insert(
        _ input: Input, more: [DatabaseValue] = [], workspace: Int64, _ database: Database, now: Int64,
    ) throws -> Int64 {
        var values: [DatabaseValue] = [workspace.databaseValue]
        for field in written {
            values.append(contentsOf: field.stored(input[field]))
        }
        values += more + [now.databaseValue, now.databaseValue]
        try refusingTaken(input, by: nil, workspace: workspace, database) {
            try database.cachedStatement(sql: insert).execute(arguments: StatementArguments(values))
        }
        return database.lastInsertedRowID
    }

    private func refusingTaken(
        _ input: Input, by id: Int64?, workspace: Int64, _ database: Database, _ work: () throws -> Void,
    ) throws {
        do {
            try work()
        } catch let error as DatabaseError where error.extendedResultCode == .SQLITE_CONSTRAINT_UNIQUE {
            let taken = try taken(input, by: id, workspace: workspace, database)
            guard !taken.isEmpty else { throw error }
            throw HTTPError.validationFailed(taken)
        }
    }

    /// Changes what of a row, given as it is, is not yet as the input says, and sets `more` along with it. Where there
    /// is nothing to change the row stays as it is, and the answer is false. What must be unique and is taken is a 422.
    func update(
        _ row: Row, with input: Input, more: [(column: String, value: DatabaseValue)] = [],
        workspace: Int64, _ database: Database, now: Int64,
    ) throws -> Bool {
        var changes: [(column: String, value: DatabaseValue)] = []
        for field in written {
            guard let value = input[field.name], value.databaseValue != row[field.name] as DatabaseValue else {
                continue
            }
            changes += zip([field.name, field.comparedColumn].compactMap { $0 }, field.stored(value)).map { ($0, $1) }
        }
        guard !changes.isEmpty else { return false }
        changes += more + [("updated_at", now.databaseValue)]
        let sets = changes.map { "\($0.column) = ?" }.joined(separator: ", ")
        let sql = "UPDATE \(name) SET \(sets) WHERE workspace_id = ? AND id = ?"
        // Clients change the same one or two fields again and again; of larger sets there are too many to keep.
        let statement =
            changes.count <= Table.fewChanges
            ? try database.cachedStatement(sql: sql) : try database.makeStatement(sql: sql)
        let arguments = changes.map(\.value) + [workspace.databaseValue, row["id"]]
        try refusingTaken(input, by: row["id"], workspace: workspace, database) {
            try statement.execute(arguments: StatementArguments(arguments))
        }
        return true
    }

    /// Columns of an update whose statement is kept.
    private static let fewChanges = 4

    /// Removes a row, and what the schema says goes with it.
    func delete(_ id: Int64, workspace: Int64, _ database: Database) throws {
        try database.cachedStatement(sql: "DELETE FROM \(name) WHERE workspace_id = ? AND id = ?")
            .execute(arguments: [workspace, id])
    }

    /// Which of the fields that must be unique another record has than the one of this id. It is asked so that all that
    /// is wrong is said at once, and to say what the schema has refused: that has the last word.
    func taken(_ input: Input, by id: Int64? = nil, workspace: Int64, _ database: Database) throws -> Problems {
        var problems = Problems()
        for field in fields where field.rules.contains(.unique) {
            guard let text = input.text(field.name) else { continue }
            let column = field.comparedColumn ?? field.name
            let statement = try database.cachedStatement(
                sql: "SELECT 1 FROM \(name) WHERE workspace_id = ? AND \(column) = ? AND id IS NOT ? AND \(condition)"
            )
            if try Row.fetchOne(statement, arguments: [workspace, field.compared(text), id]) != nil {
                problems.add(field.name, "The \(field.title) has already been taken.")
            }
        }
        return problems
    }
}

extension Field {
    /// What SQLite's JSON functions are given for a column of this field.
    fileprivate func json(column: String) -> String {
        switch kind {
        case .boolean: "json(iif(\(column), 'true', 'false'))"
        case .time: "strftime('%Y-%m-%dT%H:%M:%S+00:00', \(column), 'unixepoch')"
        case .names, .choices, .object, .references, .scalar, .either, .record, .records: "json(\(column))"
        default: column
        }
    }

    /// What the columns of a checked value hold: the field's own, and the one it is compared by where it has one.
    fileprivate func stored(_ value: Value) -> [DatabaseValue] {
        guard comparedColumn != nil else { return [value.databaseValue] }
        guard case .text(let text) = value else { return [.null, .null] }
        return [text.databaseValue, compared(text).databaseValue]
    }
}
