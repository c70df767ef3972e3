extension JSONValue: ExpressibleByStringLiteral, ExpressibleByStringInterpolation {
    package init(stringLiteral text: String) { self = .string(text) }
}

extension JSONValue: ExpressibleByIntegerLiteral, ExpressibleByBooleanLiteral {
    package init(integerLiteral number: Int64) { self = .number(String(number)) }

    package init(booleanLiteral isTrue: Bool) { self = .boolean(isTrue) }
}

extension JSONValue: ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral {
    package init(arrayLiteral elements: JSONValue...) { self = .array(elements) }

    package init(dictionaryLiteral members: (String, JSONValue)...) {
        self = .object(JSONObject(members.map { (name: $0.0, value: $0.1) }))
    }
}

extension JSONValue {
    /// A member of an object, or by its number an element of an array.
    package subscript(step: String) -> JSONValue? {
        switch self {
        case .object(let object): object[step]
        case .array(let array): Int(step).flatMap { array.indices.contains($0) ? array[$0] : nil }
        default: nil
        }
    }

    /// An object with these members too; one that it has already gets the new value.
    package func with(_ members: JSONObject.Member...) -> JSONValue { with(JSONObject(members)) }

    package func with(_ more: JSONObject) -> JSONValue {
        guard case .object(let object) = self else { return self }
        let kept = object.map { (name: $0.name, value: more[$0.name] ?? $0.value) }
        return .object(JSONObject(kept + more.filter { object[$0.name] == nil }))
    }
}
