import Foundation

/// The target of a request as it was sent, `/api/v1/leads/5?page=2` (RFC 9112 §3.2.1). It is split first and
/// decoded once for each piece, so that an encoded slash stays inside its segment.
package struct Target {
    package let path: Substring
    /// What follows the first question mark; empty where there is none.
    package let query: Substring

    package init(_ text: String) {
        let question = text.utf8.firstIndex(of: UInt8(ascii: "?")) ?? text.endIndex
        path = text[..<question]
        query = text[question...].dropFirst()
    }

    /// The path's segments, decoded. Empty and dot segments are refused, not resolved: what nginx
    /// matched and what is routed here are then the same path.
    ///
    /// - Throws: 400 for a broken percent-escape, 404 for an empty or dot segment.
    package func segments() throws(HTTPError) -> [String] {
        guard path.utf8.first == UInt8(ascii: "/") else { throw .unknownPath }
        var segments: [String] = []
        for piece in path.dropFirst().split(separator: "/", omittingEmptySubsequences: false) {
            let segment = try Target.decode(piece)
            guard !segment.isEmpty, segment != ".", segment != ".." else { throw .unknownPath }
            segments.append(segment)
        }
        return segments
    }

    /// The query's parameters, decoded, in their order; each with the text that it was sent as.
    ///
    /// - Throws: 400 for a broken percent-escape.
    package func parameters() throws(HTTPError) -> [(name: String, value: String, raw: Substring)] {
        var parameters: [(name: String, value: String, raw: Substring)] = []
        for pair in query.split(separator: "&") {
            let equals = pair.utf8.firstIndex(of: UInt8(ascii: "=")) ?? pair.endIndex
            let name = try Target.decodeForm(pair[..<equals])
            parameters.append((name, try Target.decodeForm(pair[equals...].dropFirst()), pair))
        }
        return parameters
    }

    /// As in `application/x-www-form-urlencoded`: a plus is a space.
    private static func decodeForm(_ piece: Substring) throws(HTTPError) -> String {
        guard piece.utf8.contains(UInt8(ascii: "+")) else { return try decode(piece) }
        return try decode(Substring(piece.map { $0 == "+" ? " " : $0 }))
    }

    private static func decode(_ piece: Substring) throws(HTTPError) -> String {
        guard piece.utf8.contains(where: { $0 == UInt8(ascii: "%") || $0 >= 0x80 || $0 < 0x20 }) else {
            return String(piece)
        }
        guard piece.utf8.allSatisfy({ $0 < 0x80 && $0 >= 0x20 }), let text = piece.removingPercentEncoding else {
            throw .badRequest("The address holds a broken percent-escape or a byte that must be escaped.")
        }
        return text
    }
}
