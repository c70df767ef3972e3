import HTTPTypes

extension Request {
    /// Whether the client has what it would be sent (If-None-Match, RFC 9110 §13.1.2): compared weakly.
    package func alreadyHas(_ entityTag: String) -> Bool {
        entityTags(.ifNoneMatch).contains { $0 == "*" || $0.trimmingPrefix("W/") == entityTag }
    }

    /// Whether the record is still the one that the client means to change (If-Match, RFC 9110 §13.1.1):
    /// compared strongly; true where the client set no condition.
    package func permitsChange(of entityTag: String) -> Bool {
        guard fields[.ifMatch] != nil else { return true }
        return entityTags(.ifMatch).contains { $0 == "*" || $0 == entityTag }
    }

    private func entityTags(_ name: HTTPField.Name) -> [Substring] {
        (fields[name] ?? "").split(separator: ",").map(\.trimmingSpaces)
    }
}

extension Substring {
    fileprivate var trimmingSpaces: Substring {
        var rest = self
        while rest.last == " " || rest.last == "\t" { rest.removeLast() }
        while rest.first == " " || rest.first == "\t" { rest.removeFirst() }
        return rest
    }
}
