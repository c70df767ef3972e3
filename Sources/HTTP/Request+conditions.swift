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

    /// Whether the client would rather have a page than JSON, as browsers say with each form that they send (Accept,
    /// RFC 9110 §12.5.1).
    package var prefersHTML: Bool { quality(of: "text/html") > quality(of: "application/json") }

    /// How much the client likes a media type that it names; 0 where it names it not.
    private func quality(of type: String) -> Double {
        (fields[.accept] ?? "").split(separator: ",").compactMap { HeaderValue($0.utf8) }
            .filter { $0.value == type }.map { $0["q"].flatMap(Double.init) ?? 1 }.max() ?? 0
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
