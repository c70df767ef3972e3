import Foundation

/// Where in a sorted list the next part begins: behind the last record that the client has seen. It names that
/// record by what the list is sorted by and its id, not by a count, so that what others add or remove shifts nothing.
package struct ListCursor: Equatable {
    /// Stands for the list's filters and order: a cursor is good for the list that it came from only.
    package let list: String
    /// What the last record is sorted by.
    package let value: Value
    /// The last record's id.
    package let id: Int64

    package init(list: String, value: Value, id: Int64) {
        self.list = list
        self.value = value
        self.id = id
    }

    /// Reads what `text` wrote; nil for anything else.
    package init?(_ text: String) {
        let base64 = text.replacing("-", with: "+").replacing("_", with: "/")
        let padding = String(repeating: "=", count: (4 - base64.count % 4) % 4)
        guard let data = Data(base64Encoded: base64 + padding),
            case .array(let parts) = try? JSONValue(parsing: Array(data)), parts.count == 3,
            case .string(let list) = parts[0], let value = ListCursor.value(parts[1]),
            case .integer(let id) = ListCursor.value(parts[2])
        else { return nil }
        self.init(list: list, value: value, id: id)
    }

    /// In letters, digits, `-` and `_` (base64url, RFC 4648 §5): it stands in an address as it is.
    package var text: String {
        let sortedBy: JSONValue =
            switch value {
            case .integer(let number): .number(String(number))
            case .text(let text): .string(text)
            default: .null
            }
        let json = JSONValue.array([.string(list), sortedBy, .number(String(id))]).minified
        return Data(json.utf8).base64EncodedString()
            .replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
    }

    private static func value(_ json: JSONValue) -> Value? {
        switch json {
        case .null: .null
        case .string(let text): .text(text)
        case .number(let text): Int64(text).map { .integer($0) }
        default: nil
        }
    }
}
