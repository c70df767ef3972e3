import HTTP
import Testing

@testable import LeadHub

@Suite struct LeadListTests {
    /// A client whose clock counts fractions of a second means the whole seconds before them.
    @Test func takesFractionsOfSeconds() throws {
        try Workbench.run { bench in
            _ = try bench.lead(#"{"first_name": "A"}"#)
            let second = "2026-09-21T14:13:20"
            for (query, ids) in [
                ("created_before=\(second).5Z", [1]), ("created_before=\(second).000Z", []),
                ("updated_before=\(second).001Z", [1]), ("created_after=\(second).5Z", []),
                ("created_after=2026-09-21T14:13:19.999Z", [1]),
            ] as [(String, [Int64])] {
                #expect(try bench.get("/api/v1/leads?\(query)").ids == ids, "\(query)")
            }
        }
    }

    @Test func showsTheNewestFirst() throws {
        try Workbench.run { bench in
            for moment in [5, 9, 1, 9] as [Int64] {
                _ = try bench.lead(#"{"first_name": "A"}"#, now: Workbench.now + moment)
            }
            #expect(try bench.get("/api/v1/leads").ids == [4, 2, 1, 3])
            #expect(try bench.get("/api/v1/leads?direction=asc").ids == [3, 1, 2, 4])
        }
    }

    /// Every sort both ways, page by page along the links, against the same leads sorted here.
    @Test(arguments: ["created_at", "updated_at", "lead_score", "first_name", "last_name", "email"], [false, true])
    func sortsByEachFieldInBothDirections(sort: String, isAscending: Bool) throws {
        try Workbench.run { bench in
            var samples: [Sample] = []
            for number in 0..<40 { samples.append(try Sample(number, bench)) }
            let expected = samples.sorted { $0.comes(before: $1, by: sort, isAscending: isAscending) }.map(\.id)

            let direction = isAscending ? "asc" : "desc"
            var target: String? = "/api/v1/leads?sort=\(sort)&direction=\(direction)&per_page=7"
            var ids: [Int64] = []
            var pages = 0
            while let current = target, pages < 10 {
                let page = try bench.get(current)
                ids += page.ids
                pages += 1
                target = page["links", "next"]?.string.map { String($0.dropFirst(Workbench.origin.count)) }
            }
            #expect(pages == 6)
            #expect(ids == expected)
        }
    }

    @Test(
        arguments: [
            ("", [8, 7, 6, 5, 4, 3, 2, 1]),
            ("status=new", [5, 4, 1]),
            ("status=new,lost", [8, 5, 4, 2, 1]),
            ("status=new,new", [5, 4, 1]),
            ("status=converted", []),
            ("source=web", [7, 6, 5, 1]),
            ("source=web,api", [8, 7, 6, 5, 3, 1]),
            ("source=web,web", [7, 6, 5, 1]),
            ("source=W%C3%A9b%20shop", [4]),
            ("source=We%CC%81b+shop", [4]),
            ("source=web&status=new", [5, 1]),
            ("source=web,api&status=lost,contacted", [8, 7, 3]),
            ("source=nowhere", []),
            ("source=%25", []),
            ("source=WEB", []),
        ] as [(String, [Int64])])
    func filtersAndCounts(filter: String, ids: [Int64]) throws {
        try Workbench.run { bench in
            try fill(bench)
            let all = try bench.get("/api/v1/leads?\(filter)")
            #expect(all.ids == ids)
            #expect(all["meta", "total"]?.integer == Int64(ids.count))
            #expect(all["meta", "from"] == (ids.isEmpty ? .null : 1))
            let second = try bench.get("/api/v1/leads?\(filter)&per_page=2&page=2")
            #expect(second.ids == Array(ids.dropFirst(2).prefix(2)))
            #expect(second["meta", "total"]?.integer == Int64(ids.count))
        }
    }

    @Test func seesItsOwnWorkspaceOnly() throws {
        try Workbench.run { bench in
            let key = try bench.key(["*"], in: try bench.workspace("other"))
            try fill(bench)
            for filter in ["", "?status=new", "?source=web", "?status=new&source=web"] {
                let answer = try bench.get("/api/v1/leads" + filter, key: key)
                #expect(answer.ids == [], "\(filter)")
                #expect(answer["meta", "total"] == 0, "\(filter)")
            }
        }
    }

    @Test(
        arguments: [
            ("", 15), ("?per_page=1", 1), ("?per_page=100", 100), ("?per_page=101", 100),
            ("?per_page=9223372036854775807", 100), ("?per_page=99999999999999999999", 100), ("?per_page=1e2", 100),
        ] as [(String, Int64)])
    func showsAtMostAHundred(query: String, size: Int64) throws {
        try Workbench.run { bench in
            for _ in 0..<3 { _ = try bench.lead(#"{"first_name": "A"}"#) }
            let answer = try bench.get("/api/v1/leads" + query)
            #expect(answer["meta", "per_page"]?.integer == size, "\(answer.text)")
            #expect(answer.ids.count == min(3, Int(size)))
        }
    }

    @Test(arguments: [
        "2", "100", "9223372036854775807", "99999999999999999999", "1e30",
    ])
    func isEmptyPastItsEnd(page: String) throws {
        try Workbench.run { bench in
            _ = try bench.lead(#"{"first_name": "A"}"#)
            let answer = try bench.get("/api/v1/leads?page=\(page)&per_page=100")
            #expect(answer.status == 200, "\(answer.text)")
            #expect(answer.ids == [])
            #expect(answer["meta", "total"] == 1)
            #expect(answer["meta", "last_page"] == 1)
            #expect(answer["meta", "from"] == .null)
            #expect(answer["meta", "to"] == .null)
            #expect(answer["links", "next"] == .null)
            let first: JSONValue = "https://crm.example.com/api/v1/leads?per_page=100&page=1"
            #expect(answer["links", "prev"] == first)
            #expect(answer["links", "last"] == first)
        }
    }

    @Test func keepsTheQueryInItsLinks() throws {
        try Workbench.run { bench in
            try fill(bench)
            let answer = try bench.get("/api/v1/leads?source=web%2Capi,W%C3%A9b&page=2&sort=email&per_page=2")
            let base = "https://crm.example.com/api/v1/leads?source=web%2Capi,W%C3%A9b&sort=email&per_page=2&page="
            #expect(answer["meta", "last_page"] == 3, "\(answer.text)")
            #expect(answer["links", "first"] == .string(base + "1"))
            #expect(answer["links", "prev"] == .string(base + "1"))
            #expect(answer["links", "self"] == .string(base + "2"))
            #expect(answer["links", "next"] == .string(base + "3"))
            #expect(answer["links", "last"] == .string(base + "3"))
        }
    }

    /// Eight leads, number by number.
    private func fill(_ bench: Workbench) throws {
        let leads = [
            ("new", "web"), ("lost", "mail"), ("contacted", "api"), ("new", "Wéb shop"),
            ("new", "web"), ("qualified", "web"), ("contacted", "web"), ("lost", "api"),
        ]
        for (status, source) in leads {
            _ = try bench.lead("{\"first_name\": \"A\", \"status\": \"\(status)\", \"source\": \"\(source)\"}")
        }
    }
}

/// A lead as the test knows it, with what its texts must be sorted by.
private struct Sample {
    let id: Int64
    private let numbers: [String: Int64]
    private let texts: [String: String?]

    private static let names: [(shown: String?, sorted: String?)] = [
        ("Zoë", "zoe"), ("zoe", "zoe"), ("ÅSA", "asa"), ("Ümit", "umit"), ("anna", "anna"), ("Иван", "иван"),
        ("ANNA", "anna"), ("Straße", "strasse"), ("Strasse", "strasse"), ("山田", "山田"), ("Z", "z"),
    ]

    /// Makes a lead. Few values for many leads: there are ties.
    init(_ number: Int, _ bench: Workbench) throws {
        let first = Sample.names[number * 7 % Sample.names.count]
        let last = number % 4 == 1 ? (nil, nil) : Sample.names[number * 5 % Sample.names.count]
        let email = number % 3 == 2 ? nil : "\(number % 2 == 0 ? "B" : "b")\(number % 5)@Example.com"
        let created = Workbench.now + Int64(number * 13 % 17)
        let updated = Workbench.now + Int64(number * 11 % 19)
        let score = Int64(number * 3 % 8) - 4
        let body = JSONValue.object(
            JSONObject([
                ("first_name", first.shown.map { .string($0) } ?? .null),
                ("last_name", last.0.map { .string($0) } ?? .null),
                ("email", email.map { .string($0) } ?? .null), ("lead_score", .number("\(score)")),
            ])
        )
        id = try bench.lead(body.minified, now: created)
        try bench.execute("UPDATE lead SET updated_at = ? WHERE id = ?", [updated, id])
        numbers = ["created_at": created, "updated_at": updated, "lead_score": score]
        texts = ["first_name": first.sorted, "last_name": last.1, "email": email?.lowercased()]
    }

    func comes(before other: Sample, by sort: String, isAscending: Bool) -> Bool {
        if let mine = numbers[sort], let theirs = other.numbers[sort], mine != theirs {
            return (mine < theirs) == isAscending
        }
        switch (texts[sort] ?? nil, other.texts[sort] ?? nil) {
        case (let mine?, let theirs?) where mine != theirs: return (mine < theirs) == isAscending
        case (.some, nil): return true
        case (nil, .some): return false
        default: return (id < other.id) == isAscending
        }
    }
}
