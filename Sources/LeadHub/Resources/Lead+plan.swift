import GRDB

/// How many leads something holds of, as a query that does not look at each of them.
struct Total {
    let sql: String
    let arguments: [DatabaseValue]

    init(_ sql: String, _ arguments: [DatabaseValue]) {
        (self.sql, self.arguments) = (sql, arguments)
    }

    /// What `lead_count` has of one kind and these values.
    static func kept(_ kind: String, _ values: [String], _ workspace: Int64) -> Total {
        let places = values.map { _ in "?" }.joined(separator: ", ")
        return Total(
            """
            SELECT coalesce(sum(count), 0) FROM lead_count WHERE workspace_id = ? AND kind = ? AND value IN (\(places))
            """,
            [workspace.databaseValue, kind.databaseValue] + values.map(\.databaseValue),
        )
    }

    /// What `lead_group` has of which all this holds.
    static func ofGroups(_ conditions: String, _ arguments: [DatabaseValue], _ workspace: Int64) -> Total {
        Total(
            "SELECT coalesce(sum(count), 0) FROM lead_group WHERE workspace_id = ? AND \(conditions)",
            [workspace.databaseValue] + arguments,
        )
    }

    /// What lies after (`>`) or before (`<`) a moment, to the hour: that one is counted whole.
    static func roughlyOfHours(_ column: String, _ comparison: String, _ moment: Int64, _ workspace: Int64) -> Total {
        Total(
            """
            SELECT coalesce(sum(count), 0) FROM lead_count
            WHERE workspace_id = ? AND kind = ? AND value \(comparison)= printf('%010d', ?)
            """,
            [workspace.databaseValue, column.databaseValue, (moment / 3600).databaseValue],
        )
    }

    /// What lies after (`>`) or before (`<`) a moment: whole hours are kept, the rest of its hour is counted.
    static func ofHours(_ column: String, _ comparison: String, _ moment: Int64, _ workspace: Int64) -> Total {
        let hour = moment / 3600
        let (first, end) = comparison == ">" ? (moment + 1, (hour + 1) * 3600) : (hour * 3600, moment)
        return Total(
            """
            SELECT (
                SELECT coalesce(sum(count), 0) FROM lead_count
                WHERE workspace_id = ? AND kind = ? AND value \(comparison) printf('%010d', ?)
            ) + (
                SELECT count(*) FROM lead INDEXED BY lead_\(column)_at
                WHERE workspace_id = ? AND deleted_at IS NULL AND \(column)_at >= ? AND \(column)_at < ?
            )
            """,
            [
                workspace.databaseValue, column.databaseValue, hour.databaseValue,
                workspace.databaseValue, first.databaseValue, end.databaseValue,
            ],
        )
    }
}

extension Filter {
    /// How a list is read. SQLite keeps no statistics that would tell a rare status from a common one; we know exact
    /// totals, and choose.
    enum Plan: Equatable {
        /// In the list's order, leaving out what does not fit: good where much fits.
        case ordered
        /// What fits this condition first, then sorted: good where little fits.
        case found(by: Int)
        /// What fits this condition, which an index has in the list's order.
        case natural(by: Int)
    }

    /// How many leads there are, and how many of them fit each condition; nil where that is only known when they are
    /// found.
    struct Sizes {
        let all: Int64
        let fitting: [Int64?]

        /// What a search finds is taken for one lead in twenty: to count it takes as long as to find it.
        func weight(_ condition: Int) -> Int64 { fitting[condition] ?? all / 20 }

        /// The condition that the fewest leads fit.
        var narrowest: Int { fitting.indices.min { weight($0) < weight($1) } ?? 0 }

        /// How many leads fit all conditions, were these independent of each other: to count them may cost more than to
        /// read a part of the list.
        var estimate: Int64 {
            let share = fitting.indices.reduce(1.0) { $0 * Double(weight($1)) / Double(max(1, all)) }
            return Int64((share * Double(all)).rounded(.up))
        }
    }

    func sizes(_ database: Database) throws -> Sizes {
        let all = try number(.kept("all", [""], workspace), database)
        // To choose a way, it need not be exact.
        let isRough = conditions.count > 1
        return Sizes(
            all: all,
            fitting: try conditions.map { condition in
                if condition.isSearch { return nil }
                return try number(isRough ? condition.rough ?? condition.total : condition.total, database)
            },
        )
    }

    /// How many leads the filter leaves: kept or counted on one index where that can be, else counted among those that
    /// fit one of the conditions.
    func total(_ sizes: Sizes, _ database: Database) throws -> Int64 {
        if conditions.isEmpty { return sizes.all }
        if conditions.count == 1 { return try sizes.fitting[0] ?? number(conditions[0].total, database) }
        let groups = conditions.compactMap(\.group)
        if groups.count == conditions.count {
            let arguments = conditions.flatMap(\.checkArguments)
            return try number(.ofGroups(groups.joined(separator: " AND "), arguments, workspace), database)
        }
        let plan = Plan.found(by: countedBy(sizes))
        return try number(
            Total("SELECT count(*) \(source(plan))", [workspace.databaseValue] + values(plan)), database,
        )
    }

    /// The narrowest condition, or where its index decides all others too, a range that is not much wider.
    private func countedBy(_ sizes: Sizes) -> Int {
        let narrowest = sizes.narrowest
        let ranges = conditions.indices.filter { conditions[$0].isRange }
        guard conditions.allSatisfy(\.isCovered), let range = ranges.min(by: { sizes.weight($0) < sizes.weight($1) })
        else { return narrowest }
        // The other condition's own index goes on with the moment at which leads were made.
        let isDecided = conditions.count == 2 && ranges.count == 1 && conditions[range].sortedBy == "lead_created_at"
        let isWorthIt = sizes.weight(range) < Filter.timesFaster * sizes.weight(narrowest)
        return isDecided || !isWorthIt ? narrowest : range
    }

    /// How many leads are counted on an index in the time that it takes to look at one.
    private static let timesFaster: Int64 = 5

    /// Weighs the ways by how many leads each has to look at, where so many match and so many of those are read.
    func plan(_ order: Order, _ sizes: Sizes, matches: Int64, reading: Int64) -> Plan {
        if conditions.isEmpty { return .ordered }
        guard matches > 0 else { return .found(by: sizes.narrowest) }
        // In order, one lead in so many fits; what is found is looked at whole.
        let share = Double(min(reading, matches)) / Double(matches)
        var best = (plan: Plan.ordered, steps: share * Double(sizes.all))
        for (index, condition) in conditions.enumerated() where condition.sortedBy == order.index {
            let steps = share * Double(sizes.weight(index))
            if steps < best.steps { best = (.natural(by: index), steps) }
        }
        return best.steps <= Double(sizes.weight(sizes.narrowest)) ? best.plan : .found(by: sizes.narrowest)
    }

    /// Reads a piece of the list. A plan that filters in the list's order looks at so many leads only: where too few of
    /// them fit, those that do are found first after all, by the condition that leaves the fewest.
    ///
    /// - Parameters:
    ///   - order: of the list.
    ///   - sizes: of the conditions.
    ///   - matches: how many leads fit all conditions, as far as is known.
    ///   - step: the piece.
    ///   - limit: how many leads at the most.
    ///   - offset: how many of the piece come before.
    ///   - database: within a read.
    ///   - result: what is made of the leads.
    ///   - take: adds one to it, with a column for each field and one for what the list is sorted by.
    /// - Returns: how many leads there were.
    /// - Throws: `DatabaseError`.
    func read<Result>(
        _ order: Order, _ sizes: Sizes, matches: Int64, in step: Order.Step, limit: Int64, offset: Int64,
        _ database: Database, into result: inout Result, _ take: (inout Result, Row) -> Void,
    ) throws -> Int64 {
        func read(_ plan: Plan, _ step: Order.Step, into result: inout Result) throws -> Int64 {
            let statement = try statement(plan, order, where: step.condition, database)
            let arguments = arguments(plan) + StatementArguments(step.arguments) + [limit, offset]
            let rows = try Row.fetchCursor(statement, arguments: arguments)
            var count: Int64 = 0
            while let row = try rows.next() {
                take(&result, row)
                count += 1
            }
            return count
        }
        let plan = plan(order, sizes, matches: matches, reading: offset + limit)
        guard let from = leavesOutFrom(plan, sizes) else { return try read(plan, step, into: &result) }
        let within = Filter.timesTheExpected * max(limit + offset, from / max(1, matches) * (limit + offset))
        guard within < from / 4, let beginning = try beginning(of: step, within, plan, order, database) else {
            return try read(plan, step, into: &result)
        }
        var attempt = result
        let count = try read(plan, beginning, into: &attempt)
        guard count < limit else {
            result = attempt
            return count
        }
        return try read(.found(by: sizes.narrowest), step, into: &result)
    }

    /// From how many leads a plan leaves out what does not fit; nil where it leaves out nothing, or sorts.
    private func leavesOutFrom(_ plan: Plan, _ sizes: Sizes) -> Int64? {
        switch plan {
        case .ordered: conditions.isEmpty ? nil : sizes.all
        case .natural(let driver): conditions.count == 1 ? nil : sizes.weight(driver)
        case .found: nil
        }
    }

    /// The first leads of a piece, so many of those that a plan goes through.
    ///
    /// - Returns: nil where there are no more, or the next one has no value to end with.
    private func beginning(
        of step: Order.Step, _ count: Int64, _ plan: Plan, _ order: Order, _ database: Database,
    ) throws -> Order.Step? {
        let condition = driver(plan).map { conditions[$0] }
        let sql = """
            SELECT \(order.column), lead.id FROM \(condition?.source ?? "lead INDEXED BY \(order.index)")
            WHERE lead.workspace_id = ? AND lead.deleted_at IS NULL \(condition.map { "AND \($0.find)" } ?? "")
                \(step.condition) \(order.sql(unindexed: false)) LIMIT 1 OFFSET ?
            """
        let statement = try prepared(sql, order, database)
        let values = [workspace.databaseValue] + (condition?.findArguments ?? []) + step.arguments
        guard let end = try Row.fetchOne(statement, arguments: StatementArguments(values) + [count]) else { return nil }
        return order.step(step, before: end[0], id: end[1])
    }

    /// How many more leads than would have to be looked at, were those that fit spread evenly.
    private static let timesTheExpected: Int64 = 16

    /// Selects the fields' columns and what the list is sorted by. One more condition may come with a leading AND, its
    /// arguments after the filter's own; the last arguments are limit and offset.
    func statement(
        _ plan: Plan, _ order: Order, where condition: String = "", _ database: Database,
    ) throws -> Statement {
        let isFound = if case .found = plan { true } else { false }
        // Without statistics SQLite takes a range for narrower than a value: at a cursor's value it must not see ours.
        let isAtValue = condition.hasPrefix(" AND \(order.column) =")
        let filtered = source(plan, order)
        let source = (isAtValue ? filtered.replacing(order.column, with: "+\(order.column)") : filtered) + condition
        let columns = "SELECT \(Lead.table.columns), \(order.column)"
        let sorted = "\(order.sql(unindexed: isFound)) LIMIT ? OFFSET ?"
        // What is found is sorted by what the list is sorted by, and not with all its columns.
        let sql =
            isFound
            ? "\(columns) FROM (SELECT lead.id AS place \(source) \(sorted)) CROSS JOIN lead ON lead.id = place "
                + order.sql(unindexed: true)
            : "\(columns) \(source) \(sorted)"
        return try prepared(sql, order, database)
    }

    private func prepared(_ sql: String, _ order: Order, _ database: Database) throws -> Statement {
        let isKept = !isUncommon && (conditions.count < 2 || order.isUsual)
        return isKept ? try database.cachedStatement(sql: sql) : try database.makeStatement(sql: sql)
    }

    func arguments(_ plan: Plan) -> StatementArguments {
        StatementArguments([workspace.databaseValue] + values(plan))
    }

    /// FROM and WHERE.
    private func source(_ plan: Plan, _ order: Order? = nil) -> String {
        let driver = driver(plan)
        let table = driver.map { conditions[$0].source } ?? order.map { "lead INDEXED BY \($0.index)" } ?? "lead"
        let filters = conditions.indices.map { " AND \($0 == driver ? conditions[$0].find : conditions[$0].check)" }
        return "FROM \(table) WHERE lead.workspace_id = ? AND lead.deleted_at IS NULL" + filters.joined()
    }

    private func values(_ plan: Plan) -> [DatabaseValue] {
        let driver = driver(plan)
        return conditions.indices.flatMap {
            $0 == driver ? conditions[$0].findArguments : conditions[$0].checkArguments
        }
    }

    private func driver(_ plan: Plan) -> Int? {
        switch plan {
        case .ordered: nil
        case .found(let driver), .natural(let driver): driver
        }
    }

    private func number(_ total: Total, _ database: Database) throws -> Int64 {
        let statement =
            isUncommon ? try database.makeStatement(sql: total.sql) : try database.cachedStatement(sql: total.sql)
        return try Int64.fetchOne(statement, arguments: StatementArguments(total.arguments)) ?? 0
    }
}

extension Lead {
    /// How many leads there are of a kind and value, for a statement that selects another record: `value` and
    /// `workspace` are that one's columns.
    static func kept(_ kind: String, value: String, of workspace: String) -> String {
        """
        SELECT coalesce(sum(count), 0) FROM lead_count
        WHERE lead_count.workspace_id = \(workspace) AND kind = '\(kind)' AND value = CAST(\(value) AS TEXT)
        """
    }
}
