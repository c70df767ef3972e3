/// A JSON value (RFC 8259, section 3) as a request brought it: nothing rounded, nothing left out, nothing reordered.
package enum JSONValue: Sendable {
    case null
    case boolean(Bool)
    /// A number's text as it was written: `1.0` and `1` are two texts.
    case number(String)
    case string(String)
    case array([JSONValue])
    case object(JSONObject)
}

extension JSONValue: Equatable {
    /// Whether two values are the same: numbers by their text, strings byte by byte in UTF-8, so that a composed and
    /// a decomposed `é` differ; objects without regard to the order of their members.
    package static func == (left: JSONValue, right: JSONValue) -> Bool {
        switch (left, right) {
        case (.null, .null): true
        case (.boolean(let left), .boolean(let right)): left == right
        case (.number(let left), .number(let right)): left.hasSameBytes(as: right)
        case (.string(let left), .string(let right)): left.hasSameBytes(as: right)
        case (.array(let left), .array(let right)): left == right
        case (.object(let left), .object(let right)): left == right
        default: false
        }
    }
}

/// A JSON object (RFC 8259, section 4): its members in the order in which they were written.
package struct JSONObject: Sendable {
    package typealias Member = (name: String, value: JSONValue)

    private let members: [Member]

    /// Takes the members in their order. No name may come twice; the parser sees to that for what it reads.
    package init(_ members: [Member]) {
        self.members = members
    }

    /// Whether there is no member.
    package var isEmpty: Bool { members.isEmpty }

    /// How many members there are.
    package var count: Int { members.count }

    /// Gives the value of the member with exactly this name, code point by code point, or nil where there is none. It
    /// looks through the members one by one.
    package subscript(name: String) -> JSONValue? {
        members.first { $0.name.hasSameBytes(as: name) }?.value
    }
}

extension JSONObject: Sequence {
    /// Gives the members in their order.
    package func makeIterator() -> IndexingIterator<[Member]> {
        members.makeIterator()
    }
}

extension JSONObject: Equatable {
    /// Whether two objects have the same members, in whatever order: RFC 8259 gives the order no meaning.
    package static func == (left: JSONObject, right: JSONObject) -> Bool {
        guard left.count == right.count else { return false }
        return haveEqualMembers(left.members, right.members)
            || haveEqualMembers(left.members.sorted(by: isNamedBefore), right.members.sorted(by: isNamedBefore))
    }

    private static func haveEqualMembers(_ left: [Member], _ right: [Member]) -> Bool {
        zip(left, right).allSatisfy { $0.name.hasSameBytes(as: $1.name) && $0.value == $1.value }
    }

    private static func isNamedBefore(_ left: Member, _ right: Member) -> Bool {
        left.name.utf8.lexicographicallyPrecedes(right.name.utf8)
    }
}

extension String {
    /// Whether the other text has the same bytes in UTF-8. `==` would also take for equal what merely looks alike, such
    /// as a composed and a decomposed `é`.
    func hasSameBytes(as other: String) -> Bool {
        utf8.count == other.utf8.count && utf8.elementsEqual(other.utf8)
    }
}
