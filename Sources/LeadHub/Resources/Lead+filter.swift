import Foundation
import GRDB
import HTTP

/// Which leads of a workspace a list shows: all conditions must hold.
struct Filter {
    let workspace: Int64
    private(set) var conditions: [Condition] = []
    /// Lists of several values or conditions come in too many kinds to keep a statement for each: with 15 KB for one, a
    /// worker's memory would have no end.
    var isUncommon: Bool { hasSeveralValues || conditions.count > 2 }
    private var hasSeveralValues = false

    static let parameters: [Parameter] = [
        Parameter(.choice("status", Lead.statuses, default: "", about: "Of this status; several with commas."), .list),
        Parameter(.text("source", about: "From this source; several with commas."), .list),
        Parameter(Field("pipeline_id", .id, about: "In this pipeline.")),
        Parameter(Field("stage_id", .id, about: "In this stage.")),
        Parameter(Field("assigned_user_id", .id, about: "Assigned to this user.")),
        Parameter(
            .text("tag", 1...Tag.longestName, about: "With this tag; may come more than once: all must be there."),
            .repeated,
        ),
        Parameter(.text("search", 2...255, about: "With this piece of a name, an email or a phone number.")),
        Parameter(Field("created_after", .time, about: "Made after this moment.")),
        Parameter(Field("created_before", .time, .roundedUp, about: "Made before this moment.")),
        Parameter(Field("updated_after", .time, about: "Last changed after this moment.")),
        Parameter(Field("updated_before", .time, .roundedUp, about: "Last changed before this moment.")),
        Parameter(.boolean("starred", default: false, about: "Starred, or not starred.")),
        Parameter(.text("company", about: "Of this company, compared without case and accents.")),
        Parameter(.email("email", about: "With this address, compared without case.")),
        Parameter(.phone("phone", about: "With this number, compared by its digits.")),
        Parameter(.text("custom_fields", about: "`custom_fields[key]=value`, compared as text."), .keyed),
    ]

    /// One thing that must hold of a lead.
    struct Condition {
        /// Where the leads of which it holds are found, and by which index.
        let source: String
        /// Finds them there.
        let find: String
        let findArguments: [DatabaseValue]
        /// Decides for one lead that was found otherwise.
        let check: String
        let checkArguments: [DatabaseValue]
        /// Tells how many leads there are: without looking at each, but for a search.
        let total: Total
        /// The same in less time, and not exactly.
        var rough: Total?
        /// The same as `check`, of `lead_group`: totals of several such conditions are kept.
        var group: String?
        /// The list's order in which `source` has the leads, where it has one.
        var sortedBy: String?
        /// Whether leads are only known when they are found.
        var isSearch = false
        /// Whether the indexes of the two moments decide it.
        var isCovered = false
        /// Whether it is one of the two moments.
        var isRange = false

        /// A condition on columns that an index begins with.
        init(_ index: String, _ sql: String, _ arguments: [DatabaseValue], total: Total) {
            source = "lead INDEXED BY \(index)"
            (find, check) = (sql, sql)
            (findArguments, checkArguments) = (arguments, arguments)
            self.total = total
        }

        /// A condition on another table, which has the leads' ids.
        init(
            joining table: String, id: String, find: String, _ findArguments: [DatabaseValue],
            check: String, _ checkArguments: [DatabaseValue], total: Total,
        ) {
            // CROSS: else SQLite, having no statistics, may look at every lead first.
            source = "\(table) CROSS JOIN lead ON lead.id = \(id)"
            (self.find, self.findArguments) = (find, findArguments)
            (self.check, self.checkArguments) = (check, checkArguments)
            self.total = total
        }
    }

    init(_ query: Query, workspace: Int64, _ database: Database) throws {
        self.workspace = workspace
        addChoice("status", query.texts("status"))
        addChoice("source", query.texts("source"))
        for (parameter, column, kind) in [
            ("pipeline_id", "pipeline_id", "pipeline"), ("stage_id", "pipeline_stage_id", "stage"),
            ("assigned_user_id", "assigned_user_id", "user"),
        ] {
            if let id = query.integer(parameter) { addReference(column, kind, id) }
        }
        // One more than a lead can have finds nothing, and so do a thousand more.
        let tags = try Set(query.texts("tag").map { try Tag.find($0, workspace: workspace, database) ?? 0 })
        for tag in tags.prefix(Lead.mostTags + 1) { addTag(tag) }
        for column in ["created", "updated"] {
            if let moment = query.integer("\(column)_after") { addRange(column, ">", moment) }
            if let moment = query.integer("\(column)_before") { addRange(column, "<", moment) }
        }
        if let starred = query.integer("starred") { addStarred(starred) }
        for (name, column, compared) in [
            ("company", "company_folded", Text.folded), ("email", "email_folded", Text.caseless),
            ("phone", "phone_digits", Text.phoneDigits),
        ] {
            if let text = query.texts(name).first { addEqual("lead_\(name)", column, compared(text)) }
        }
        let customFields = Set(
            query.keyed("custom_fields").map { Lead.customFieldDigest(Text.normalized($0), Text.normalized($1)) }
        )
        for digest in customFields.prefix(Lead.customFieldLimits.keys + 1) { addCustomField(digest) }
        if let text = query.texts("search").first { addSearch(text) }
    }

    /// All leads of a workspace.
    init(workspace: Int64) {
        self.workspace = workspace
    }

    // MARK: - Conditions

    private mutating func addChoice(_ column: String, _ values: [String]) {
        guard !values.isEmpty else { return }
        let values = Set(values).sorted()
        let places = values.map { _ in "?" }.joined(separator: ", ")
        let sql = values.count == 1 ? "\(column) = ?" : "\(column) IN (\(places))"
        var condition = Condition(
            "lead_\(column)", "lead.\(sql)", values.map(\.databaseValue), total: .kept(column, values, workspace),
        )
        condition.group = sql
        condition.isCovered = true
        if values.count == 1 { condition.sortedBy = "lead_created_at" }
        hasSeveralValues = hasSeveralValues || values.count > 1
        conditions.append(condition)
    }

    private mutating func addReference(_ column: String, _ kind: String, _ id: Int64) {
        var condition = Condition(
            "lead_\(kind)", "lead.\(column) = ?", [id.databaseValue], total: .kept(kind, [String(id)], workspace),
        )
        condition.group = "\(column) = ?"
        condition.isCovered = true
        condition.sortedBy = "lead_created_at"
        conditions.append(condition)
    }

    /// `created` or `updated`, after or before a moment.
    private mutating func addRange(_ column: String, _ comparison: String, _ moment: Int64) {
        var condition = Condition(
            "lead_\(column)_at", "lead.\(column)_at \(comparison) ?", [moment.databaseValue],
            total: .ofHours(column, comparison, moment, workspace),
        )
        condition.rough = .roughlyOfHours(column, comparison, moment, workspace)
        (condition.isCovered, condition.isRange) = (true, true)
        condition.sortedBy = "lead_\(column)_at"
        conditions.append(condition)
    }

    /// Few leads are starred, and have an index.
    private mutating func addStarred(_ starred: Int64) {
        let index = starred == 1 ? "lead_starred" : "lead_created_at"
        var condition = Condition(
            index, "lead.starred = \(starred)", [], total: .ofGroups("starred = \(starred)", [], workspace),
        )
        condition.group = "starred = \(starred)"
        condition.isCovered = true
        condition.sortedBy = "lead_created_at"
        conditions.append(condition)
    }

    private mutating func addEqual(_ index: String, _ column: String, _ text: String) {
        let total = Total(
            "SELECT count(*) FROM lead INDEXED BY \(index) WHERE workspace_id = ? AND deleted_at IS NULL AND \(column) = ?",
            [workspace.databaseValue, text.databaseValue],
        )
        conditions.append(Condition(index, "lead.\(column) = ?", [text.databaseValue], total: total))
    }

    private mutating func addTag(_ id: Int64) {
        let arguments = [workspace.databaseValue, id.databaseValue]
        let condition = Condition(
            joining: "lead_tag", id: "lead_tag.lead_id",
            find: "lead_tag.workspace_id = ? AND lead_tag.tag_id = ?", arguments,
            check: """
                EXISTS (SELECT 1 FROM lead_tag WHERE workspace_id = ? AND tag_id = ? AND lead_id = lead.id)
                """, arguments,
            total: .kept("tag", [String(id)], workspace),
        )
        conditions.append(condition)
    }

    private mutating func addCustomField(_ digest: Data) {
        let arguments = [workspace.databaseValue, digest.databaseValue]
        let condition = Condition(
            joining: "lead_custom_field", id: "lead_custom_field.lead_id",
            find: "lead_custom_field.workspace_id = ? AND lead_custom_field.digest = ?", arguments,
            check: """
                EXISTS (
                    SELECT 1 FROM lead_custom_field WHERE workspace_id = ? AND digest = ? AND lead_id = lead.id
                )
                """, arguments,
            total: Total("SELECT count(*) FROM lead_custom_field WHERE workspace_id = ? AND digest = ?", arguments),
        )
        conditions.append(condition)
    }

    /// Finds leads by a piece of their search text; a query without letters also by a piece of the telephone's digits,
    /// however it is punctuated.
    private mutating func addSearch(_ text: String) {
        let pieces = Filter.pieces(text)
        let match = Set(pieces).sorted().map(Filter.quoted).joined(separator: " OR ")
        let first = workspace << Lead.searchRowBits
        let arguments = [
            match.databaseValue, first.databaseValue, (first + (1 << Lead.searchRowBits) - 1).databaseValue,
        ]
        guard !pieces.isEmpty else {
            conditions.append(Condition("lead_created_at", "0", [], total: Total("SELECT 0", [])))
            return
        }
        var condition = Condition(
            joining: "lead_search", id: "lead_search.rowid & \((1 << Lead.searchRowBits) - 1)",
            find: "lead_search MATCH ? AND lead_search.rowid BETWEEN ? AND ?", arguments,
            check: "(" + pieces.map { _ in "instr(lead.search_text, ?) > 0" }.joined(separator: " OR ") + ")",
            pieces.map(\.databaseValue),
            total: Total(
                "SELECT count(*) FROM lead_search WHERE lead_search MATCH ? AND rowid BETWEEN ? AND ?", arguments,
            ),
        )
        condition.isSearch = true
        conditions.append(condition)
    }

    /// What a query may be a piece of. The digits of a number are looked for as they came, and without leading zeros, as
    /// numbers are kept.
    private static func pieces(_ text: String) -> [String] {
        var pieces = [piece(Lead.words(text))]
        if text.unicodeScalars.allSatisfy({ !$0.properties.isAlphabetic && $0 != "@" }) {
            let (all, short) = (Text.digits(text), Text.phoneDigits(text))
            if all.count >= 2 { pieces.append(piece(all)) }
            if short.count >= 2 { pieces.append(piece(short)) }
        }
        return pieces.filter { $0.unicodeScalars.count >= 3 }
    }

    /// A string of FTS5 (https://www.sqlite.org/fts5.html#fts5_strings), code point by code point: a mark behind a
    /// quotation mark hides it from nobody.
    private static func quoted(_ piece: String) -> String {
        let scalars = piece.unicodeScalars.flatMap { $0 == "\"" ? [$0, $0] : [$0] }
        return "\"\(String(String.UnicodeScalarView(scalars)))\""
    }

    /// The index holds pieces of three characters: two find beginnings of words, by the space before them.
    private static func piece(_ text: String) -> String {
        text.unicodeScalars.count == 2 ? " " + text : text
    }
}
