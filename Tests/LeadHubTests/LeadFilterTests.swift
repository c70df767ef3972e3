import Foundation
import HTTP
import Testing

@testable import LeadHub

/// Lists of many random leads against a plain model: the same ids in the same order, the same totals.
@Suite struct LeadFilterTests {
    @Test func showsWhatAPlainModelShows() throws {
        try Workbench.run { bench in
            var dice = Dice(1)
            let model = try Model(2_000, bench, &dice)
            for number in 0..<1_000 {
                // First each filter alone, again and again, then pairs, some of a filter with itself.
                let count = number < 400 ? 1 : number < 980 ? 2 : number < 995 ? 4 : 0
                let first = number % Self.filters.count
                var conditions: [Condition] = []
                for place in 0..<count {
                    let (name, make) = Self.filters[place == 0 ? first : dice.below(Self.filters.count)]
                    let condition = Condition(make(&dice, model))
                    if name == "tag" || !conditions.contains(where: { $0.name == condition.name }) {
                        conditions.append(condition)
                    }
                }
                try compare(conditions, model, bench, &dice)
            }
        }
    }

    private func compare(
        _ conditions: [Condition], _ model: Model, _ bench: Workbench, _ dice: inout Dice,
    ) throws {
        let sort = dice.one(of: LeadSample.sorts)
        let isAscending = dice.isLucky(percent: 50)
        let expected = model.sorted(by: sort, isAscending: isAscending)
            .filter { lead in conditions.allSatisfy { $0.holds(lead) } }
        let size = dice.isLucky(percent: 3) ? 100 : 1 + dice.below(12)
        // The first pages, any, the last, and one past it.
        let last = max(1, (expected.count + size - 1) / size)
        let page = dice.one(of: [1, 1, 2, 1 + dice.below(last), last, last + 1])
        let query =
            conditions.map(\.parameter) + [
                "sort=\(sort)", "direction=\(isAscending ? "asc" : "desc")", "page=\(page)", "per_page=\(size)",
            ]
        let target = "/api/v1/leads?" + query.joined(separator: "&")
        let answer = try bench.get(target)
        #expect(answer.ids == expected.dropFirst((page - 1) * size).prefix(size).map(\.id), "\(target)")
        #expect(answer["meta", "total"]?.integer == Int64(expected.count), "\(target)")
    }

    /// Every condition of the model meets leads: else the comparison would show nothing.
    @Test func meetsLeadsByEveryFilter() throws {
        try Workbench.run { bench in
            var dice = Dice(2)
            let model = try Model(200, bench, &dice)
            for (name, make) in Self.filters {
                let isMet = (0..<20).contains { _ in
                    let condition = make(&dice, model)
                    let fitting = model.leads.count { condition.holds($0) }
                    return fitting > 0 && fitting < model.leads.count
                }
                #expect(isMet, "\(name)")
            }
        }
    }

    /// More than a lead can have of something is no error, and nothing has it.
    @Test(arguments: ["tag=", "custom_fields[%]="])
    func findsNothingByMoreThanALeadCanHave(parameter: String) throws {
        try Workbench.run { bench in
            _ = try bench.lead(#"{"first_name": "A", "tags": ["a"], "custom_fields": {"k0": "a"}}"#)
            for count in [1, 50, 101, 300, 1_100] {
                let query = (0..<count).map { parameter.replacing("%", with: "k\($0)") + "a\($0)" }
                for page in ["page=1", "cursor="] {
                    let answer = try bench.get("/api/v1/leads?\(page)&" + query.joined(separator: "&"))
                    #expect(answer.status == 200, "\(count): \(answer.text)")
                    #expect(answer.ids == [])
                }
            }
            let repeated = try bench.get(
                "/api/v1/leads?" + (0..<1_100).map { $0 % 2 == 0 ? "tag=a" : "tag=A" }.joined(separator: "&")
            )
            #expect(repeated.ids == [1], "\(repeated.text)")
        }
    }
}

/// A filter as a query names it, and whether a lead has it.
private struct Condition {
    let parameter: String
    let holds: (LeadSample) -> Bool

    /// What comes once in a query only.
    var name: Substring { parameter.prefix { $0 != "=" } }

    init(_ made: Made) {
        (parameter, holds) = (made.parameter, made.holds)
    }
}

private typealias Made = (parameter: String, holds: (LeadSample) -> Bool)

/// What the workbench holds, as the test knows it: leads that are not deleted.
private struct Model {
    private(set) var leads: [LeadSample] = []
    /// All leads in every order there is.
    private var orders: [String: [LeadSample]] = [:]
    let users: [Int64]
    let pipelines: [Int64]
    let stages: [Int64]

    /// Makes half of the leads through the API, changes some, deletes some, and copies them all; another workspace
    /// gets its share, too.
    init(_ count: Int, _ bench: Workbench, _ dice: inout Dice) throws {
        users = try (1...3).map { try bench.user("user\($0)@example.com") }
        let sales = try bench.pipeline("Sales", ["New", "Talk", "Won", "Lost"], isDefault: true)
        let support = try bench.pipeline("Support", ["Open", "Shut"])
        (pipelines, stages) = ([sales.id, support.id], sales.stages + support.stages)
        let other = try bench.key(["*"], in: try bench.workspace("other"), limit: 100_000)
        for number in 0..<count / 2 {
            var lead = LeadSample(&dice, users: users, stages: stages)
            lead.createdAt = Workbench.now + Int64(dice.below(200) * 60)
            let answer = try bench.post("/api/v1/leads", lead.body, now: lead.createdAt)
            try lead.take(answer)
            if dice.isLucky(percent: 15) { try lead.change(bench, users, &dice) }
            if dice.isLucky(percent: 5) {
                let answer = try bench.send(.delete, "/api/v1/leads/\(lead.id)", key: bench.key)
                try #require(answer.status == 204)
            } else {
                leads.append(lead)
            }
            if number % 20 == 0 { _ = try bench.lead(LeadSample(&dice).body, key: other, now: lead.createdAt) }
        }
        let distance = try bench.doubleLeads()
        for var lead in leads {
            lead.id += distance
            leads.append(lead)
        }
        for sort in LeadSample.sorts {
            for isAscending in [true, false] {
                orders["\(sort) \(isAscending)"] = leads.sorted {
                    $0.comes(before: $1, by: sort, isAscending: isAscending)
                }
            }
        }
    }

    func sorted(by sort: String, isAscending: Bool) -> [LeadSample] {
        orders["\(sort) \(isAscending)"] ?? []
    }
}

extension LeadSample {
    /// What the server decided.
    fileprivate mutating func take(_ answer: Answer) throws {
        try #require(answer.status < 300, "\(answer.text)")
        id = try #require(answer["data", "id"]?.integer)
        status = try #require(answer["data", "status"]?.string)
        pipeline = answer["data", "pipeline_id"]?.integer
        stage = answer["data", "pipeline_stage_id"]?.integer
        updatedAt = try #require(answer["data", "updated_at"]?.string.flatMap({ Timestamp.seconds($0) }))
    }

    /// Gives the lead another one's values, where they are not the same.
    fileprivate mutating func change(_ bench: Workbench, _ users: [Int64], _ dice: inout Dice) throws {
        let next = LeadSample(&dice, users: users)
        // An update adds custom fields to those that are there, so these stay.
        let kept = (id, customFields, createdAt, stage)
        self = next
        (id, customFields, createdAt, stage) = kept
        let moment = createdAt + Int64(dice.below(50) * 60)
        try take(try bench.send(.patch, "/api/v1/leads/\(id)", body, key: bench.key, now: moment))
    }
}

extension LeadFilterTests {
    /// Every filter there is, with a random value.
    private static let filters: [(name: String, make: @Sendable (inout Dice, Model) -> Made)] = [
        (
            "status",
            { dice, _ in
                let values = (0...dice.below(2)).map { _ in dice.one(of: Lead.statuses) }
                return ("status=" + values.joined(separator: ","), { values.contains($0.status) })
            }
        ),
        (
            "source",
            { dice, _ in
                let values = (0...dice.below(3)).map { _ in dice.one(of: Pool.sources + ["none"]) }
                return ("source=" + values.joined(separator: ",").escaped, { values.contains($0.source) })
            }
        ),
        ("pipeline_id", { dice, model in reference("pipeline_id", \.pipeline, model.pipelines, &dice) }),
        ("stage_id", { dice, model in reference("stage_id", \.stage, model.stages, &dice) }),
        ("assigned_user_id", { dice, model in reference("assigned_user_id", \.user, model.users, &dice) }),
        (
            "tag",
            { dice, _ in
                let tag = dice.one(of: Pool.tags + [("none", "none")])
                let name = dice.isLucky(percent: 50) ? tag.shown : tag.folded
                return ("tag=\(name.escaped)", { $0.tags.contains { $0.folded == tag.folded } })
            }
        ),
        ("search", { dice, model in search(&dice, model) }),
        ("created_after", { dice, _ in moment("created_after", &dice) { $0.createdAt > $1 } }),
        ("created_before", { dice, _ in moment("created_before", &dice) { $0.createdAt < $1 } }),
        ("updated_after", { dice, _ in moment("updated_after", &dice) { $0.updatedAt > $1 } }),
        ("updated_before", { dice, _ in moment("updated_before", &dice) { $0.updatedAt < $1 } }),
        (
            "starred",
            { dice, _ in
                let isSought = dice.isLucky(percent: 50)
                return ("starred=\(isSought)", { $0.isStarred == isSought })
            }
        ),
        (
            "company",
            { dice, _ in
                let company = dice.one(of: Pool.companies)
                return ("company=\(company.shown.escaped)", { $0.company?.folded == company.folded })
            }
        ),
        (
            "email",
            { dice, _ in
                let email = dice.one(of: Pool.emails + ["none@example.com"])
                return ("email=\(email.uppercased().escaped)", { $0.email?.lowercased() == email.lowercased() })
            }
        ),
        (
            "phone",
            { dice, _ in
                let phone = dice.one(of: Pool.phones)
                return ("phone=\(phone.shown.escaped)", { $0.phone?.digits == phone.digits })
            }
        ),
        (
            "custom_fields",
            { dice, _ in
                let field = dice.one(of: Pool.customFields)
                let text = dice.isLucky(percent: 90) ? field.text : "none"
                return (
                    "custom_fields[\(field.key.escaped)]=\(text.escaped)",
                    { $0.customFields.contains { $0.key == field.key && $0.text == text } },
                )
            }
        ),
    ]

    private static func reference(
        _ name: String, _ member: @escaping (LeadSample) -> Int64?, _ ids: [Int64], _ dice: inout Dice,
    ) -> Made {
        let id = dice.one(of: ids + [999])
        return ("\(name)=\(id)", { member($0) == id })
    }

    private static func moment(
        _ name: String, _ dice: inout Dice, _ holds: @escaping (LeadSample, Int64) -> Bool,
    ) -> Made {
        let moment = Workbench.now + Int64((dice.below(280) - 10) * 60)
        return (
            "\(name)=\(dice.isLucky(percent: 50) ? Timestamp.text(moment) : Timestamp.text(moment).escaped)",
            { holds($0, moment) }
        )
    }

    /// A piece of some lead's own name, address or number.
    private static func search(_ dice: inout Dice, _ model: Model) -> Made {
        let lead = dice.one(of: model.leads)
        let line = dice.one(
            of: [lead.firstName.folded, lead.email?.lowercased().replacingOccurrences(of: "ü", with: "u")]
                .compactMap { $0 }.map { $0.replacingOccurrences(of: "  ", with: " ") }
        )
        let scalars = Array(line.unicodeScalars)
        let start = dice.below(max(1, scalars.count - 1))
        let piece = scalars[start..<min(scalars.count, start + 2 + dice.below(5))]
        let text = String(String.UnicodeScalarView(piece)).trimmingCharacters(in: .whitespaces)
        let isLongEnough = text.unicodeScalars.count >= 2
        let sought = isLongEnough ? text : "an"
        let isNumber = sought.unicodeScalars.allSatisfy { !$0.properties.isAlphabetic && $0 != "@" }
        let all = isNumber ? sought.filter(\.isNumber) : ""
        let short = String(all.drop { $0 == "0" })
        let digits = [all] + (short.count >= 3 ? [short] : [])
        return ("search=\(sought.escaped)", { $0.isFound(by: sought, digits: digits) })
    }
}
