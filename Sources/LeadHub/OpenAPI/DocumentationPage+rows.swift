import HTTP

extension DocumentationPage {
    /// A line of a table: a parameter, or a member of a body.
    struct Row {
        let name: String
        /// What its values look like, in a few words.
        var type: String
        var isRequired: Bool
        let description: String
        /// The cases of an object that have it, by what tells them apart; empty where all have.
        var cases: [String] = []
        var role = Role.value
    }

    enum Role {
        case value
        /// It has members of its own.
        case object
        /// Its text says which case an object is.
        case decider
    }

    /// Every member of an object, and those of the objects within it by their dotted path.
    func rows(of schema: JSONValue, at path: String = "") -> [Row] {
        let schema = resolved(schema)
        if let items = schema["items"] { return rows(of: items, at: "\(path)[]") }
        let cases = objects(in: schema)
        guard cases.isEmpty else { return rows(ofCases: cases, at: path) }
        guard case .object(let properties) = schema["properties"] else { return [] }
        let required = list(schema["required"])
        return properties.flatMap { name, property -> [Row] in
            let path = path.isEmpty ? name : "\(path).\(name)"
            let hasMembers = resolved(property)["properties"] != nil || !objects(in: property).isEmpty
            let row = Row(
                name: path, type: type(of: property), isRequired: required.contains(.string(name)),
                description: string(property["description"]),
                role: property["const"] != nil ? .decider : hasMembers ? .object : .value,
            )
            return [row] + rows(of: property, at: path)
        }
    }

    /// What cases have alike stands once; what decides stands first.
    private func rows(ofCases cases: [JSONValue], at path: String) -> [Row] {
        let labels = cases.map(label)
        var all: [Row] = []
        for (label, item) in zip(labels, cases) {
            for var row in rows(of: item, at: path) {
                row.cases = row.cases.isEmpty ? [label] : row.cases.map { "\(label) \($0)" }
                if let place = all.firstIndex(where: { $0.isLike(row) }) {
                    all[place].join(row)
                } else {
                    all.append(row)
                }
            }
        }
        let sorted = all.filter { $0.role == .decider } + all.filter { $0.role != .decider }
        return sorted.map { row in
            var row = row
            let isInAll = row.cases == labels
            if row.role != .value { row.isRequired = row.isRequired && isInAll }
            row.cases = isInAll || row.role != .value ? [] : row.cases.filter { !$0.isEmpty }
            if row.role == .decider { row.role = .value }
            return row
        }
    }

    /// What tells a case from the others.
    private func label(_ item: JSONValue) -> String {
        guard case .object(let properties) = item["properties"] else { return "" }
        return properties.compactMap { $0.value["const"].map(string) }.joined(separator: " ")
    }

    /// The cases of an object; none where it has only one.
    private func objects(in schema: JSONValue) -> [JSONValue] {
        (list(schema["oneOf"]) + list(schema["anyOf"])).map(resolved).filter { $0["properties"] != nil }
    }

    /// What values look like, in a few words.
    func type(of schema: JSONValue) -> String {
        if let constant = schema["const"] { return string(constant) }
        let types = list(schema["type"]).isEmpty ? [schema["type"] ?? ""] : list(schema["type"])
        var words: [String] = []
        if case .array(let choices) = schema["enum"] {
            words.append(choices.filter { $0 != .null }.map(string).joined(separator: " | "))
        } else if let items = schema["items"] {
            words.append("list of \(type(of: items))")
        } else if !objects(in: schema).isEmpty {
            words.append("object")
        } else if case .array(let schemas) = schema["anyOf"] {
            words.append(schemas.filter { $0 != ["type": "null"] }.map(type).joined(separator: " or "))
        } else {
            words.append(types.filter { $0 != "null" }.map(string).joined(separator: " or "))
        }
        switch schema["format"].map(string) {
        case "password": words[0] = "secret text"
        case let format?: words[0] = format.replacing("idn-", with: "")
        case nil: break
        }
        for (keyword, sign) in [
            ("minLength", "at least"), ("maxLength", "at most"), ("minimum", "from"), ("maximum", "to"),
            ("minItems", "at least"), ("maxItems", "at most"), ("maxProperties", "at most"), ("default", "default"),
        ] {
            guard let value = schema[keyword], value != "", !(keyword == "minLength" && value == 1) else { continue }
            let units = [
                "minLength": "characters", "maxLength": "characters", "minItems": value == 1 ? "item" : "items",
                "maxItems": "items", "maxProperties": "members",
            ]
            let unit = units[keyword].map { " \($0)" } ?? ""
            words.append("\(sign) \(string(value).isEmpty ? value.minified : string(value))\(unit)")
        }
        let takesNull = (list(schema["oneOf"]) + list(schema["anyOf"])).contains(["type": "null"])
        if types.contains("null") || takesNull { words.append("or null") }
        return words.joined(separator: ", ")
    }
}

extension DocumentationPage.Row {
    /// Whether people read the same of both; of what decides, and of objects, they read the members.
    fileprivate func isLike(_ other: Self) -> Bool {
        guard name == other.name, role == other.role else { return false }
        return role != .value
            || (type, isRequired, description) == (other.type, other.isRequired, other.description)
    }

    /// Has this row stand for another one too.
    fileprivate mutating func join(_ other: Self) {
        cases += other.cases
        isRequired = isRequired && other.isRequired
        guard type != other.type else { return }
        switch role {
        case .decider where !type.split(separator: " | ").contains(other.type[...]): type += " | \(other.type)"
        case .object: type = "object"
        case .decider, .value: break
        }
    }
}
