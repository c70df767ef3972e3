import HTTP

/// What a schema describes.
enum Purpose {
    /// What is sent out: every member is there.
    case answer
    /// A new record: what does not come, or comes as null, has its initial value.
    case new
    /// Changes of a record: what does not come stays.
    case changes
    /// What an update brings to an object of a record: what does not come stays, null stands for the initial value.
    case members
    /// A value in a query.
    case query
}

/// Schemas of objects (JSON Schema 2020-12, as OpenAPI 3.1 takes it).
enum JSONSchema {
    static func reference(_ name: String) -> JSONValue { ["$ref": "#/components/schemas/\(name)"] }

    /// An object of these fields; `example` has values of some. What clients send may have no other members, but for
    /// those that the server sets: they are ignored, so that what was read can be sent back.
    static func object(_ fields: [Field], for purpose: Purpose, example: JSONObject = JSONObject([])) -> JSONValue {
        for (index, field) in fields.enumerated() where purpose != .changes {
            guard case .record(.beside(let decider, let choices)) = field.kind else { continue }
            return [
                "oneOf": .array(
                    choices.map { value, shape in
                        var fields = fields
                        fields[index] = field.having(.record(shape))
                        return object(fields, for: purpose, example: example).where(decider, is: value)
                    })
            ]
        }
        let described = purpose == .answer ? fields : fields.filter { !$0.rules.contains(.readOnly) }
        let properties = described.map { field in
            (name: field.name, value: field.schema(for: purpose, example: field.example(for: purpose, in: example)))
        }
        let required =
            switch purpose {
            case .answer: described
            case .new: described.filter(\.mustCome)
            case .changes, .members, .query: [Field]()
            }
        var schema: JSONValue = ["type": "object", "properties": .object(JSONObject(properties))]
        if !required.isEmpty { schema = schema.with(("required", .array(required.map { .string($0.name) }))) }
        guard purpose != .answer else { return schema }
        let ignored = fields.filter { $0.rules.contains(.readOnly) }.map(\.name)
        if !ignored.isEmpty {
            let names = "^(\(ignored.joined(separator: "|")))$"
            schema = schema.with(("patternProperties", .object(JSONObject([(name: names, value: true)]))))
        }
        return schema.with(("additionalProperties", false))
    }

    /// Without control characters other than tab and line feed.
    static let plainText = "^[^\(control)]*$"
    /// The same, with at least so many characters that are no white space, and without some others.
    static func visibleText(atLeast count: Int, without others: String = "") -> String {
        let none = control + others
        return "^[^\(none)]*" + String(repeating: "[^\(none)\\s][^\(none)]*", count: count) + "$"
    }
    /// The names that a workspace gives to values: no white space at their ends.
    static let key = "^[^\(control)\\s]([^\(control)]*[^\(control)\\s])?$"

    /// With at least five digits.
    static let phone = "^([^\(control)0-9]*[0-9]){5}[^\(control)]*$"
    /// In any script: not all that is good here is a URI by RFC 3986, which has ASCII alone.
    static let url = "^[Hh][Tt][Tt][Pp][Ss]?://(\(hostName)|\(hostNumber))(:(\(port))?)?(\(path))?$"

    /// What is read in the place of a secret.
    static let mask = "^\\*{8}[^\\s\(control)]{0,4}$"

    private static let hostName = "[^/?#\\s\\\\@:\"<>^`{|}\\[\\]\(control)]+"
    private static let hostNumber = "\\[[0-9A-Fa-f]{0,4}(:[0-9A-Fa-f]{0,4}){2,7}((\\.[0-9]{1,3}){3})?\\]"
    private static let port = "6553[0-5]|655[0-2][0-9]|65[0-4][0-9]{2}|6[0-4][0-9]{3}|[0-5]?[0-9]{1,4}"
    private static let path = "[/?#][^\\s\\\\\"<>^`{|}\(control)]*"

    private static let control = "\\u0000-\\u0008\\u000B-\\u001F\\u007F-\\u009F"
}

extension Field {
    /// JSON Schema of the field's values, with what people should know of them.
    func schema(for purpose: Purpose, example: JSONValue) -> JSONValue {
        var schema = plainSchema(for: purpose)
        if takesNull(purpose) { schema = schema.orNull }
        schema = schema.with(("description", .string(description)))
        if purpose == .new || purpose == .query, takesInitial { schema = schema.with(("default", json(initial))) }
        if purpose == .answer && rules.contains(.readOnly) { schema = schema.with(("readOnly", true)) }
        return schema.with(("examples", [example]))
    }

    /// Generators of clients do not all know what to do with a list or an object here.
    private var takesInitial: Bool {
        switch initial {
        case .null, .array, .names, .object: false
        case .text(let text): if case .choice(let choices) = kind { choices.contains(text) } else { true }
        case .integer, .json: true
        }
    }

    private func takesNull(_ purpose: Purpose) -> Bool {
        switch purpose {
        case .answer: isNullable
        case .new, .members: !mustCome
        case .changes: isNullable || empty != nil
        case .query: false
        }
    }

    /// Whether a new record has to bring it: it is required, or has members that are.
    fileprivate var mustCome: Bool {
        if case .record(let shape) = kind, case .object = initial, shape.requiresMembers { return true }
        return rules.contains(.required)
    }

    /// What values look like that are there.
    private func plainSchema(for purpose: Purpose) -> JSONValue {
        switch kind {
        case _ where rules.contains(.secret) && purpose == .answer: ["type": "string"]
        case .id, .reference: integer(1...Int64.max)
        case .integer(let range): integer(range)
        case .text(let length), .referenceByName(_, let length): text(length, purpose)
        case .email: ["type": "string", "format": "idn-email", "maxLength": 254]
        case .phone(let most):
            ["type": "string", "maxLength": .number("\(most)"), "pattern": .string(JSONSchema.phone)]
        case .color: ["type": "string", "pattern": "^#[0-9A-Fa-f]{6}$"]
        case .url: address(purpose)
        case .address: ["type": "string", "format": "uri"]
        case .slug(let length):
            JSONValue.string(length).with(("pattern", "^[a-z0-9]+(-+[a-z0-9]+)*$"))
        case .choice(let choices): ["type": "string", "enum": .array(choices.map { .string($0) })]
        case .choices(let choices):
            list(of: ["type": "string", "enum": .array(choices.map { .string($0) })], choices.count, purpose)
        case .money(let range):
            amount(range, purpose)
        case .boolean: ["type": "boolean"]
        case .time where purpose == .answer: ["type": "string", "format": "date-time"]
        case .time:
            ["anyOf": [["type": "string", "format": "date-time"], ["type": "string", "format": "date"]]]
        case .references(_, let most): list(of: integer(1...Int64.max), most, purpose)
        case .names(let length, let most):
            list(of: Field("", .text(length), .required, about: "").text(length, purpose), most, purpose)
        case .object(let limits): values(limits, purpose)
        case .scalar: ["type": ["string", "number", "boolean"]]
        // What is sent out is what came: null for a custom field too.
        case .either(let kinds): ["anyOf": .array(kinds.map { having($0).plainSchema(for: .new) })]
        case .record(let shape): shape.schema(for: nested(purpose))
        case .records(let shape, let most): list(of: shape.schema(for: nested(purpose)), most, purpose)
        }
    }

    /// Objects within are checked whole, like new ones, unless an update only brings members to what is there.
    private func nested(_ purpose: Purpose) -> Purpose {
        guard purpose == .changes else { return purpose }
        return rules.contains(.merged) ? .members : .new
    }

    /// In the place of one that is a secret an update may send back its mask.
    private func address(_ purpose: Purpose) -> JSONValue {
        let isSecret = rules.contains(.secret)
        let pattern = isSecret && purpose == .members ? "\(JSONSchema.url)|\(JSONSchema.mask)" : JSONSchema.url
        let schema: JSONValue = ["type": "string", "maxLength": 2048, "pattern": .string(pattern)]
        return isSecret ? schema.with(("format", "password")) : schema
    }

    private func integer(_ range: ClosedRange<Int64>) -> JSONValue {
        // Without a limit any number is taken, also one that 64 bits do not hold.
        let schema: JSONValue = ["type": "integer", "minimum": .number("\(range.lowerBound)")]
        return range.upperBound == .max ? schema : schema.with(("maximum", .number("\(range.upperBound)")))
    }

    /// Programs that calculate in binary find some amounts to be no multiple of a hundredth: answers do not promise it.
    private func amount(_ range: ClosedRange<Int64>, _ purpose: Purpose) -> JSONValue {
        let (least, most) = (json(.integer(range.lowerBound)), json(.integer(range.upperBound)))
        let schema: JSONValue = ["type": "number", "minimum": least, "maximum": most]
        return purpose == .answer ? schema : schema.with(("multipleOf", .number("0.01")))
    }

    /// Text is trimmed, and one that is empty is no value.
    private func text(_ length: ClosedRange<Int>, _ purpose: Purpose) -> JSONValue {
        var text = JSONValue.string(length)
        if purpose == .answer { return text }
        if takesNull(purpose) { text = JSONValue.string(0...length.upperBound) }
        if rules.contains(.secret) { text = text.with(("format", "password")) }
        guard !takesNull(purpose) else { return text.with(("pattern", .string(JSONSchema.plainText))) }
        return text.with(("pattern", .string(JSONSchema.visibleText(atLeast: min(2, length.lowerBound)))))
    }

    /// The limits are those of what is sent: a pipeline may gain more stages later than it can be made with.
    private func list(of items: JSONValue, _ most: Int, _ purpose: Purpose) -> JSONValue {
        let schema: JSONValue = ["type": "array", "items": items]
        if purpose == .answer { return schema }
        let limited = schema.with(("maxItems", .number("\(most)")))
        return rules.contains(.required) ? limited.with(("minItems", 1)) : limited
    }

    private func values(_ limits: ObjectLimits, _ purpose: Purpose) -> JSONValue {
        if limits.isNested { return ["type": "object", "additionalProperties": true] }
        let text: JSONValue = ["type": "string", "pattern": .string(JSONSchema.plainText)]
        let other: JSONValue = ["type": ["number", "boolean", "null"]]
        let answered: JSONValue = ["type": ["string", "number", "boolean"]]
        return [
            "type": "object",
            "additionalProperties": purpose == .answer ? answered : ["anyOf": [text, other]],
            "propertyNames": JSONValue.string(limits.keyLength).with(("pattern", .string(JSONSchema.key))),
            "maxProperties": .number("\(limits.keys)"),
        ]
    }
}

extension Shape {
    /// Whether no object of this shape is empty.
    fileprivate var requiresMembers: Bool {
        switch self {
        case .fields(let fields), .depending(let fields, _): fields.contains(where: \.mustCome)
        case .choice(let field, _, _): field.rules.contains(.required)
        case .beside: false
        }
    }

    /// One schema, or one for each choice, told apart by the constants in them.
    func schema(for purpose: Purpose) -> JSONValue {
        let variants = variants(Variant()).map { $0.schema(for: purpose) }
        // What a member beside the object decides may look the same in two cases.
        if case .beside = self { return ["anyOf": .array(variants)] }
        return variants.count == 1 ? variants[0] : ["oneOf": .array(variants)]
    }

    fileprivate struct Variant {
        var decided: [(field: Field, value: String)] = []
        var fields: [Field] = []

        func schema(for purpose: Purpose) -> JSONValue {
            let object = JSONSchema.object(decided.map(\.field) + fields, for: purpose)
            guard case .object(let properties) = object["properties"], !decided.isEmpty else { return object }
            let constants = decided.map { field, value -> JSONObject.Member in
                (field.name, ["type": "string", "const": .string(value), "description": .string(field.description)])
            }
            let names =
                decided.map { JSONValue.string($0.field.name) }
                + (required(object).filter { name in
                    !decided.contains { .string($0.field.name) == name }
                })
            return object.with(
                ("title", .string(decided.map(\.value).joined(separator: " "))),
                ("properties", JSONValue.object(properties).with(JSONObject(constants))), ("required", .array(names)),
            )
        }

        private func required(_ object: JSONValue) -> [JSONValue] {
            if case .array(let names) = object["required"] { names } else { [] }
        }
    }

    fileprivate func variants(_ sofar: Variant) -> [Variant] {
        switch self {
        case .fields(let fields), .depending(let fields, _):
            return [Variant(decided: sofar.decided, fields: sofar.fields + fields)]
        case .beside(_, let choices):
            return choices.flatMap { $0.shape.variants(sofar) }
        case .choice(let field, let always, let choices):
            return choices.flatMap { value, shape in
                shape.variants(Variant(decided: sofar.decided + [(field, value)], fields: sofar.fields + always))
            }
        }
    }
}

extension JSONValue {
    /// The schema of the same values and null.
    fileprivate var orNull: JSONValue {
        for keyword in ["anyOf", "oneOf"] {
            if case .array(let schemas) = self[keyword] { return with((keyword, .array(schemas + [["type": "null"]]))) }
        }
        var schema = self
        if case .array(let choices) = self["enum"] { schema = schema.with(("enum", .array(choices + [.null]))) }
        return switch self["type"] {
        case .array(let types): schema.with(("type", .array(types + ["null"])))
        case let type?: schema.with(("type", [type, "null"]))
        case nil: schema
        }
    }

    /// The schema of texts of so many code points.
    fileprivate static func string(_ length: ClosedRange<Int>) -> JSONValue {
        let schema: JSONValue = ["type": "string", "maxLength": .number("\(length.upperBound)")]
        return length.lowerBound == 0 ? schema : schema.with(("minLength", .number("\(length.lowerBound)")))
    }

    /// The schema of those of its objects whose member of this name is this text.
    fileprivate func `where`(_ member: String, is text: String) -> JSONValue {
        guard let properties = self["properties"], let decider = properties[member] else { return self }
        let constant: JSONValue = [
            "type": "string", "const": .string(text), "description": decider["description"] ?? "",
        ]
        return with(("title", .string(text)), ("properties", properties.with((member, constant))))
    }
}
