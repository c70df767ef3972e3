/// A member of a record, declared once: validation and its messages, the columns, the JSON that goes
/// out and the OpenAPI document all come from this.
package struct Field: Sendable {
    package private(set) var name: String
    package private(set) var kind: Kind
    package let rules: Rules
    /// What a new record has when nothing was sent; `.null` where that is "no value".
    package let initial: Value
    /// What the field says, for people who read the API's documentation.
    package let description: String
    /// What is wrong with a value that its kind allows, as the end of a message; nil where nothing is.
    private(set) var objection: (@Sendable (Value) -> String?)?
    /// The same of each text in a value, be it one itself, a list of them or an object with some.
    private(set) var textObjection: (@Sendable (String) -> String?)?

    package enum Kind: Sendable {
        /// Positive, never used twice.
        case id
        /// Text of so many code points.
        case text(ClosedRange<Int>)
        /// An address of at most 254 characters (RFC 5321 §4.5.3.1.3), compared without case.
        case email
        /// A telephone number of at most so many characters, compared by its digits.
        case phone(Int)
        /// `#RRGGBB`
        case color
        /// An address of the web (RFC 3986), `http` or `https`, of at most 2,048 characters.
        case url
        /// An address on this server; inside, its path.
        case address
        /// Lower-case letters, digits and hyphens within, of so many characters.
        case slug(ClosedRange<Int>)
        case choice([String])
        /// A set of such texts.
        case choices([String])
        case integer(ClosedRange<Int64>)
        /// An amount with two decimals; inside, a whole number of hundredths.
        case money(ClosedRange<Int64>)
        case boolean
        /// A moment; inside, Unix seconds.
        case time
        /// The id of a row in another table of the same workspace.
        case reference(Reference)
        /// The ids of at most so many of them.
        case references(Reference, most: Int)
        /// The name of such a row, of so many code points, compared folded.
        case referenceByName(Reference, ClosedRange<Int>)
        /// A set of names of so many code points each, at most so many; compared folded, unless they are `exact`.
        case names(ClosedRange<Int>, most: Int)
        /// Values under keys that the workspace chooses, within limits.
        case object(ObjectLimits)
        /// A text, a number or a boolean.
        case scalar
        /// What one of several kinds takes; the first that does counts.
        indirect case either([Kind])
        /// An object of declared members.
        case record(Shape)
        /// At most so many of them, in their order.
        case records(Shape, most: Int)
    }

    package struct Rules: OptionSet, Sendable {
        package let rawValue: Int

        package init(rawValue: Int) { self.rawValue = rawValue }

        /// A new record must bring it; no list of it may be empty.
        package static let required = Rules(rawValue: 1)
        /// The server sets it; what a client sends of it is ignored.
        package static let readOnly = Rules(rawValue: 2)
        /// Once created it stays as it is.
        package static let fixed = Rules(rawValue: 4)
        /// No two records of a workspace have the same, compared folded.
        package static let unique = Rules(rawValue: 8)
        /// A second column holds the text folded: it is sorted and searched by that.
        package static let folded = Rules(rawValue: 16)
        /// An update of an object brings members to those that are there.
        package static let merged = Rules(rawValue: 32)
        /// Never sent out as it is: it reads as a mask with its last four characters.
        package static let secret = Rules(rawValue: 64)
        /// As a member of an object it must come, though null may be what comes.
        package static let present = Rules(rawValue: 128)
        /// Nobody looks at what comes of it: it has no value.
        package static let ignored = Rules(rawValue: 1024)
        /// Sent out as it is, and kept nowhere in the clear.
        package static let sealed = Rules(rawValue: 256)
        /// A moment within a second counts as the next one: whole seconds before that are before it.
        package static let roundedUp = Rules(rawValue: 2048)
        /// No record is without it, though no client need bring it: the server knows what to set.
        package static let always = Rules(rawValue: 512)
        /// Names of a set are another one where a single code point differs.
        package static let exact = Rules(rawValue: 4096)
    }

    package struct Reference: Equatable, Sendable {
        package let table: String
        /// What must hold of the row beside its being there, in SQL.
        package let condition: String?

        package init(_ table: String, where condition: String? = nil) {
            self.table = table
            self.condition = condition
        }
    }

    package struct ObjectLimits: Sendable {
        package let keys: Int
        /// Code points of a key.
        package let keyLength: ClosedRange<Int>
        /// Of the whole object as minified JSON.
        package let sizeInBytes: Int
        /// Whether values may be objects and arrays too: for what the server itself writes.
        package let isNested: Bool

        package init(keys: Int, keyLength: ClosedRange<Int>, sizeInBytes: Int, isNested: Bool = false) {
            self.keys = keys
            self.keyLength = keyLength
            self.sizeInBytes = sizeInBytes
            self.isNested = isNested
        }
    }

    package init(
        _ name: String, _ kind: Kind, _ rules: Rules = [], initial: Value = .null, about description: String,
    ) {
        self.name = name
        self.kind = kind
        self.rules = rules
        self.initial = initial
        self.description = description
    }

    /// The same field under another name.
    func renamed(_ name: String) -> Field {
        var field = self
        field.name = name
        return field
    }

    /// The same field, of another kind.
    package func having(_ kind: Kind) -> Field {
        var field = self
        field.kind = kind
        return field
    }

    /// The same field, whose values must also do where its kind has nothing against them.
    ///
    /// - Parameter objection: says what is wrong with a value, as the end of a message ("must be a number."); nil where
    ///   nothing is.
    /// - Returns: the field.
    package func refusing(_ objection: @escaping @Sendable (Value) -> String?) -> Field {
        var field = self
        field.objection = objection
        return field
    }

    /// The same field, in whose values each text must also do: in a list or an object too, where it is refused under its
    /// own path.
    package func refusingTexts(_ objection: @escaping @Sendable (String) -> String?) -> Field {
        var field = self
        field.textObjection = objection
        return field
    }

    /// The name as messages write it.
    package var title: String { name.replacing("_", with: " ") }

    /// Whether "no value" is one that a record may hold.
    package var isNullable: Bool { rules.isDisjoint(with: [.required, .always]) && initial == .null }

    /// What null makes of a set or an object in an update; nil for fields that cannot be emptied so.
    package var empty: Value? {
        switch kind {
        case .names: .names([])
        case .object: .object(JSONObject([]))
        case .references, .records: .array([])
        default: nil
        }
    }

    /// The column beside the field's own by which it is compared, where it has one.
    package var comparedColumn: String? {
        switch kind {
        case .phone: "\(name)_digits"
        case .email: "\(name)_folded"
        case .slug: nil
        default: rules.isDisjoint(with: [.unique, .folded]) ? nil : "\(name)_folded"
        }
    }

    /// What `comparedColumn` holds for a text.
    package func compared(_ text: String) -> String {
        switch kind {
        case .phone: Text.phoneDigits(text)
        case .email: Text.caseless(text)
        default: Text.folded(text)
        }
    }
}

extension Field {
    package static let id = Field("id", .id, [.readOnly, .always], about: "Names the record; never used twice.")
    package static let createdAt = Field(
        "created_at", .time, [.readOnly, .always], about: "When the record was made.",
    )
    package static let updatedAt = Field(
        "updated_at", .time, [.readOnly, .always], about: "When the record last changed.",
    )

    package static func text(
        _ name: String, _ length: ClosedRange<Int> = 1...255, _ rules: Rules = [], default initial: String? = nil,
        about description: String,
    ) -> Field {
        Field(name, .text(length), rules, initial: initial.map { .text($0) } ?? .null, about: description)
    }

    package static func email(_ name: String, _ rules: Rules = [], about description: String) -> Field {
        Field(name, .email, rules, about: description)
    }

    package static func phone(_ name: String, about description: String) -> Field {
        Field(name, .phone(32), about: description)
    }

    package static func color(_ name: String, default initial: String, about description: String) -> Field {
        Field(name, .color, initial: .text(initial), about: description)
    }

    package static func choice(
        _ name: String, _ choices: [String], default initial: String, about description: String,
    ) -> Field {
        Field(name, .choice(choices), initial: .text(initial), about: description)
    }

    package static func integer(
        _ name: String, _ range: ClosedRange<Int64>, default initial: Int64? = nil, about description: String,
    ) -> Field {
        Field(name, .integer(range), initial: initial.map { .integer($0) } ?? .null, about: description)
    }

    package static func boolean(_ name: String, default initial: Bool, about description: String) -> Field {
        Field(name, .boolean, initial: .integer(initial ? 1 : 0), about: description)
    }

    package static func reference(
        _ name: String, to reference: Reference, _ rules: Rules = [], about description: String,
    ) -> Field {
        Field(name, .reference(reference), rules, about: description)
    }

    /// How many other records belong to this one; the database keeps the number.
    package static func count(_ name: String, about description: String) -> Field {
        Field(name, .integer(0...Int64.max), .readOnly, initial: .integer(0), about: description)
    }
}

/// A field's value after it was checked, as its column holds it.
package enum Value: Equatable, Sendable {
    case null
    /// Also booleans (0 and 1), hundredths, Unix seconds and ids.
    case integer(Int64)
    case text(String)
    case names([String])
    case array([JSONValue])
    case object(JSONObject)
    /// A `scalar`, as it came.
    case json(JSONValue)
}
