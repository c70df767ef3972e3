import Foundation
import GRDB
import HTTP
import Testing

@testable import LeadHub

/// A list by position is the list by count, and stays it while others write.
@Suite struct LeadCursorTests {
    private static let filters = [
        "", "status=new", "status=new,lost&source=api", "starred=true", "tag=vip", "search=an", "search=555",
        "tag=rare",
        "created_after=2026-09-21T14:20:00Z", "custom_fields[budget]=10000&starred=false",
    ]

    @Test func goesThroughTheListThatPagesShow() throws {
        try Workbench.run { bench in
            var dice = Dice(40)
            for _ in 0..<130 {
                let lead = LeadSample(&dice)
                _ = try bench.lead(lead.body, now: Workbench.now + Int64(dice.below(40) * 60))
            }
            try bench.execute("UPDATE lead SET updated_at = created_at + id * 7 % 5 * 60")
            for sort in LeadSample.sorts {
                for direction in ["asc", "desc"] {
                    for filter in ["", dice.one(of: Self.filters), dice.one(of: Self.filters)] {
                        let list = "/api/v1/leads?sort=\(sort)&direction=\(direction)&\(filter)"
                        let paged = try everyPage(of: list, bench)
                        let run = try run(list, &dice) { try bench.get($0) }
                        #expect(run == paged, "\(list)")
                        #expect(run.count == Set(run).count)
                    }
                }
            }
        }
    }

    private func everyPage(of list: String, _ bench: Workbench) throws -> [Int64] {
        var ids: [Int64] = []
        for page in 1...10 {
            let answer = try bench.get("\(list)&per_page=100&page=\(page)")
            try #require(answer.status == 200, "\(answer.text)")
            ids += answer.ids
            if answer["links", "next"] == .null { break }
        }
        return ids
    }

    /// Follows the cursors from the list's beginning to its end, with parts of any length.
    private func run(_ list: String, _ dice: inout Dice, get: (String) throws -> Answer) throws -> [Int64] {
        var ids: [Int64] = []
        var cursor: String? = ""
        while let position = cursor {
            let size = dice.one(of: [1, 7, 40, 100, 100])
            let answer = try get("\(list)&per_page=\(size)&cursor=\(position)")
            try #require(answer.status == 200, "\(answer.text)")
            let part = answer.ids
            ids += part
            cursor = answer["meta", "next_cursor"]?.string
            try #require(part.count == size || cursor == nil)
            try #require(part.count <= size)
        }
        return ids
    }

    @Test func leadsOnByItsLinks() throws {
        try Workbench.run { bench in
            for number in 0..<7 { _ = try bench.lead("{\"first_name\": \"N\(number % 2)\"}") }
            var target: String? = "/api/v1/leads?cursor=&sort=first_name&per_page=3&source=api"
            var ids: [[Int64]] = []
            while let current = target {
                let answer = try bench.get(current)
                ids.append(answer.ids)
                #expect(answer["meta"]?.names == ["per_page", "next_cursor"])
                #expect(answer["links"]?.names == ["self", "next"])
                let own = try #require(answer["links", "self"]?.string)
                #expect(try bench.get(String(own.dropFirst(Workbench.origin.count))).ids == answer.ids)
                target = answer["links", "next"]?.string.map { String($0.dropFirst(Workbench.origin.count)) }
            }
            #expect(ids == [[6, 4, 2], [7, 5, 3], [1]])
        }
    }

    @Test func endsWhereTheListEnds() throws {
        try Workbench.run { bench in
            #expect(try bench.get("/api/v1/leads?cursor=")["meta", "next_cursor"] == .null)
            for _ in 0..<4 { _ = try bench.lead(#"{"first_name": "A"}"#) }
            for size in [1, 2, 4, 5] {
                var dice = Dice(size)
                #expect(try run("/api/v1/leads?sort=email", &dice) { try bench.get($0) } == [4, 3, 2, 1])
                let whole = try bench.get("/api/v1/leads?cursor=&per_page=\(size)")
                #expect((whole["meta", "next_cursor"] == .null) == (size >= 4))
            }
        }
    }

    /// A cursor behind a lead that is no more, or is sorted elsewhere now, still says where the list goes on.
    @Test(arguments: ["sort=last_name", "sort=created_at&direction=asc", "sort=email&direction=asc"])
    func standsWhereItsLeadStood(order: String) throws {
        try Workbench.run { bench in
            for number in 1...6 {
                _ = try bench.lead(#"{"first_name": "A", "last_name": "L", "email": "a\#(number)@x.example"}"#)
            }
            let list = "/api/v1/leads?\(order)&per_page=2&cursor="
            let first = try bench.get(list)
            let next = try #require(first["meta", "next_cursor"]?.string)
            let expected = try bench.get(list + next).ids
            let last = try #require(first.ids.last)
            _ = try bench.send(.patch, "/api/v1/leads/\(last)", #"{"last_name": null, "email": null}"#, key: bench.key)
            #expect(try bench.get(list + next).ids == expected)
            _ = try bench.send(.delete, "/api/v1/leads/\(last)", key: bench.key)
            #expect(try bench.get(list + next).ids == expected)
        }
    }

    @Test func refusesWhatIsNoCursorOfTheList() throws {
        try Workbench.run { bench in
            for _ in 0..<6 { _ = try bench.lead(#"{"first_name": "Zoë", "tags": ["a"], "email": "a@b.example"}"#) }
            let list = "/api/v1/leads?sort=first_name&tag=a&per_page=2"
            let cursor = try #require(try bench.get(list + "&cursor=")["meta", "next_cursor"]?.string)
            #expect(try bench.get("\(list)&cursor=\(cursor)").ids == [4, 3])
            #expect(try bench.get("/api/v1/leads?cursor=\(cursor)&tag=a&sort=first_name&per_page=1").ids == [4])
            let others = [
                "sort=first_name", "sort=last_name&tag=a", "sort=first_name&tag=b", "sort=first_name&tag=a&tag=b",
                "tag=a",
                "sort=first_name&tag=a&direction=asc", "sort=first_name&tag=a&status=new", "sort=first_name&search=zoe",
                "sort=first_name&tag=a&page=1", "sort=first_name&tag=a&page=2", "sort=first_name&tag=a&cursor=",
                "sort=first_name&custom_fields[tag]=a", "sort=first_name&source=a",
            ]
            for other in others { try refuse("/api/v1/leads?\(other)&cursor=\(cursor)", bench) }
            var damaged = (1..<cursor.count).map { String(cursor.prefix($0)) }
            damaged += cursor.indices.map { cursor.replacingCharacters(in: $0...$0, with: "!") }
            damaged += cursor.indices.map { String(cursor[..<$0] + cursor[cursor.index(after: $0)...]) }
            damaged += [cursor + "A", cursor + "AAAA", "%20", "null", "bnVsbA", "W10", "%00", "é".escaped]
            damaged.append(String(repeating: "A", count: 4_000))
            for text in damaged where text != cursor { try refuse("\(list)&cursor=\(text)", bench) }
            try refuse("\(list)&page=1&cursor=", bench)
        }
    }

    private func refuse(_ target: String, _ bench: Workbench) throws {
        let answer = try bench.get(target)
        #expect(answer.status == 422, "\(target): \(answer.text)")
        #expect(answer["errors"]?.names == ["cursor"], "\(target): \(answer.text)")
    }
}

/// Runs through a list while other servers write.
@Suite struct LeadCursorUnderWritesTests {
    /// The leads up to this id keep what the lists below are sorted by, but for `first_name`, which some change.
    private static let settled: Int64 = 2_000

    @Test func missesAndDoublesNothingWhileOthersWrite() throws {
        try Workbench.run { bench in
            var dice = Dice(50)
            for _ in 0..<125 {
                _ = try bench.lead(LeadSample(&dice).body, now: Workbench.now + Int64(dice.below(300)))
            }
            for _ in 0..<4 { try bench.doubleLeads() }
            // Those whose id is divisible by three are changed and deleted, the others are not.
            let isOver = Flag()
            let wait = Worker.start(0..<4, on: bench) { number, worker in
                var dice = Dice(60 + number)
                while !isOver.isRaised { try write(worker, &dice) }
            }
            do {
                defer { isOver.raise() }
                for (sort, direction) in [
                    ("created_at", "asc"), ("last_name", "asc"), ("lead_score", "desc"),
                ] {
                    try expectWholeRun("sort=\(sort)&direction=\(direction)", bench)
                }
            }
            try wait()
            #expect(try bench.number("SELECT count(*) FROM lead WHERE id > ?", [Self.settled]) ?? 0 > 50)
            #expect(try bench.number("SELECT count(*) FROM lead WHERE deleted_at IS NOT NULL") ?? 0 > 20)
        }
    }

    private func write(_ worker: Worker, _ dice: inout Dice) throws {
        let restless = 3 * (1 + dice.below(Int(Self.settled) / 3))
        let now = Workbench.now + Int64(dice.below(400))
        let answer =
            switch dice.below(4) {
            case 0: try worker.send(.post, "/api/v1/leads", LeadSample(&dice).body, now: now)
            case 1...2: try worker.send(.patch, "/api/v1/leads/\(restless)", LeadSample(&dice).body, now: now)
            default: try worker.send(.delete, "/api/v1/leads/\(restless)")
            }
        try #require([200, 201, 204, 404].contains(answer.status), "\(answer.text)")
    }

    private func expectWholeRun(_ order: String, _ bench: Workbench) throws {
        var ids: [Int64] = []
        var cursor: String? = ""
        while let position = cursor {
            let answer = try bench.get("/api/v1/leads?\(order)&per_page=100&cursor=\(position)")
            try #require(answer.status == 200, "\(answer.text)")
            ids += answer.ids
            cursor = answer["meta", "next_cursor"]?.string
        }
        let steady = ids.filter { $0 <= Self.settled && $0 % 3 != 0 }
        #expect(steady.count == Set(steady).count, "\(order)")
        #expect(Set(steady).count == Int(Self.settled) - Int(Self.settled) / 3, "\(order)")
    }
}
