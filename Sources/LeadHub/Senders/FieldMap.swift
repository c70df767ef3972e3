import HTTP

extension Intake {
    /// Puts what a service says under a lead's fields: by the integration's map, else as the service says, else by a
    /// name that forms commonly use, else as a custom field under its own name. The first value that fits a field has
    /// it; others stay under their own names.
    ///
    /// - Parameters:
    ///   - details: in the service's order.
    ///   - map: under a lead's field, `full_name` or `custom_fields.<key>` what the service calls it.
    init(_ details: [Detail], map: JSONObject) {
        self.init()
        let map = FieldMap(map, details)
        for found in map.found { take(found.values, as: found.field) }
        let others = details.enumerated().filter { !map.used.contains($0.offset) }.map(\.element)
        let fields = others.map { detail in detail.field ?? CommonName.exact(detail) }
        let guesses = zip(others, fields).map { detail, field in field ?? CommonName.field(for: detail) }
        for (detail, field) in zip(others, fields) where detail.field != nil { take(detail, as: field) }
        for (detail, field) in zip(others, fields) where detail.field == nil && field != nil { take(detail, as: field) }
        for index in others.indices where fields[index] == nil && guesses[index] != nil {
            take(others[index], as: guesses[index])
        }
        for index in others.indices where guesses[index] == nil { take(others[index], as: nil) }
    }

    private mutating func take(_ detail: Detail, as field: String?) {
        let own = "\(Lead.customFieldPrefix)\(detail.name)"
        let isOwn = detail.name == "custom_fields" || Text.behind(Lead.customFieldPrefix, in: detail.name) != nil
        let field = field ?? (isOwn ? detail.name : own)
        add(Intake.single(detail.value, for: field), as: field, otherwise: detail.name)
    }

    /// Takes what one place of the map leads to. A name in parts becomes one; else each value is taken by itself.
    private mutating func take(_ values: [Detail], as field: String) {
        guard field == "full_name", values.count > 1 else {
            for value in values { take(value, as: field) }
            return
        }
        let words = values.compactMap { Intake.text($0.value) }
        add(.string(words.joined(separator: " ")), as: field)
    }

    /// A field takes one text, and a list of several as one; tags are a list, a name's parts are put together, and of
    /// several addresses or numbers each is looked at by itself.
    private static func single(_ value: JSONValue, for field: String) -> JSONValue {
        guard !["tags", "email", "phone", "full_name", "name"].contains(field), case .array(let items) = value else {
            return value
        }
        return items.count == 1 ? items[0] : Intake.text(value).map { .string($0) } ?? .null
    }
}

/// Where a map finds a lead's fields among the details.
private struct FieldMap {
    private(set) var found: [(field: String, values: [Detail])] = []
    /// Which details were found.
    private(set) var used: Set<Int> = []

    private let details: [Detail]
    /// Where a detail of this name is, for the names that matter.
    private var places: [String: [Int]] = [:]
    /// Where the details below this path are.
    private var below: [String: [Int]] = [:]

    /// How many steps of a name are looked at.
    private static let mostSteps = 32

    init(_ map: JSONObject, _ details: [Detail]) {
        self.details = details
        guard !map.isEmpty else { return }
        let paths = map.compactMap {
            if case .string(let path) = $0.value { (field: $0.name, path: path) } else { nil }
        }
        index(paths.flatMap { [$0.path, FieldMap.dotted($0.path)] })
        for (field, path) in paths {
            let places =
                self.places[path] ?? self.places[FieldMap.dotted(path)] ?? below[path]
                ?? below[FieldMap.dotted(path)]
            if let places {
                used.formUnion(places)
                found.append((field, places.map { details[$0] }))
            } else if let values = within(FieldMap.dotted(path)) {
                found.append((field, values))
            }
        }
    }

    /// A path as PHP's forms write it, `contact[email]`, with dots.
    private static func dotted(_ path: String) -> String {
        path.contains("[") ? path.replacing("[", with: ".").replacing("]", with: "") : path
    }

    private mutating func index(_ paths: [String]) {
        let asked = Set(paths + paths.flatMap { FieldMap.prefixes($0).map(String.init) })
        for (place, detail) in details.enumerated() {
            for name in [detail.name] + detail.otherNames {
                if asked.contains(name) { FieldMap.add(place, to: &places[name, default: []]) }
                for prefix in FieldMap.prefixes(name).map(String.init) where asked.contains(prefix) {
                    FieldMap.add(place, to: &below[prefix, default: []])
                }
            }
        }
    }

    private static func add(_ place: Int, to places: inout [Int]) {
        if places.last != place { places.append(place) }
    }

    /// What stands before each dot.
    private static func prefixes(_ name: String) -> [Substring] {
        var prefixes: [Substring] = []
        var rest = name.utf8[...]
        while prefixes.count < mostSteps, let dot = rest.firstIndex(of: UInt8(ascii: ".")) {
            prefixes.append(name[..<dot])
            rest = rest[dot...].dropFirst()
        }
        return prefixes
    }

    /// What lies at a path within a detail that is an object or a list. The detail stays what it is.
    private func within(_ path: String) -> [Detail]? {
        for prefix in FieldMap.prefixes(path).reversed() {
            guard let place = places[String(prefix)]?.first else { continue }
            let steps = path.dropFirst(prefix.count + 1).split(separator: ".")
            let value = steps.reduce(details[place].value as JSONValue?) { $0?[String($1)] }
            return value.map { Detail.all(in: JSONObject([(path, $0)])) }
        }
        return nil
    }
}
