import HTTP
import HTTPTypes
import Testing

/// A response as a client sees it.
struct Answer {
    let status: Int
    let fields: HTTPFields
    let text: String
    /// nil where there is no body.
    let json: JSONValue?

    /// - Throws: `JSONError` for a body that is no JSON.
    init(_ response: Response) throws {
        status = response.status.code
        fields = response.fields
        text = String(decoding: response.body, as: UTF8.self)
        json = response.body.isEmpty ? nil : try JSONValue(parsing: response.body)
    }

    /// What stands at this path, `["data", "0", "id"]`; nil where there is nothing.
    subscript(path: String...) -> JSONValue? {
        path.reduce(json) { $0?[$1] }
    }

    var code: String? { self["code"]?.string }

    /// The values of a header, by its name.
    func header(_ name: String) -> String? {
        HTTPField.Name(name).flatMap { fields[$0] }
    }

    /// The ids of a list's records.
    var ids: [Int64] {
        guard case .array(let records) = self["data"] else { return [] }
        return records.compactMap { $0["id"]?.integer }
    }
}

extension JSONValue {
    init(reading text: String) throws {
        self = try JSONValue(parsing: Array(text.utf8))
    }

    /// A member of an object, or by its number an element of an array.
    subscript(step: String) -> JSONValue? {
        switch self {
        case .object(let object): object[step]
        case .array(let array): Int(step).flatMap { array.indices.contains($0) ? array[$0] : nil }
        default: nil
        }
    }

    var string: String? {
        if case .string(let text) = self { text } else { nil }
    }

    var integer: Int64? {
        if case .number(let text) = self { Int64(text) } else { nil }
    }

    /// An object's names, in their order.
    var names: [String] {
        if case .object(let object) = self { object.map(\.name) } else { [] }
    }
}

extension JSONValue: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByArrayLiteral {
    package init(stringLiteral text: String) { self = .string(text) }

    package init(integerLiteral number: Int64) { self = .number(String(number)) }

    package init(arrayLiteral elements: JSONValue...) { self = .array(elements) }
}

extension JSONValue: ExpressibleByBooleanLiteral {
    package init(booleanLiteral isTrue: Bool) { self = .boolean(isTrue) }
}
