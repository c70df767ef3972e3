import HTTP

extension Detail {
    /// How many members within members get names of their own: what has more is no lead, and would be many times its
    /// size with all the paths written out.
    private static let mostWithin = 1_000
    /// How long a path may be, in bytes, to which more is added.
    private static let longestPath = 256

    /// All that an object says, each under its dotted path: what lies in objects by name, in lists of objects by number.
    /// A list of plain values is one, and so is what is past the limits.
    ///
    /// - Parameters:
    ///   - object: in any shape.
    ///   - path: where it lies itself; empty for a whole body.
    /// - Returns: nothing for null: it says nothing.
    static func all(in object: JSONObject, at path: String = "") -> [Detail] {
        var details: [Detail] = []
        var room = mostWithin
        if path.isEmpty {
            for member in object { add(member.value, member.name, to: &details, &room) }
        } else {
            add(.object(object), path, to: &details, &room)
        }
        return details
    }

    private static func add(_ value: JSONValue, _ path: String, to details: inout [Detail], _ room: inout Int) {
        guard value != .null else { return }
        guard let members = members(of: value), members.count <= room, path.utf8.count <= longestPath else {
            return details.append(Detail(path, value))
        }
        room -= members.count
        for member in members { add(member.value, "\(path).\(member.name)", to: &details, &room) }
    }

    /// What lies in a value under names of its own; nil for a plain value, and for a list of those.
    private static func members(of value: JSONValue) -> [JSONObject.Member]? {
        switch value {
        case .object(let object): Array(object)
        case .array(let items) where items.contains(where: \.isContainer):
            items.enumerated().map { ("\($0.offset)", $0.element) }
        default: nil
        }
    }

    /// The same detail with more names, or as a lead's field.
    func or(_ otherNames: [String] = [], as field: String? = nil) -> Detail {
        Detail(name, or: self.otherNames + otherNames, as: field ?? self.field, value)
    }
}

extension JSONValue {
    var isContainer: Bool {
        switch self {
        case .object, .array: true
        default: false
        }
    }

    /// What can be an id: a text that is not blank, or a number.
    var identifier: String? {
        switch self {
        case .string(let text): Text.isBlank(text) ? nil : Text.tolerated(text)
        case .number(let text): text
        default: nil
        }
    }

    /// Its text, where it has one that is not blank.
    var filledIn: String? { if case .string(let text) = self, !Text.isBlank(text) { text } else { nil } }
}

extension JSONObject {
    /// The object of this name, which must be there.
    ///
    /// - Throws: 422.
    func object(_ name: String, at path: String? = nil) throws(HTTPError) -> JSONObject {
        try JSONObject.object(self[name], at: path ?? name)
    }

    /// The list of this name, which must be there.
    ///
    /// - Throws: 422.
    func list(_ name: String, at path: String? = nil) throws(HTTPError) -> [JSONValue] {
        guard case .array(let items) = self[name] else {
            throw JSONObject.refusal(self[name], at: path ?? name, "must be an array.")
        }
        return items
    }

    /// - Parameters:
    ///   - value: what came.
    ///   - path: where, for the message.
    /// - Returns: the value as an object.
    /// - Throws: 422 where it is none.
    static func object(_ value: JSONValue?, at path: String) throws(HTTPError) -> JSONObject {
        guard case .object(let object) = value else { throw refusal(value, at: path, "must be an object.") }
        return object
    }

    private static func refusal(_ value: JSONValue?, at path: String, _ problem: String) -> HTTPError {
        let title = path.replacing("_", with: " ")
        let isMissing = value == nil || value == .null
        return .validationFailed(Problems(path, "The \(title) field \(isMissing ? "is required." : problem)"))
    }

    /// The same without some members.
    func without(_ names: String...) -> JSONObject { JSONObject(filter { !names.contains($0.name) }) }
}
