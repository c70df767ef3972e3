import Crypto
import Foundation
import HTTP

/// What somebody outside says of a lead, made to fit before any lock is taken. Nothing is refused: what no field takes
/// is a custom field, and what is past the limits of those is a line of the notes.
struct Intake {
    /// What fits the lead's fields; tags, notes and custom fields stand apart.
    var input = Input()
    private var customFields: [(key: String, values: [JSONValue])] = []
    /// Where each key's custom field stands.
    private var places: [String: Int] = [:]
    /// A whole name, which first and last name are taken from where they do not come.
    private var fullName: String?
    /// The same in parts: the field that each is, and what it is called where that is said otherwise.
    private var nameParts: [(field: String, value: JSONValue, key: String)] = []
    private(set) var tags: [String] = []
    private(set) var notes: [String] = []
    /// What there is no other room for: lines of the notes.
    private(set) var leftOver: [String] = []
    /// The fields that were said of this lead, not of all of a kind.
    private(set) var given: Set<String> = []

    /// Takes a value in.
    ///
    /// - Parameters:
    ///   - value: as it came; blank ones say nothing.
    ///   - name: of a lead's field; `custom_fields.` and a key; anything else is a key of its own.
    ///   - key: of the custom field where no other field takes it; nil for the name.
    mutating func add(_ value: JSONValue, as name: String, otherwise key: String? = nil) {
        guard let text = Intake.text(value) else { return }
        let name = Text.tolerated(name)
        switch (name, value) {
        case ("notes", _):
            notes.append(text)
        case ("full_name", .object(let parts)), ("name", .object(let parts)):
            for part in parts { addNamePart(part, of: key ?? name) }
        case ("full_name", _) where fullName == nil, ("name", _) where fullName == nil:
            fullName = Intake.words(value)
        case ("email", .array(let items)), ("phone", .array(let items)):
            let (first, others) = Intake.first(of: items) { Intake.fitting($0, name) != nil }
            if input[name] == nil, let first {
                add(first, as: name)
                addCustomField(.array(others), key ?? name)
            } else {
                addCustomField(value, key ?? name)
            }
        case ("tags", .array(let items)):
            for item in items { addTag(item) }
        case ("tags", _):
            for piece in text.split(separator: ",") { addTag(.string(String(piece))) }
        case ("custom_fields", .object(let members)):
            for member in members { addCustomField(member.value, member.name) }
        default:
            if let own = Text.behind(Lead.customFieldPrefix, in: name) { return addCustomField(value, own) }
            guard input[name] == nil, let fitting = Intake.fitting(value, name) else {
                return addCustomField(value, key ?? name)
            }
            input[name] = fitting
            given.insert(name)
        }
    }

    /// Takes what is said for all leads of a kind, where this one says nothing of its own.
    ///
    /// - Parameter initial: of place, user, source and tags, checked.
    mutating func complete(with initial: Input) {
        let isPlaced = input["pipeline_id"] != nil || input["pipeline_stage_id"] != nil
        for name in isPlaced ? [] : ["pipeline_id", "pipeline_stage_id"] { input[name] = initial[name] }
        for name in ["assigned_user_id", "source"] where input[name] == nil { input[name] = initial[name] }
        if case .names(let names) = initial["tags"] { tags = names + tags }
    }

    /// First and last name from the whole one: what follows the first space is the last name. A name that is not needed
    /// is a custom field.
    mutating func takeNameApart() {
        for part in nameParts { add(part.value, as: part.field, otherwise: part.key) }
        nameParts = []
        guard let name = fullName else { return }
        fullName = nil
        let given = [input.text("first_name"), input.text("last_name")].compactMap { $0 }
        guard given.isEmpty else {
            if given.joined(separator: " ") != name { addCustomField(.string(name), "full_name") }
            return
        }
        let words = name.split(separator: " ", maxSplits: 1).map { JSONValue.string(String($0)) }
        let parts = zip(["first_name", "last_name"], words).map { ($0, Intake.fitting($1, $0)) }
        guard parts.allSatisfy({ $0.1 != nil }) else { return addCustomField(.string(name), "full_name") }
        for (field, part) in parts { input[field] = part }
    }

    /// What services call the parts of a name.
    static let nameParts = [
        "first": "first_name", "first_name": "first_name", "last": "last_name", "last_name": "last_name",
    ]

    private mutating func addNamePart(_ part: JSONObject.Member, of name: String) {
        let key = "\(name).\(part.name)"
        guard let field = Intake.nameParts[part.name] else { return addCustomField(part.value, key) }
        nameParts.append((field, part.value, key))
    }

    /// The value as the field of this name has it; nil where there is no such field, or it takes no such value.
    private static func fitting(_ value: JSONValue, _ name: String) -> Value? {
        guard let field = Lead.fields.first(where: { $0.name == name && !$0.rules.contains(.readOnly) }) else {
            return nil
        }
        var given = field.lenient(value)
        if case .string(let text) = given { given = .string(Text.tolerated(text)) }
        var problems = Problems()
        let body = JSONObject([(name: name, value: given)])
        let checked = Input(body, fields: [field], isNew: false, problems: &problems)[name]
        return checked == .null ? nil : checked
    }

    /// The first of several values that fits, and all that say something else.
    static func first(
        of items: [JSONValue], _ fits: (JSONValue) -> Bool,
    ) -> (first: JSONValue?, others: [JSONValue]) {
        guard let first = items.prefix(mostTried).first(where: fits) else { return (nil, items) }
        return (first, items.filter { $0 != first })
    }

    private static let mostTried = 100

    private mutating func addTag(_ value: JSONValue) {
        guard let name = Intake.text(value) else { return }
        if name.unicodeScalars.count <= Tag.longestName { tags.append(name) } else { leftOver.append("tag: \(name)") }
    }

    mutating func addCustomField(_ value: JSONValue, _ name: String) {
        guard Intake.text(value) != nil else { return }
        let key = Intake.key(name)
        if let place = places[key] {
            customFields[place].values.append(value)
        } else {
            places[key] = customFields.count
            customFields.append((key, [value]))
        }
    }

    /// Each custom field with its value; several of one key are one text.
    func customFieldMembers() -> [JSONObject.Member] {
        customFields.map { key, values in
            switch values[0] {
            case .number where values.count == 1, .boolean where values.count == 1: (key, values[0])
            default: (key, .string(values.compactMap(Intake.text).joined(separator: "; ")))
            }
        }
    }

    /// A key that custom fields take: a long one is cut, and what is left of it kept apart from others by its hash.
    private static func key(_ name: String) -> String {
        let key = Text.tolerated(name)
        if key.isEmpty { return "unnamed" }
        let most = Lead.customFieldLimits.keyLength.upperBound
        guard key.unicodeScalars.count > most else { return key }
        let suffix = SHA256.hash(data: Data(key.utf8)).prefix(4).map { String(format: "%02x", $0) }.joined()
        return Text.normalized(Text.first(most - suffix.count - 1, of: key)) + "-" + suffix
    }

    /// A name as one text; the parts of one that comes as a list, as words.
    private static func words(_ value: JSONValue) -> String? {
        guard case .array(let items) = value else { return text(value) }
        return items.compactMap(text).joined(separator: " ")
    }

    /// Any value as one text, lists joined; nil where it is blank.
    static func text(_ value: JSONValue) -> String? {
        let text =
            switch value {
            case .null: ""
            case .boolean(let isTrue): isTrue ? "true" : "false"
            case .number(let text): text
            case .string(let text): Text.tolerated(text)
            case .array(let items): items.compactMap(Intake.text).joined(separator: "; ")
            case .object: Text.tolerated(value.minified)
            }
        return text.isEmpty ? nil : text
    }
}
