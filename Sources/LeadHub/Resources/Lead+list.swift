import Crypto
import Foundation
import GRDB
import HTTP

extension Lead {
    static let listParameters: [Parameter] =
        Page.parameters + [
            Parameter(.text("cursor", about: "Empty for the first part of the list, then `next_cursor`."), .raw),
            Parameter(
                .choice("sort", Order.columns.map(\.name), default: "created_at", about: "What the list is sorted by."),
            ),
            Parameter(.choice("direction", ["asc", "desc"], default: "desc", about: "Upwards or downwards.")),
        ] + Filter.parameters

    static func list(_ call: Call) throws -> Response {
        let order = Order(call.query)
        return try call.connection.read { database in
            let filter = try Filter(call.query, workspace: call.workspace, database)
            return call.query.has("cursor")
                ? try part(call, filter, order, database) : try page(call, filter, order, database)
        }
    }

    /// By count: any page, with the list's total.
    private static func page(
        _ call: Call, _ filter: Filter, _ order: Order, _ database: Database,
    ) throws -> Response {
        let sizes = try filter.sizes(database)
        let total = try filter.total(sizes, database)
        return try call.page(total: total) { writer, limit, offset in
            try filter.read(
                order, sizes, matches: total, in: Order.Step(), limit: min(limit, total - offset), offset: offset,
                database, into: &writer,
            ) { $0.record($1, fields) }
        }
    }

    // MARK: - By position

    /// Behind a cursor: no count, and nothing skipped or doubled while others write.
    private static func part(
        _ call: Call, _ filter: Filter, _ order: Order, _ database: Database,
    ) throws -> Response {
        let size = Page(call.query).size
        let list = fingerprint(call.query)
        let cursor = try cursor(call.query, list: list)
        let sizes = try filter.sizes(database)
        var writer = JSONWriter(reserving: 16_384)
        writer.beginObject()
        writer.key("data")
        writer.beginArray()
        // One more than is sent tells whether there is a next part.
        var part = (writer: writer, count: Int64(0), last: ListCursor?.none, next: ListCursor?.none)
        for step in order.steps(after: cursor) where part.count <= size {
            _ = try filter.read(
                order, sizes, matches: sizes.estimate, in: step, limit: size + 1 - part.count, offset: 0, database,
                into: &part,
            ) { part, row in
                part.count += 1
                guard part.count <= size else { return part.next = part.last }
                part.writer.record(row, fields)
                part.last = ListCursor(list: list, value: Value(row[fields.count]), id: row["id"])
            }
        }
        writer = part.writer
        let next = part.next
        writer.endArray()
        writer.key("meta")
        writer.beginObject()
        writer.member("per_page", size)
        writer.member("next_cursor", next?.text)
        writer.endObject()
        writer.key("links")
        writer.beginObject()
        writer.member("self", call.query.link(origin: call.origin, cursor: cursor?.text ?? ""))
        writer.member("next", next.map { call.query.link(origin: call.origin, cursor: $0.text) })
        writer.endObject()
        writer.endObject()
        return Response(status: .ok, json: writer.bytes)
    }

    /// - Returns: nil for the list's beginning.
    /// - Throws: 422 for what is no cursor of this list, or one together with a page.
    private static func cursor(_ query: Query, list: String) throws(HTTPError) -> ListCursor? {
        guard !query.has("page") else {
            throw .validationFailed(Problems("cursor", "The cursor field cannot be used together with page."))
        }
        guard let text = query.texts("cursor").first, !text.isEmpty else { return nil }
        guard let cursor = ListCursor(text), cursor.list == list else {
            throw .validationFailed(Problems("cursor", "The selected cursor is invalid."))
        }
        return cursor
    }

    /// Stands for the filters and the order of a list.
    private static func fingerprint(_ query: Query) -> String {
        Data(SHA256.hash(data: Data(query.list.utf8)).prefix(8)).base64EncodedString()
    }
}

/// How a list of leads is sorted. Names and addresses are sorted without case and accents; ties go by id in the same
/// direction; a lead without a value comes last in both.
struct Order {
    /// What a list can be sorted by: the parameter's value, the column, and the index that has its order.
    static let columns = [
        (name: "created_at", column: "lead.created_at", index: "lead_created_at"),
        (name: "updated_at", column: "lead.updated_at", index: "lead_updated_at"),
        (name: "lead_score", column: "lead.lead_score", index: "lead_score"),
        (name: "first_name", column: "lead.first_name_folded", index: "lead_first_name"),
        (name: "last_name", column: "lead.last_name_folded", index: "lead_last_name"),
        (name: "email", column: "lead.email_folded", index: "lead_email"),
    ]

    let column: String
    let index: String
    private let isAscending: Bool

    /// Whether it is the one that lists have where nobody asks for another.
    var isUsual: Bool { index == "lead_created_at" && !isAscending }

    init(_ query: Query) {
        let sought = query.texts("sort").first ?? "created_at"
        let found = Order.columns.first { $0.name == sought } ?? Order.columns[0]
        (column, index) = (found.column, found.index)
        isAscending = query.texts("direction").first == "asc"
    }

    /// The ORDER BY clause; `unindexed` keeps SQLite from reading the list in this order: it is to find the leads first.
    func sql(unindexed: Bool) -> String {
        let direction = isAscending ? "ASC" : "DESC"
        return "ORDER BY \(unindexed ? "+" : "")\(column) \(direction) NULLS LAST, lead.id \(direction)"
    }

    /// A piece of the list that one index gives in its order: the whole, where there is no condition.
    struct Step {
        /// With a leading AND.
        var condition = ""
        var arguments: [DatabaseValue] = []
    }

    /// The pieces of the list that follow a position, one after the other: those that are sorted by the same value, those
    /// sorted behind it, those without a value.
    func steps(after cursor: ListCursor?) -> [Step] {
        guard let cursor else { return [Step()] }
        let beyond = isAscending ? ">" : "<"
        let id = cursor.id.databaseValue
        let value = cursor.value.databaseValue
        guard !value.isNull else {
            return [Step(condition: " AND \(column) IS NULL AND lead.id \(beyond) ?", arguments: [id])]
        }
        return [
            Step(condition: " AND \(column) = ? AND lead.id \(beyond) ?", arguments: [value, id]),
            Step(condition: " AND \(column) \(beyond) ?", arguments: [value]),
            Step(condition: " AND \(column) IS NULL"),
        ]
    }

    /// What of a piece comes before a lead.
    ///
    /// - Parameters:
    ///   - step: the piece.
    ///   - value: what that lead is sorted by.
    ///   - id: the lead's.
    /// - Returns: nil where the lead has no value.
    func step(_ step: Step, before value: DatabaseValue, id: DatabaseValue) -> Step? {
        guard !value.isNull else { return nil }
        let (upTo, before) = isAscending ? ("<=", "<") : (">=", ">")
        return Step(
            condition: step.condition + " AND \(column) \(upTo) ? AND (\(column) <> ? OR lead.id \(before) ?)",
            arguments: step.arguments + [value, value, id],
        )
    }
}

extension Value {
    /// What a column that a list is sorted by holds.
    fileprivate init(_ value: DatabaseValue) {
        switch value.storage {
        case .int64(let number): self = .integer(number)
        case .string(let text): self = .text(text)
        default: self = .null
        }
    }
}
