import Foundation
import GRDB
import HTTP
import Testing

@testable import LeadHub

/// How SQLite goes about what lists ask of it: by an index, within the workspace, always.
@Suite struct LeadPlanTests {
    private static let filters = [
        "status=new", "status=new,lost", "source=api", "source=api,web", "pipeline_id=1", "stage_id=1",
        "assigned_user_id=1", "tag=vip", "tag=vip&tag=rare", "search=sarah", "search=sa", "search=555-1234",
        "created_after=2026-09-21", "created_before=2026-09-21", "updated_after=2026-09-21",
        "updated_before=2026-09-21",
        "starred=true", "starred=false", "company=Acme", "email=a@b.example", "phone=5551234", "custom_fields[a]=b",
        "tag=vip&status=new", "search=sarah&source=api", "custom_fields[a]=b&created_after=2026-09-21&starred=true",
    ]

    /// Whatever statements run, with many leads that fit and with few.
    @Test func answersListsByIndexesOnly() throws {
        try Workbench.run { bench in
            _ = try bench.pipeline("Sales", ["New"], isDefault: true)
            let user = try bench.user("user@example.com")
            for number in 0..<30 {
                let tags = number == 7 ? "\"vip\", \"rare\"" : number % 2 == 0 ? "\"vip\"" : ""
                let name = number % 5 == 0 ? "Sarah" : "N\(number)"
                _ = try bench.lead(
                    """
                    {"first_name": "\(name)", "tags": [\(tags)], "company": "Acme", "assigned_user_id": \(user),
                    "email": "a\(number % 3)@b.example", "phone": "5551234", "custom_fields": {"a": "b"}}
                    """
                )
            }
            for filter in Self.filters + [""] {
                for sort in LeadSample.sorts {
                    let direction = (filter.count + sort.count) % 2 == 0 ? "asc" : "desc"
                    let list = "/api/v1/leads?sort=\(sort)&direction=\(direction)&per_page=2&\(filter)"
                    var next: String?
                    let statements = try traced(bench) {
                        #expect(try bench.get(list).status == 200)
                        next = try bench.get(list + "&cursor=")["meta", "next_cursor"]?.string
                        if let next { #expect(try bench.get("\(list)&cursor=\(next)").status == 200) }
                    }
                    #expect(statements.count > 2, "\(list)")
                    for statement in statements { try expectIndexed(statement, bench) }
                }
            }
        }
    }

    /// Each way of reading a list, chosen or not, for every filter, order and direction; and what is said to be in order
    /// is not sorted again.
    @Test func readsEveryListByAnIndexInEveryWay() throws {
        try Workbench.run { bench in
            for sort in LeadSample.sorts {
                for direction in ["asc", "desc"] {
                    // Leads with one address are few, in whatever order.
                    for filter in Self.filters + [""] where sort != "email" || !filter.hasPrefix("email=") {
                        let target = Target("/api/v1/leads?sort=\(sort)&direction=\(direction)&\(filter)")
                        let query = try Query(target, parameters: Lead.listParameters)
                        let order = Order(query)
                        let condition = try Filter(query, workspace: bench.workspace, bench.database)
                        let cursor = ListCursor(list: "", value: .integer(5), id: 7)
                        for step in order.steps(after: nil) + order.steps(after: cursor) {
                            let ordered = try condition.statement(
                                .ordered, order, where: step.condition, bench.database)
                            try expectIndexed(ordered.sql, bench, isSorted: true)
                            for driver in condition.conditions.indices {
                                let plan = Filter.Plan.found(by: driver)
                                let found = try condition.statement(plan, order, where: step.condition, bench.database)
                                try expectIndexed(found.sql, bench)
                            }
                        }
                    }
                }
            }
            for filter in [
                "status=new", "source=a", "pipeline_id=1", "stage_id=1", "assigned_user_id=1", "starred=true",
                "created_after=2026-09-21", "created_before=2026-09-21&status=new",
                "sort=updated_at&updated_after=2026-09-21",
            ] {
                for direction in ["asc", "desc"] {
                    let target = Target("/api/v1/leads?direction=\(direction)&\(filter)")
                    let query = try Query(target, parameters: Lead.listParameters)
                    let condition = try Filter(query, workspace: bench.workspace, bench.database)
                    let natural = try condition.statement(.natural(by: 0), Order(query), bench.database)
                    try expectIndexed(natural.sql, bench, isSorted: true)
                }
            }
        }
    }

    /// Where the leads that fit lie together at either end, the list is the same, by pages and by cursor, and no
    /// statement goes through all leads to find them.
    @Test func readsLeadsThatLieTogether() throws {
        try Workbench.run { bench in
            for number in 1...600 {
                let tags = number <= 150 ? "\"old\"" : number > 450 ? "\"new\"" : ""
                let body = "{\"first_name\": \"\(number)\", \"tags\": [\(tags)], \"lead_score\": \(number / 100)}"
                _ = try bench.lead(body, now: Workbench.now + Int64(number / 3))
            }
            for (tag, ids) in [("old", Array(1...150)), ("new", Array(451...600))] as [(String, [Int64])] {
                for (query, sorted) in [
                    ("sort=created_at&direction=asc", ids), ("sort=created_at&direction=desc", ids.reversed()),
                    ("sort=lead_score&direction=asc", ids), ("sort=lead_score&direction=desc", ids.reversed()),
                ] {
                    let list = "/api/v1/leads?tag=\(tag)&per_page=1&\(query)"
                    var pages: [Int64] = []
                    let statements = try traced(bench) {
                        for page in 1...3 { pages += try bench.get("\(list)&page=\(page)").ids }
                    }
                    #expect(pages == Array(sorted.prefix(3)), "\(list)")
                    for statement in statements { try expectIndexed(statement, bench) }
                    var (run, cursor): ([Int64], String?) = ([], "")
                    while let position = cursor {
                        let answer = try bench.get("/api/v1/leads?tag=\(tag)&per_page=40&\(query)&cursor=\(position)")
                        run += answer.ids
                        cursor = answer["meta", "next_cursor"]?.string
                    }
                    #expect(run == sorted, "\(list)")
                }
            }
            // What an index has in the list's order is read from there, wherever it lies, and never sorted.
            try bench.execute("UPDATE lead SET status = 'lost' WHERE id <= 150")
            for query in [
                "created_before=2026-09-21T14:14:00Z",
                "sort=updated_at&direction=asc&updated_after=2026-09-21T14:16:00Z", "status=lost",
            ] {
                var ids: [Int64] = []
                let statements = try traced(bench) { ids = try bench.get("/api/v1/leads?per_page=1&\(query)").ids }
                #expect(ids.count == 1, "\(query)")
                #expect(!statements.contains { $0.contains("+lead.") }, "\(query)")
            }
            let far = try traced(bench) { _ = try bench.get("/api/v1/leads?tag=old&per_page=1") }
            #expect(far.contains { $0.contains("lead.created_at >= ?") })
            #expect(far.contains { $0.contains("FROM lead_tag CROSS JOIN lead") })
        }
    }

    /// What one request does to find and change one lead.
    @Test func findsWhatItWritesByIndexesOnly() throws {
        try Workbench.run { bench in
            let sales = try bench.pipeline("Sales", ["New", "Won"], isDefault: true)
            let lead = "/api/v1/leads/\(try bench.lead(#"{"first_name": "A", "tags": ["a"]}"#))"
            let statements = try traced(bench) {
                _ = try bench.lead(
                    #"{"first_name": "B", "email": "a@b.example", "phone": "12345", "tags": ["a"], "custom_fields": {"k": 1}}"#
                )
                let body =
                    #"{"first_name": "C", "pipeline_stage_id": \#(sales.stages[1]), "tags": ["b"], "starred": true}"#
                #expect(try bench.send(.patch, lead, body, key: bench.key).status == 200)
                #expect(try bench.post(lead + "/tags", #"{"tag": "c"}"#).status == 200)
                #expect(try bench.get(lead).status == 200)
                #expect(try bench.get(lead + "/activities").status == 200)
                #expect(try bench.send(.delete, lead, key: bench.key).status == 204)
                #expect(try bench.connection.write { try Lead.restore(1, $0, now: Workbench.now) })
            }
            #expect(statements.count > 20)
            for statement in statements { try expectIndexed(statement, bench) }
        }
    }

    /// The statements that run meanwhile, each once, but those that the full-text index makes for itself.
    private func traced(_ bench: Workbench, _ body: () throws -> Void) throws -> Set<String> {
        let lines = Lines()
        bench.database.trace { lines.add($0.sql) }
        defer { bench.database.trace(nil) }
        try body()
        return Set(lines.all.filter { $0.contains(/^(SELECT|UPDATE|DELETE|INSERT)/) && !$0.contains("'main'.") })
    }

    private func expectIndexed(_ sql: String, _ bench: Workbench, isSorted: Bool = false) throws {
        let nulls = StatementArguments(sql.filter { $0 == "?" }.map { _ in DatabaseValue.null })
        let details = try Row.fetchAll(
            bench.database.makeStatement(sql: "EXPLAIN QUERY PLAN " + sql), arguments: nulls,
        ).map { $0["detail"] as String }
        for detail in details {
            // A subquery's own lines say how it is read.
            let isWhole =
                detail.hasPrefix("SCAN ") && !detail.hasPrefix("SCAN (subquery") && !detail.hasSuffix("CONSTANT ROWS")
                && !detail.hasSuffix("CONSTANT ROW")
            // Full-text search and lists of values are scanned as far as they are constrained.
            let isConstrained = detail.contains("VIRTUAL TABLE INDEX") && !detail.hasSuffix("INDEX 0:")
            #expect(!isWhole || isConstrained, "\(detail)\n\(sql)")
            if detail.hasPrefix("SEARCH lead USING") {
                #expect(detail.contains(/\((workspace_id|rowid)=\?/), "\(detail)\n\(sql)")
            }
            if isSorted { #expect(!detail.contains("TEMP B-TREE"), "\(detail)\n\(sql)") }
        }
    }
}

extension Database.TraceEvent {
    /// With its placeholders: what is bound makes no difference, there being no statistics.
    fileprivate var sql: String {
        if case .statement(let statement) = self { statement.sql } else { "" }
    }
}
