import GRDB
import HTTP

/// What a query found, printed in columns for people or as JSON for programs. A column whose name ends in
/// `_at` holds times.
struct Table {
    private var columns: [String]
    private var rows: [[DatabaseValue]]

    init(_ rows: [Row]) {
        columns = rows.first.map { Array($0.columnNames) } ?? []
        self.rows = rows.map { Array($0.databaseValues) }
    }

    /// Adds a column behind the others, with a value for each row.
    mutating func append(_ column: String, _ values: [DatabaseValue]) {
        columns.append(column)
        for (index, value) in values.enumerated() { rows[index].append(value) }
    }

    func print(asJSON: Bool) {
        if asJSON { printJSON() } else if !rows.isEmpty { printColumns() }
    }

    private func printJSON() {
        let records = rows.map { row in
            JSONValue.object(JSONObject(zip(columns, row).map { (name: $0, value: Table.json($0, $1)) }))
        }
        Swift.print(JSONValue.array(records).minified)
    }

    private func printColumns() {
        let head = columns.map { $0.uppercased().replacing("_", with: " ") }
        let lines = [head] + rows.map { row in zip(columns, row).map { Table.text($0, $1) } }
        let widths = columns.indices.map { column in lines.map { $0[column].count }.max() ?? 0 }
        for line in lines {
            let cells = zip(line, widths).map { $0 + String(repeating: " ", count: $1 - $0.count) }
            Swift.print(cells.joined(separator: "  ").replacing(/\s+$/, with: ""))
        }
    }

    private static func json(_ column: String, _ value: DatabaseValue) -> JSONValue {
        switch value.storage {
        case .null, .blob: .null
        case .int64(let number): column.hasSuffix("_at") ? .string(Timestamp.text(number)) : .number(String(number))
        case .double(let number): .number(String(number))
        case .string(let text): .string(text)
        }
    }

    private static func text(_ column: String, _ value: DatabaseValue) -> String {
        switch json(column, value) {
        case .string(let text), .number(let text): text
        default: "-"
        }
    }
}
