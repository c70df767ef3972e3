import GRDB
import HTTP

extension Lead {
    static let listParameters: [Parameter] =
        Page.parameters + [
            Parameter(
                .choice("sort", sortColumns.map(\.name), default: "created_at", about: "What the list is sorted by.")
            ),
            Parameter(.choice("direction", ["asc", "desc"], default: "desc", about: "Upwards or downwards.")),
            Parameter(
                .choice("status", statuses, default: "", about: "Only leads of this status; several with commas."),
                .list,
            ),
            Parameter(.text("source", about: "Only leads from this source; several with commas."), .list),
        ]

    /// What a list can be sorted by, and the column that stands for it. Names and addresses are sorted
    /// without case and accents.
    private static let sortColumns = [
        (name: "created_at", column: "created_at"), (name: "updated_at", column: "updated_at"),
        (name: "lead_score", column: "lead_score"), (name: "first_name", column: "first_name_folded"),
        (name: "last_name", column: "last_name_folded"), (name: "email", column: "email_folded"),
    ]

    static func list(_ call: Call) throws -> Response {
        let page = Page(call.query)
        let filter = Filter(call.query, workspace: call.workspace)
        let order = order(call.query)
        return try call.connection.read { database in
            let total = try filter.total(database)
            var writer = JSONWriter(reserving: 16_384)
            writer.beginObject()
            writer.key("data")
            writer.beginArray()
            let count = try page.offset(total: total).map { offset in
                try write(filter, order, page.size, offset, database, to: &writer)
            }
            writer.endArray()
            page.write(to: &writer, count: count ?? 0, total: total) { call.query.link(origin: call.origin, page: $0) }
            writer.endObject()
            return Response(status: .ok, json: writer.bytes)
        }
    }

    /// Writes the leads of one page.
    ///
    /// - Returns: how many they are.
    private static func write(
        _ filter: Filter, _ order: String, _ limit: Int64, _ offset: Int64, _ database: Database,
        to writer: inout JSONWriter,
    ) throws -> Int64 {
        let statement = try filter.statement(
            "SELECT \(table.columns) FROM lead", order + " LIMIT ? OFFSET ?", database,
        )
        let rows = try Row.fetchCursor(statement, arguments: filter.arguments + [limit, offset])
        var count: Int64 = 0
        while let row = try rows.next() {
            writer.record(row, fields)
            count += 1
        }
        return count
    }

    /// Ties go by id in the same direction; a lead without a value comes last in both.
    private static func order(_ query: Query) -> String {
        let direction = query.texts("direction").first == "asc" ? "ASC" : "DESC"
        let sought = query.texts("sort").first
        let column = sortColumns.first { $0.name == sought }?.column ?? "created_at"
        return "ORDER BY \(column) \(direction) NULLS LAST, id \(direction)"
    }
}

/// Which leads of a workspace a list shows.
private struct Filter {
    let workspace: Int64
    let statuses: [String]
    let sources: [String]

    init(_ query: Query, workspace: Int64) {
        self.workspace = workspace
        statuses = query.texts("status")
        sources = query.texts("source")
    }

    var arguments: StatementArguments {
        StatementArguments([workspace]) + StatementArguments(statuses) + StatementArguments(sources)
    }

    /// A statement over the leads that pass: `select` is its text up to the WHERE, `rest` what follows that.
    func statement(_ select: String, _ rest: String, _ database: Database) throws -> Statement {
        let sql =
            "\(select) WHERE workspace_id = ? AND deleted_at IS NULL"
            + Filter.among("status", statuses) + Filter.among("source", sources) + " " + rest
        // Lists of several values come in too many lengths to keep a statement for each.
        return statuses.count < 2 && sources.count < 2
            ? try database.cachedStatement(sql: sql) : try database.makeStatement(sql: sql)
    }

    /// How many leads there are: from the kept counts where they say it, else counted on an index.
    func total(_ database: Database) throws -> Int64 {
        switch (statuses.isEmpty, sources.isEmpty) {
        case (true, true): try kept("all", [""], database)
        case (false, true): try kept("status", statuses, database)
        case (true, false): try kept("source", sources, database)
        case (false, false):
            try Int64.fetchOne(statement("SELECT count(*) FROM lead", "", database), arguments: arguments) ?? 0
        }
    }

    private func kept(_ kind: String, _ values: [String], _ database: Database) throws -> Int64 {
        let statement = try database.cachedStatement(
            sql: "SELECT count FROM lead_count WHERE workspace_id = ? AND kind = ? AND value = ?"
        )
        return try Set(values).reduce(0) { sum, value in
            sum + (try Int64.fetchOne(statement, arguments: [workspace, kind, value]) ?? 0)
        }
    }

    private static func among(_ column: String, _ values: [String]) -> String {
        switch values.count {
        case 0: ""
        case 1: " AND \(column) = ?"
        default: " AND \(column) IN (\(values.map { _ in "?" }.joined(separator: ", ")))"
        }
    }
}
