/// A body after it was checked against a resource's fields: what came, ready for the columns.
package struct Input {
    private var values: [String: Value] = [:]
    /// What was refused, by its field, as it came; of an object that an update adds members to, the whole. What is right
    /// in it can still be checked further.
    package private(set) var refused: [String: JSONValue] = [:]

    /// For a client that builds a record itself, as the command line does.
    package init() {}

    /// Checks every member of a body and reports all that is wrong at once.
    ///
    /// - Parameters:
    ///   - body: may carry the record's read-only fields, so that what was read can be sent back.
    ///   - fields: the resource's.
    ///   - isNew: whether a record is made from it: then what is required must be there, and null
    ///     stands for a field's initial value.
    ///   - current: the record as it was sent out: what is still the same is accepted, whatever it is.
    ///   - problems: gains a message for each field that will not do.
    package init(
        _ body: JSONObject, fields: [Field], isNew: Bool, current: JSONObject = JSONObject([]),
        problems: inout Problems,
    ) {
        for member in body where !fields.contains(where: { $0.name == member.name }) {
            problems.add(member.name, "The \(member.name.replacing("_", with: " ")) field is unknown.")
        }
        for field in fields where !field.rules.contains(.readOnly) {
            let field = field.decided(by: current, body)
            let json = field.sent(in: body, isNew: isNew).map { field.merged($0, into: current[field.name]) }
            do throws(Refusal) {
                if !isNew && field.rules.contains(.fixed) {
                    guard let json, !field.means(json, current[field.name]) else { continue }
                    throw Refusal(field.name, "cannot be changed.")
                }
                let value = try json.map { json throws(Refusal) in
                    try field.check(json, current: current[field.name])
                }
                try accept(value, for: field, isNew: isNew)
            } catch {
                guard isNew || body[field.name] != current[field.name] else { continue }
                problems.add(error.problems)
                refused[field.name] = json.map(field.limited)
            }
        }
    }

    /// The field's value; nil where it did not come.
    package subscript(name: String) -> Value? {
        get { values[name] }
        set { values[name] = newValue }
    }

    /// The field's value, for a new record: what came, else what it begins with.
    package subscript(field: Field) -> Value { values[field.name] ?? field.initial }

    package func text(_ name: String) -> String? {
        if case .text(let text) = values[name] { text } else { nil }
    }

    /// A list's items, also where some of them were refused: those are as they came.
    package func items(_ name: String) -> [JSONValue]? {
        switch (values[name], refused[name]) {
        case (.array(let items), _), (nil, .array(let items)): items
        default: nil
        }
    }

    /// An object, also where some of its members were refused: those are as they came.
    package func object(_ name: String) -> JSONObject? {
        switch (values[name], refused[name]) {
        case (.object(let object), _), (nil, .object(let object)): object
        default: nil
        }
    }

    package func integer(_ name: String) -> Int64? {
        if case .integer(let number) = values[name] { number } else { nil }
    }

    private mutating func accept(_ value: Value?, for field: Field, isNew: Bool) throws(Refusal) {
        switch value {
        case nil where isNew && field.rules.contains(.required), .null where field.rules.contains(.required):
            throw Refusal(field.name, "is required.")
        case nil:
            break
        case .null where !field.isNullable:
            if isNew { break }
            guard let empty = field.empty else { throw Refusal(field.name, "is required.") }
            values[field.name] = empty
        case .object(let object) where object.isEmpty && !isNew && field.empty != nil:
            // An update brings keys to those that are there; this one brings none.
            break
        case .some(let value):
            values[field.name] = value
        }
    }
}

extension Field {
    /// Whether what came is what the record has: what the server sets of it does not count.
    fileprivate func means(_ given: JSONValue, _ current: JSONValue?) -> Bool {
        if given == current { return true }
        guard let current, let value = try? check(given) else { return false }
        return value == (try? check(current))
    }

    /// What came of it. A new record's object that did not come is an empty one: so it has its members' initial values,
    /// and those that it must bring are missed.
    fileprivate func sent(in body: JSONObject, isNew: Bool) -> JSONValue? {
        guard isNew, case .record = kind, case .object(let object) = initial, body[name] ?? .null == .null else {
            return body[name]
        }
        return .object(object)
    }

    /// A list without what is past its limit: nobody looks further at that.
    fileprivate func limited(_ given: JSONValue) -> JSONValue {
        guard case .records(_, let most) = kind, case .array(let items) = given else { return given }
        return .array(Array(items.prefix(most)))
    }

    /// What an update makes of an object whose members come one by one.
    fileprivate func merged(_ given: JSONValue, into current: JSONValue?) -> JSONValue {
        guard rules.contains(.merged), case .object(let given) = given, case .object(let current) = current else {
            return given
        }
        let kept = current.map { (name: $0.name, value: given[$0.name] ?? $0.value) }
        return .object(JSONObject(kept + given.filter { current[$0.name] == nil }))
    }
}
