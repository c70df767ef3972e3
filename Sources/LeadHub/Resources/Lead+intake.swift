import GRDB
import HTTP

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
            let input = intake.news(to: JSONObject([]), now: now)
            return (try make(input, workspace: workspace, by: actor, database, now: now), false)
        }
        let lead = try table.find(id, workspace: workspace, database)
        var current = JSONObject(lead, fields)
        if try hasStandInName(id, database) { current = current.without("first_name") }
        let input = intake.news(to: current, now: now)
        return (try change(lead, with: input, workspace: workspace, by: actor, database, now: now), true)
    }

    /// Makes a lead; where nobody said its name something else stands in for that, until somebody does.
    private static func make(
        _ input: Input, workspace: Int64, by actor: Actor, _ database: Database, now: Int64,
    ) throws -> Row {
        guard input["first_name"] == nil else {
            return try insert(input, workspace: workspace, by: actor, database, now: now)
        }
        var input = input
        let local = input.text("email").flatMap { $0.split(separator: "@").first.map(String.init) }
        input["first_name"] = .text(local ?? input.text("phone") ?? "Unknown")
        let lead = try insert(input, workspace: workspace, by: actor, database, now: now)
        try database.cachedStatement(sql: "UPDATE lead SET has_stand_in_name = 1 WHERE id = ?")
            .execute(arguments: [lead["id"] as Int64])
        return lead
    }

    private static func hasStandInName(_ id: Int64, _ database: Database) throws -> Bool {
        let statement = try database.cachedStatement(sql: "SELECT has_stand_in_name FROM lead WHERE id = ?")
        return try Bool.fetchOne(statement, arguments: [id]) ?? false
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
        var leftOver = leftOver
        if let added = addedCustomFields(to: current["custom_fields"], &leftOver) { news["custom_fields"] = added }
        if let all = allTags(with: current["tags"], &leftOver) { news["tags"] = all }
        let notes = leftOver.isEmpty ? notes : notes + [leftOver.joined(separator: "\n")]
        if let all = Notes(current["notes"]).adding(notes, now: now) { news["notes"] = .text(all) }
        return news
    }

    /// The custom fields that the lead lacks, as far as there is room; the others are left over.
    private func addedCustomFields(to current: JSONValue?, _ leftOver: inout [String]) -> Value? {
        var members: [JSONObject.Member] = []
        if case .object(let object) = current { members = Array(object) }
        let known = Set(members.map(\.name))
        var size = JSONValue.object(JSONObject(members)).minified.utf8.count
        var added: [JSONObject.Member] = []
        for member in customFieldMembers() where !known.contains(member.name) {
            let more = JSONValue.object(JSONObject([member])).minified.utf8.count
            let limits = Lead.customFieldLimits
            if members.count + added.count < limits.keys && size + more <= limits.sizeInBytes {
                size += more
                added.append(member)
            } else {
                leftOver.append("\(member.name): \(Intake.text(member.value) ?? "")")
            }
        }
        return added.isEmpty ? nil : .object(JSONObject(added))
    }

    /// The lead's tags and those that it lacks, as far as there is room.
    private func allTags(with current: JSONValue?, _ leftOver: inout [String]) -> Value? {
        var names: [String] = []
        if case .array(let items) = current { names = items.compactMap(Intake.text) }
        let before = names.count
        var seen = Set(names.map(Text.folded))
        for tag in tags where seen.insert(Text.folded(tag)).inserted {
            if names.count < Lead.mostTags { names.append(tag) } else { leftOver.append("tag: \(tag)") }
        }
        return names.count == before ? nil : .names(names)
    }
}

/// A lead's notes, in paragraphs.
private struct Notes {
    /// Empty where the lead has none.
    private let before: String

    init(_ value: JSONValue?) {
        before = if case .string(let text) = value { text } else { "" }
    }

    /// With what is not there yet below them, each a paragraph with today's date. In one pass: this is done while all
    /// other writers wait.
    ///
    /// - Returns: nil where there is nothing new, or no room for it: the history has the rest.
    func adding(_ texts: [String], now: Int64) -> String? {
        guard !texts.isEmpty else { return nil }
        guard !before.isEmpty else { return Notes.cut(texts.joined(separator: "\n\n")) }
        let date = Timestamp.text(now).prefix("2026-11-23".count)
        var there = paragraphs()
        var all = before
        for text in texts where before != text && !before.hasPrefix("\(text)\n\n") {
            let paragraph = text.split(separator: "\n").joined(separator: "\n")
            if there.insert(paragraph).inserted { all += "\n\n\(date): \(paragraph)" }
        }
        all = Notes.cut(all)
        return all == before ? nil : all
    }

    /// Each as it stands, and where it may be dated also without the date.
    private func paragraphs() -> Set<String> {
        let dated = "2026-11-23: ".count
        var paragraphs: Set<String> = []
        for paragraph in before.split(separator: "\n\n") {
            paragraphs.insert(String(paragraph))
            if paragraph.dropFirst(dated - 2).hasPrefix(": ") {
                paragraphs.insert(String(paragraph.dropFirst(dated)))
            }
        }
        return paragraphs
    }

    private static func cut(_ notes: String) -> String {
        Text.normalized(Text.first(Lead.mostNotes, of: notes))
    }
}
