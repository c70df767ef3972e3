import HTTP
import HTTPTypes
import Testing

/// A response as a client sees it.
struct Answer {
    let status: Int
    /// The words behind it.
    let reason: String
    let fields: HTTPFields
    let text: String
    /// nil where there is no body, or another one than JSON.
    let json: JSONValue?

    /// - Throws: `JSONError` for a body that is no JSON.
    init(_ response: Response) throws {
        status = response.status.code
        reason = response.status.reasonPhrase
        fields = response.fields
        text = String(decoding: response.body, as: UTF8.self)
        let isOther = response.fields[.contentType]?.contains("json") == false
        json = response.body.isEmpty || isOther ? nil : try JSONValue(parsing: response.body)
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
