extension FormBody {
    /// How deep names are taken apart, as in JSON; a deeper one stays whole.
    private static let mostSteps = JSONValue.maximumDepth

    /// A value, and where it belongs.
    private struct Leaf {
        var path: ArraySlice<String>
        let value: JSONValue
    }

    /// The same with objects and lists within it, as PHP reads names with brackets: `contact[email]` is `email` in the
    /// object `contact`, and `file[0]` the first of a list.
    static func nested(_ object: JSONObject) -> JSONObject {
        guard object.contains(where: { $0.name.utf8.last == UInt8(ascii: "]") }) else { return object }
        return JSONObject(members(object.map { Leaf(path: path($0.name)[...], value: $0.value) }))
    }

    /// What a name's brackets are about; the whole name where it is not written so.
    private static func path(_ name: String) -> [String] {
        guard name.utf8.last == UInt8(ascii: "]"), let start = name.utf8.firstIndex(of: UInt8(ascii: "[")),
            start > name.startIndex, name.utf8[name.utf8.index(before: start)] != UInt8(ascii: " ")
        else { return [name] }
        let inner = name[start...].utf8.dropFirst().dropLast()
        let steps = String(Substring(inner)).split(separator: "][", omittingEmptySubsequences: false)
        guard steps.count < mostSteps, steps.allSatisfy({ !$0.isEmpty && !$0.contains("[") && !$0.contains("]") })
        else {
            return [name]
        }
        return [String(name[..<start])] + steps.map(String.init)
    }

    /// Leaves that lie beside each other, by the first step of their paths.
    private static func members(_ leaves: [Leaf]) -> [JSONObject.Member] {
        var places: [[UInt8]: Int] = [:]
        var groups: [(name: String, leaves: [Leaf])] = []
        for leaf in leaves {
            guard let name = leaf.path.first else { continue }
            let rest = Leaf(path: leaf.path.dropFirst(), value: leaf.value)
            if let place = places[Array(name.utf8)] {
                groups[place].leaves.append(rest)
            } else {
                places[Array(name.utf8)] = groups.count
                groups.append((name, [rest]))
            }
        }
        return groups.flatMap { name, leaves -> [JSONObject.Member] in
            let ends = leaves.filter(\.path.isEmpty).map { (name: name, value: $0.value) }
            guard !ends.isEmpty else { return [(name, value(of: members(leaves)))] }
            // A name that is a value cannot be an object too.
            return ends
                + leaves.filter { !$0.path.isEmpty }.map { leaf in
                    (name + leaf.path.map { "[\($0)]" }.joined(), leaf.value)
                }
        }
    }

    private static func value(of members: [JSONObject.Member]) -> JSONValue {
        let isList = members.enumerated().allSatisfy { $0.element.name == String($0.offset) }
        return isList ? .array(members.map(\.value)) : .object(JSONObject(members))
    }
}
