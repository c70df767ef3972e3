import Crypto
import Foundation
import GRDB
import HTTP

/// What somebody outside says of a lead, made to fit before any lock is taken. Nothing is refused: what no field takes
/// is a custom field, and what is past the limits of those is a line of the notes.
struct Intake {
    /// What fits the lead's fields; tags, notes and custom fields stand apart.
    var input = Input()
    private(set) var customFields: [JSONObject.Member] = []
    /// Where each key's custom field stands.
    private var places: [String: Int] = [:]
    /// A whole name, which first and last name are taken from where they do not come.
    private var fullName: String?
    var tags: [String] = []
    var notes: [String] = []
    /// The fields that were said of this lead, not of all of a kind.
    private var given: Set<String> = []

    static let customFieldsPrefix = "custom_fields."

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
        case ("full_name", _) where fullName == nil, ("name", _) where fullName == nil:
            fullName = text
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
        case _ where name.hasPrefix(Intake.customFieldsPrefix):
            addCustomField(value, String(name.dropFirst(Intake.customFieldsPrefix.count)))
        default:
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
    fileprivate mutating func takeNameApart() {
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
        if name.unicodeScalars.count <= 64 { tags.append(name) } else { notes.append("tag: \(name)") }
    }

    private mutating func addCustomField(_ value: JSONValue, _ name: String) {
        guard let text = Intake.text(value) else { return }
        let key = Intake.key(name)
        guard let place = places[key] else {
            places[key] = customFields.count
            switch value {
            case .number, .boolean: customFields.append((key, value))
            default: customFields.append((key, .string(text)))
            }
            return
        }
        customFields[place].value = .string("\(Intake.text(customFields[place].value) ?? ""); \(text)")
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

extension Lead {
    /// Finds the lead that somebody outside speaks of, by email, else by phone, and gives it what it lacks; else makes
    /// one. Nothing that a lead has is overwritten.
    ///
    /// - Parameters:
    ///   - intake: what was said.
    ///   - known: the id of the lead, where it is known already that it is this one.
    ///   - workspace: the lead's.
    ///   - actor: who it came through.
    ///   - database: inside a transaction that writes: no two of them make the same lead.
    ///   - now: Unix seconds.
    /// - Returns: the lead as it is then, a column for each field, and whether it was there.
    /// - Throws: `DatabaseError`.
    static func take(
        _ intake: Intake, into known: Int64? = nil, workspace: Int64, by actor: Actor, _ database: Database, now: Int64,
    ) throws -> (lead: Row, isDuplicate: Bool) {
        var intake = intake
        intake.takeNameApart()
        try intake.leaveOutWhatIsGone(workspace: workspace, database)
        guard let id = try known ?? matches(intake.input, workspace: workspace, database).first else {
            var input = intake.news(to: JSONObject([]), now: now)
            if input["first_name"] == nil { input["first_name"] = .text(name(from: input)) }
            return (try insert(input, workspace: workspace, by: actor, database, now: now), false)
        }
        let lead = try table.find(id, workspace: workspace, database)
        let input = intake.news(to: JSONObject(lead, fields), now: now)
        return (try change(lead, with: input, workspace: workspace, by: actor, database, now: now), true)
    }

    /// What a lead is called that gave no name.
    private static func name(from input: Input) -> String {
        input.text("email").flatMap { $0.split(separator: "@").first.map(String.init) } ?? input.text("phone")
            ?? "Unknown"
    }
}

extension Intake {
    /// Forgets the pipeline, stage and user that are not to be had, or do not go together.
    fileprivate mutating func leaveOutWhatIsGone(workspace: Int64, _ database: Database) throws {
        for name in ["pipeline_id", "pipeline_stage_id", "assigned_user_id"] {
            var (one, problems) = (Input(), Problems())
            one[name] = input[name]
            try one.checkReferences(
                of: Lead.fields, changing: nil, workspace: workspace, database, problems: &problems,
            )
            if !problems.isEmpty { setAside(name) }
        }
        var problems = Problems()
        try Lead.checkStage(input, workspace: workspace, database, &problems)
        if !problems.isEmpty { setAside("pipeline_stage_id") }
    }

    /// Keeps an id that names nothing as a custom field.
    private mutating func setAside(_ name: String) {
        if let id = input.integer(name), given.contains(name) { addCustomField(.number(String(id)), name) }
        input[name] = nil
    }

    /// What of it a lead lacks that is `current`; with no members, a new one.
    fileprivate func news(to current: JSONObject, now: Int64) -> Input {
        var news = Input()
        func lacks(_ name: String) -> Bool { (current[name] ?? .null) == .null }
        for field in Lead.fields where lacks(field.name) { news[field.name] = input[field.name] }
        if !lacks("pipeline_id") {
            news["pipeline_stage_id"] = nil
        } else if case .string(let status) = current["status"] {
            // A place that was none may be a won one; the status was there before.
            if news["pipeline_id"] != nil || news["pipeline_stage_id"] != nil { news["status"] = .text(status) }
        }
        var notes = notes
        if let added = addedCustomFields(to: current["custom_fields"], &notes) { news["custom_fields"] = added }
        if let all = allTags(with: current["tags"], &notes) { news["tags"] = all }
        if let all = allNotes(with: current["notes"], notes, now: now) { news["notes"] = all }
        return news
    }

    /// The custom fields that the lead lacks, as far as there is room; the others go into the notes.
    private func addedCustomFields(to current: JSONValue?, _ notes: inout [String]) -> Value? {
        var members: [JSONObject.Member] = []
        if case .object(let object) = current { members = Array(object) }
        let known = Set(members.map(\.name))
        var size = JSONValue.object(JSONObject(members)).minified.utf8.count
        var added: [JSONObject.Member] = []
        var lines: [String] = []
        for member in customFields where !known.contains(member.name) {
            let more = JSONValue.object(JSONObject([member])).minified.utf8.count
            let limits = Lead.customFieldLimits
            if members.count + added.count < limits.keys && size + more <= limits.sizeInBytes {
                size += more
                added.append(member)
            } else {
                lines.append("\(member.name): \(Intake.text(member.value) ?? "")")
            }
        }
        if !lines.isEmpty { notes.append(lines.joined(separator: "\n")) }
        return added.isEmpty ? nil : .object(JSONObject(added))
    }

    /// The lead's tags and those that it lacks, as far as there is room.
    private func allTags(with current: JSONValue?, _ notes: inout [String]) -> Value? {
        var names: [String] = []
        if case .array(let items) = current { names = items.compactMap(Intake.text) }
        let before = names.count
        var seen = Set(names.map(Text.folded))
        for tag in tags where seen.insert(Text.folded(tag)).inserted {
            if names.count < Lead.mostTags { names.append(tag) } else { notes.append("tag: \(tag)") }
        }
        return names.count == before ? nil : .names(names)
    }

    /// The lead's notes, and below them with today's date those that are not there.
    private func allNotes(with current: JSONValue?, _ added: [String], now: Int64) -> Value? {
        guard !added.isEmpty else { return nil }
        guard case .string(let before) = current else { return .text(Intake.cut(added.joined(separator: "\n\n"))) }
        let date = Timestamp.text(now).prefix(10)
        var notes = before
        for text in added {
            let paragraph = text.split(separator: "\n").joined(separator: "\n")
            if !Intake.has(notes, text, paragraph) { notes += "\n\n\(date): \(paragraph)" }
        }
        let all = Intake.cut(notes)
        return all == before ? nil : .text(all)
    }

    private static func has(_ notes: String, _ text: String, _ paragraph: String) -> Bool {
        let dated = "2026-11-23: ".utf8.count + paragraph.utf8.count
        return notes == text || notes.hasPrefix("\(text)\n\n")
            || notes.components(separatedBy: "\n\n").contains {
                $0 == paragraph || ($0.utf8.count == dated && $0.hasSuffix(": \(paragraph)"))
            }
    }

    /// What of notes there is room for; the history has the rest.
    private static func cut(_ notes: String) -> String {
        Text.normalized(Text.first(Lead.mostNotes, of: notes))
    }
}
