import HTTP
import HTTPTypes
import Testing

@testable import LeadHub

/// What is special about stages; `RecordTests` has what they share with the others.
@Suite struct StageTests {
    private static let later = Workbench.now + 60
    private static let stages = "/pipelines/1/stages"

    @Test func beginsWithTheContractsDefaults() throws {
        try Workbench.run { bench in
            _ = try bench.pipeline("Sales", [])
            let expected = """
                {"id":1,"pipeline_id":1,"name":"New","color":"#6B7280","is_won":false,"is_lost":false,"sort_order":1,\
                "leads_count":0,"created_at":"2026-09-21T14:13:20+00:00","updated_at":"2026-09-21T14:13:20+00:00"}
                """
            #expect(try bench.data(Self.stages, #"{"name": "New"}"#).minified == expected)
            let second = #"{"name": "B", "color": null, "is_won": null, "is_lost": null, "sort_order": null}"#
            let answer = try bench.data(Self.stages, second)
            #expect(answer["color"] == "#6B7280")
            #expect(answer["sort_order"] == 2)
        }
    }

    // MARK: - Places

    static let insertions: [(place: String, order: [String])] = [
        ("", ["A", "B", "C", "x"]), (#", "sort_order": 1"#, ["x", "A", "B", "C"]),
        (#", "sort_order": 3"#, ["A", "B", "x", "C"]), (#", "sort_order": 4"#, ["A", "B", "C", "x"]),
        (#", "sort_order": 99"#, ["A", "B", "C", "x"]),
        (#", "sort_order": 99999999999999999999"#, ["A", "B", "C", "x"]),
    ]

    @Test(arguments: insertions)
    func goesWhereItIsPut(place: String, order: [String]) throws {
        try Workbench.run { bench in
            _ = try bench.pipeline("Sales", ["A", "B", "C"])
            _ = try bench.pipeline("Other", ["D", "E"])
            let made = try bench.data(Self.stages, "{\"name\": \"x\"\(place)}", now: Self.later)
            #expect(made["sort_order"]?.integer == order.firstIndex(of: "x").map { Int64($0) + 1 })
            try expectOrder(order, bench)
            #expect(try bench.names("/pipelines/2/stages") == ["D", "E"])
        }
    }

    /// From every place to every place, and past the end.
    @Test(arguments: 1...4, [1, 2, 3, 4, 5, 1_000_000])
    func movesToAnyPlace(from: Int, to: Int) throws {
        try Workbench.run { bench in
            var order = ["A", "B", "C", "D"]
            _ = try bench.pipeline("Sales", order)
            _ = try bench.pipeline("Other", ["E", "F"])
            let answer = try bench.ask(.patch, "\(Self.stages)/\(from)", "{\"sort_order\": \(to)}", now: Self.later)
            #expect(answer.status == 200, "\(answer.text)")
            order.insert(order.remove(at: from - 1), at: min(to, 4) - 1)
            #expect(answer["data", "sort_order"]?.integer == Int64(min(to, 4)))
            try expectOrder(order, bench)
            #expect(try bench.names("/pipelines/2/stages") == ["E", "F"])
            // Only those that moved have changed.
            let changed = try bench.number("SELECT count(*) FROM stage WHERE updated_at = ?", [Self.later])
            #expect(changed == (from == min(to, 4) ? 0 : Int64(abs(from - min(to, 4)) + 1)))
        }
    }

    @Test(arguments: 1...4)
    func leavesNoGap(gone: Int) throws {
        try Workbench.run { bench in
            var order = ["A", "B", "C", "D"]
            _ = try bench.pipeline("Sales", order)
            #expect(try bench.ask(.delete, "\(Self.stages)/\(gone)").status == 204)
            order.remove(at: gone - 1)
            try expectOrder(order, bench)
        }
    }

    private func expectOrder(_ names: [String], _ bench: Workbench) throws {
        #expect(try bench.names(Self.stages) == names)
        let places = try #require(bench.ask(.get, Self.stages)["data"]).elements.map { $0["sort_order"]?.integer }
        #expect(places == (1...Int64(names.count)).map { $0 })
    }

    @Test func isNotTheHundredAndFirst() throws {
        try Workbench.run { bench in
            _ = try bench.pipeline("Sales", (1...100).map { "Stage \($0)" })
            let contents = try bench.contents()
            let answer = try bench.ask(.post, Self.stages, #"{"name": "One more"}"#)
            #expect(answer.status == 422)
            let message = "The pipeline must not have more than 100 stages."
            #expect(answer["errors"]?.minified == "{\"pipeline_id\":[\"\(message)\"]}")
            #expect(try bench.contents() == contents)
        }
    }

    // MARK: - Won and lost

    static let outcomes: [(before: String, change: String, status: Int)] = [
        ("", #""is_won": true, "is_lost": true"#, 422), ("", #""is_won": true"#, 200),
        ("Won", #""is_lost": true"#, 422), ("Won", #""is_lost": true, "is_won": false"#, 200),
        ("Lost", #""is_won": true"#, 422), ("Lost", #""is_won": true, "is_lost": false"#, 200),
        ("Lost", #""is_won": false"#, 200), ("Won", #""name": "x""#, 200),
    ]

    @Test(arguments: outcomes)
    func isNeverWonAndLostAtOnce(before: String, change: String, status: Int) throws {
        try Workbench.run { bench in
            _ = try bench.pipeline("Sales", [before.isEmpty ? "New" : before])
            let errors = #"{"is_lost":["The is lost field must be false where is won is true."]}"#
            let answer = try bench.ask(.patch, "\(Self.stages)/1", "{\(change)}")
            #expect(answer.status == status)
            if status == 422 { #expect(answer["errors"]?.minified == errors) }
            if before.isEmpty && status == 422 {
                let made = try bench.ask(.post, Self.stages, "{\"name\": \"x\", \(change)}")
                #expect(made["errors"]?.minified == errors)
            }
        }
    }

    // MARK: - Other pipelines

    @Test func isFoundInItsOwnPipelineOnly() throws {
        try Workbench.run { bench in
            _ = (try bench.pipeline("Sales", ["A"]), try bench.pipeline("Other", ["B"]))
            let contents = try bench.contents()
            for path in ["/pipelines/2/stages/1", "/pipelines/1/stages/2", "/pipelines/9/stages/1"] {
                for method in [HTTPRequest.Method.get, .put, .patch, .delete] {
                    #expect(try bench.ask(method, path, #"{"name": "x"}"#).status == 404, "\(method) \(path)")
                }
            }
            #expect(try bench.ask(.get, "/pipelines/9/stages").status == 404)
            #expect(try bench.ask(.post, "/pipelines/9/stages", #"{"name": "x"}"#).status == 404)
            #expect(try bench.contents() == contents)
            // The pipeline is not the client's to change.
            #expect(try bench.ask(.patch, Self.stages + "/1", #"{"pipeline_id": 2}"#)["data", "pipeline_id"] == 1)
        }
    }

    // MARK: - Its leads

    @Test func leavesItsLeadsInThePipelineWithNoStage() throws {
        try Workbench.run { bench in
            _ = try bench.pipeline("Sales", ["A", "B"])
            for stage in [1, 1, 2, 1] { _ = try bench.lead("{\"first_name\": \"A\", \"pipeline_stage_id\": \(stage)}") }
            #expect(try bench.send(.delete, lead: 4).status == 204)
            #expect(try bench.data(Self.stages + "/1")["leads_count"] == 2)
            let before = try bench.record(1)
            #expect(try bench.ask(.delete, Self.stages + "/1", now: Self.later).status == 204)

            let expected = before.replacing([
                ("pipeline_stage_id", .null), ("updated_at", "2026-09-21T14:14:20+00:00"),
            ])
            #expect(try bench.record(1) == expected)
            let entry = try #require(try bench.history(2).first)
            #expect(entry["type"] == "stage_changed")
            #expect(entry["actor"]?["type"] == "key")
            let details = """
                {"from":{"pipeline_id":1,"pipeline_stage_id":1},"to":{"pipeline_id":1,"pipeline_stage_id":null}}
                """
            #expect(entry["details"]?.minified == details)
            #expect(try bench.history(3).count == 1)
            #expect(try bench.found("pipeline_id=1") == [1, 2, 3])
            #expect(try bench.found("stage_id=1") == [])
            #expect(try bench.data("/pipelines/1")["leads_count"] == 3)

            #expect(try bench.connection.write { try Lead.restore(4, $0, now: Self.later) })
            #expect(try bench.record(4)["pipeline_id"] == 1)
            #expect(try bench.record(4)["pipeline_stage_id"] == .null)
            let (kept, counted) = try bench.counts()
            #expect(kept == counted)
        }
    }

    @Test func countsTheLeadsThatAreInIt() throws {
        try Workbench.run { bench in
            _ = try bench.pipeline("Sales", ["A", "B"])
            func counts() throws -> [Int64?] {
                try (1...2).map { try bench.data("\(Self.stages)/\($0)")["leads_count"]?.integer }
            }
            for _ in 0..<3 { _ = try bench.lead(#"{"first_name": "A"}"#) }
            #expect(try counts() == [3, 0])
            #expect(try bench.send(.patch, lead: 1, "", #"{"pipeline_stage_id": 2}"#).status == 200)
            #expect(try counts() == [2, 1])
            #expect(try bench.send(.delete, lead: 2).status == 204)
            #expect(try counts() == [1, 1])
            #expect(try bench.send(.patch, lead: 1, "", #"{"pipeline_id": null}"#).status == 200)
            #expect(try counts() == [1, 0])
        }
    }
}
