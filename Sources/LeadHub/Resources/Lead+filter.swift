import Foundation
import GRDB
import HTTP

/// Which leads of a workspace a list shows: all conditions must hold.
struct Filter {
    private let workspace: Int64
    private var conditions: [Condition] = []
    /// Lists of several values come in too many lengths to keep a statement for each.
    private var isUncommon = false

    var isEmpty: Bool { conditions.isEmpty }

    static let parameters: [Parameter] = [
        Parameter(.choice("status", Lead.statuses, default: "", about: "Of this status; several with commas."), .list),
        Parameter(.text("source", about: "From this source; several with commas."), .list),
        Parameter(Field("pipeline_id", .id, about: "In this pipeline.")),
        Parameter(Field("stage_id", .id, about: "In this stage.")),
        Parameter(Field("assigned_user_id", .id, about: "Assigned to this user.")),
        Parameter(.text("tag", 1...64, about: "With this tag; may come more than once: all must be there."), .repeated),
        Parameter(.text("search", 2...255, about: "With this piece of a name, an email or a phone number.")),
        Parameter(Field("created_after", .time, about: "Made after this moment.")),
        Parameter(Field("created_before", .time, about: "Made before this moment.")),
        Parameter(Field("updated_after", .time, about: "Last changed after this moment.")),
        Parameter(Field("updated_before", .time, about: "Last changed before this moment.")),
        Parameter(.boolean("starred", default: false, about: "Starred, or not starred.")),
        Parameter(.text("company", about: "Of this company, compared without case and accents.")),
        Parameter(.email("email", about: "With this address, compared without case.")),
        Parameter(.phone("phone", about: "With this number, compared by its digits.")),
        Parameter(.text("custom_fields", about: "`custom_fields[key]=value`, compared as text."), .keyed),
    ]

    /// One thing that must hold of a lead.
    private struct Condition {
        /// Lets SQLite find the leads by an index.
        let find: String
        /// Decides for one lead that another index has found.
        let check: String
        let findArguments: [DatabaseValue]
        let checkArguments: [DatabaseValue]
        /// Tells how many leads there are without looking at each, where something does.
        var total: (sql: String, arguments: [DatabaseValue])?
        /// Whether an index has just these leads in the order in which they were made.
        var isSortedByCreation = false

        init(_ sql: String, _ arguments: [DatabaseValue]) {
            (find, check) = (sql, sql)
            (findArguments, checkArguments) = (arguments, arguments)
        }

        init(find: String, _ findArguments: [DatabaseValue], check: String, _ checkArguments: [DatabaseValue]) {
            (self.find, self.findArguments) = (find, findArguments)
            (self.check, self.checkArguments) = (check, checkArguments)
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
        for (parameter, condition) in [
            ("created_after", "lead.created_at > ?"), ("created_before", "lead.created_at < ?"),
            ("updated_after", "lead.updated_at > ?"), ("updated_before", "lead.updated_at < ?"),
        ] {
            if let moment = query.integer(parameter) { conditions.append(Condition(condition, [moment.databaseValue])) }
        }
        if let starred = query.integer("starred") {
            var condition = Condition("lead.starred = \(starred)", [])
            condition.isSortedByCreation = starred == 1
            if starred == 0 { condition.total = unstarred }
            conditions.append(condition)
        }
        for (name, column, compared) in [
            ("company", "company_folded", Text.folded), ("email", "email_folded", Text.caseless),
            ("phone", "phone_digits", Text.phoneDigits),
        ] {
            guard let text = query.texts(name).first else { continue }
            conditions.append(Condition("lead.\(column) = ?", [compared(text).databaseValue]))
        }
        let customFields = Set(
            query.keyed("custom_fields").map { Lead.customFieldDigest(Text.normalized($0), Text.normalized($1)) }
        )
        for digest in customFields.prefix(Lead.mostCustomFields + 1) { addCustomField(digest) }
        if let text = query.texts("search").first { addSearch(text) }
    }

    // MARK: - Conditions

    private mutating func addChoice(_ column: String, _ values: [String]) {
        guard !values.isEmpty else { return }
        let values = Set(values).sorted()
        let places = values.map { _ in "?" }.joined(separator: ", ")
        let sql = values.count == 1 ? "lead.\(column) = ?" : "lead.\(column) IN (\(places))"
        var condition = Condition(sql, values.map(\.databaseValue))
        condition.total = kept(column, values, places)
        condition.isSortedByCreation = values.count == 1
        isUncommon = isUncommon || values.count > 1
        conditions.append(condition)
    }

    private mutating func addReference(_ column: String, _ kind: String, _ id: Int64) {
        var condition = Condition("lead.\(column) = ?", [id.databaseValue])
        condition.total = kept(kind, [String(id)], "?")
        condition.isSortedByCreation = true
        conditions.append(condition)
    }

    private mutating func addTag(_ id: Int64) {
        let arguments = [workspace.databaseValue, id.databaseValue]
        var condition = Condition(
            find: "lead.id IN (SELECT lead_id FROM lead_tag WHERE workspace_id = ? AND tag_id = ?)", arguments,
            check: """
                EXISTS (SELECT 1 FROM lead_tag WHERE workspace_id = ? AND tag_id = ? AND lead_id = lead.id)
                """, arguments,
        )
        condition.total = kept("tag", [String(id)], "?")
        conditions.append(condition)
    }

    private mutating func addCustomField(_ digest: Data) {
        let arguments = [workspace.databaseValue, digest.databaseValue]
        var condition = Condition(
            find: "lead.id IN (SELECT lead_id FROM lead_custom_field WHERE workspace_id = ? AND digest = ?)", arguments,
            check: """
                EXISTS (
                    SELECT 1 FROM lead_custom_field WHERE workspace_id = ? AND digest = ? AND lead_id = lead.id
                )
                """, arguments,
        )
        condition.total = (
            "SELECT count(*) FROM lead_custom_field WHERE workspace_id = ? AND digest = ?", arguments
        )
        conditions.append(condition)
    }

    /// A piece of the search text; where the query has digits and nothing else that is said, of the telephone's digits
    /// too, however they are written.
    private mutating func addSearch(_ text: String) {
        var pieces = [Filter.piece(Lead.words(text))]
        let isNumber = text.unicodeScalars.allSatisfy { !$0.properties.isAlphabetic && $0 != "@" }
        let digits = Text.phoneDigits(text)
        if isNumber && digits.unicodeScalars.count >= 2 { pieces.append(Filter.piece(digits)) }
        pieces = pieces.filter { $0.unicodeScalars.count >= 3 }
        let match = Set(pieces).sorted().map { "\"\($0.replacing("\"", with: "\"\""))\"" }.joined(separator: " OR ")
        let first = workspace << Lead.searchRowBits
        let arguments = [
            match.databaseValue, first.databaseValue, (first + (1 << Lead.searchRowBits) - 1).databaseValue,
        ]
        guard !pieces.isEmpty else {
            conditions.append(Condition("0", []))
            return
        }
        var condition = Condition(
            find: """
                lead.id IN (
                    SELECT rowid & \((1 << Lead.searchRowBits) - 1) FROM lead_search
                    WHERE lead_search MATCH ? AND rowid BETWEEN ? AND ?
                )
                """, arguments,
            check: "(" + pieces.map { _ in "instr(lead.search_text, ?) > 0" }.joined(separator: " OR ") + ")",
            pieces.map(\.databaseValue),
        )
        condition.total = (
            "SELECT count(*) FROM lead_search WHERE lead_search MATCH ? AND rowid BETWEEN ? AND ?", arguments
        )
        conditions.append(condition)
    }

    /// The index holds pieces of three characters: two find beginnings of words, by the space before them.
    private static func piece(_ text: String) -> String {
        text.unicodeScalars.count == 2 ? " " + text : text
    }

    private func kept(
        _ kind: String, _ values: [String], _ places: String,
    ) -> (sql: String, arguments: [DatabaseValue]) {
        (
            """
            SELECT coalesce(sum(count), 0) FROM lead_count WHERE workspace_id = ? AND kind = ? AND value IN (\(places))
            """,
            [workspace.databaseValue, kind.databaseValue] + values.map(\.databaseValue)
        )
    }

    /// Nearly all leads are: those that are not are counted.
    private var unstarred: (sql: String, arguments: [DatabaseValue]) {
        let all = kept("all", [""], "?")
        let starred = "SELECT count(*) FROM lead WHERE workspace_id = ? AND starred = 1 AND deleted_at IS NULL"
        return ("SELECT (\(all.sql)) - (\(starred))", all.arguments + [workspace.databaseValue])
    }

    // MARK: - Totals and plans

    /// How many leads there are: kept or counted on one index where there is one condition, else counted.
    func total(_ database: Database) throws -> Int64 {
        let single = conditions.isEmpty ? kept("all", [""], "?") : conditions.count == 1 ? conditions[0].total : nil
        let (sql, arguments) = single ?? counted
        let statement = isUncommon ? try database.makeStatement(sql: sql) : try database.cachedStatement(sql: sql)
        return try Int64.fetchOne(statement, arguments: StatementArguments(arguments)) ?? 0
    }

    private var counted: (sql: String, arguments: [DatabaseValue]) {
        (
            "SELECT count(*) FROM lead WHERE lead.workspace_id = ? AND lead.deleted_at IS NULL"
                + conditions.map { " AND \($0.find)" }.joined(),
            [workspace.databaseValue] + conditions.flatMap(\.findArguments)
        )
    }

    /// How a list is read. SQLite keeps no statistics that would tell a rare status from a common one; we know the
    /// exact total, and choose.
    enum Plan {
        /// SQLite finds the one index that has the leads, and has them in their order.
        case natural
        /// In the list's order, leaving out what does not fit: good where much fits.
        case ordered
        /// What fits first, then sorted: good where little fits.
        case found
    }

    /// Weighs both ways by how many leads each has to look at, where so many match and so many of those are read.
    func plan(_ order: Order, matches: Int64, reading: Int64, _ database: Database) throws -> Plan {
        if conditions.isEmpty { return .ordered }
        if conditions.count == 1 && conditions[0].isSortedByCreation && order.index == "lead_created_at" {
            return .natural
        }
        guard matches > 0 else { return .found }
        let all = try Filter(workspace: workspace).total(database)
        return Double(min(reading, matches)) * Double(all) / Double(matches) < Double(matches) ? .ordered : .found
    }

    private init(workspace: Int64) {
        self.workspace = workspace
    }

    /// Selects the fields' columns and what the list is sorted by. One more condition may come with a leading AND, its
    /// arguments after the filter's own; the last arguments are limit and offset.
    func statement(
        _ plan: Plan, _ order: Order, where condition: String = "", _ database: Database,
    ) throws -> Statement {
        // Without statistics SQLite takes a range for narrower than a value: at a cursor's value it must not see ours.
        let isAtValue = condition.hasPrefix(" AND \(order.column) =")
        let filters = conditions.map { " AND \(plan == .ordered ? $0.check : $0.find)" }.joined()
        let sql =
            "SELECT \(Lead.table.columns), \(order.column) FROM lead"
            + (plan == .ordered ? " INDEXED BY \(order.index)" : "")
            + " WHERE lead.workspace_id = ? AND lead.deleted_at IS NULL"
            + (isAtValue ? filters.replacing(order.column, with: "+\(order.column)") : filters) + condition
            + " \(order.sql(unindexed: plan == .found)) LIMIT ? OFFSET ?"
        return isUncommon ? try database.makeStatement(sql: sql) : try database.cachedStatement(sql: sql)
    }

    func arguments(_ plan: Plan) -> StatementArguments {
        StatementArguments(
            [workspace.databaseValue]
                + conditions.flatMap { plan == .ordered ? $0.checkArguments : $0.findArguments }
        )
    }
}
