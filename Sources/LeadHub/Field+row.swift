import GRDB
import HTTP

extension JSONObject {
    /// One record as it is sent out.
    init(_ row: Row, _ fields: [Field]) {
        var writer = JSONWriter(reserving: 1_024)
        writer.record(row, fields)
        if case .object(let object) = try? JSONValue(parsing: writer.bytes) { self = object } else { self.init([]) }
    }
}

extension Value {
    var databaseValue: DatabaseValue {
        switch self {
        case .null: .null
        case .integer(let number): number.databaseValue
        case .text(let text): text.databaseValue
        case .names(let names): JSONValue.array(names.map { .string($0) }).minified.databaseValue
        case .array(let values): JSONValue.array(values).minified.databaseValue
        case .object(let object): JSONValue.object(object).minified.databaseValue
        case .json(let value): value.minified.databaseValue
        }
    }
}

extension JSONWriter {
    /// Writes one record from a row with a column for each field, in the fields' order. Addresses begin with `origin`,
    /// scheme and authority of this server; a record that has none needs none.
    mutating func record(_ row: Row, _ fields: [Field], origin: String = "") {
        beginObject()
        for (index, field) in fields.enumerated() {
            key(field.name)
            column(row, index, field.kind, origin)
        }
        endObject()
    }

    private mutating func column(_ row: Row, _ index: Int, _ kind: Field.Kind, _ origin: String) {
        switch kind {
        case .names, .choices, .object, .references, .scalar, .either, .record, .records:
            if let json: String = row[index] { raw(json) } else { null() }
        case .boolean: boolean(row[index])
        case .text, .email, .phone, .color, .choice, .url, .slug, .referenceByName:
            if let text: String = row[index] { string(text) } else { null() }
        case .address:
            if let path: String = row[index] { string(origin + path) } else { null() }
        case .id, .integer, .reference, .money, .time:
            guard let number: Int64 = row[index] else { return null() }
            switch kind {
            case .money: hundredths(number)
            case .time: string(Timestamp.text(number))
            default: integer(number)
            }
        }
    }
}

extension Input {
    /// Adds a problem for each place that names a record which this workspace does not have, unless the current record
    /// names the same one there.
    func checkReferences(
        of fields: [Field], changing record: Row?, workspace: Int64, _ database: Database, problems: inout Problems,
    ) throws {
        let current = record.map { JSONObject($0, fields) }
        for field in fields {
            guard let value = self[field.name].map(field.json) ?? refused[field.name], value != current?[field.name]
            else { continue }
            let known = current?[field.name].map(field.mentions) ?? []
            for mention in field.mentions(in: value)
            where !problems.concern(mention.path) && !known.contains(mention) {
                if try mention.exists(workspace: workspace, database) { continue }
                problems.add(mention.path, "The selected \(mention.path.replacing("_", with: " ")) is invalid.")
            }
        }
    }
}

extension Mention {
    fileprivate func exists(workspace: Int64, _ database: Database) throws -> Bool {
        let (column, argument) =
            switch target {
            case .id(let id): ("id", id.databaseValue)
            case .name(let name): ("name_folded", name.databaseValue)
            }
        let statement = try database.cachedStatement(
            sql: """
                SELECT 1 FROM \(reference.table) WHERE workspace_id = ? AND \(column) = ?
                \(reference.condition.map { "AND \($0)" } ?? "")
                """
        )
        return try Row.fetchOne(statement, arguments: [workspace, argument]) != nil
    }
}
