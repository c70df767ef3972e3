import HTTP
import HTTPTypes
import Testing

@testable import LeadHub

/// What is special about pipelines; `RecordTests` has what they share with the others.
@Suite struct PipelineTests {
    private static let later = Workbench.now + 60

    @Test func beginsWithTheContractsDefaults() throws {
        try Workbench.run { bench in
            let created = try bench.data("/pipelines", #"{"name": "Sales"}"#)
            let expected = """
                {"id":1,"name":"Sales","description":null,"is_default":true,"stages":[],"leads_count":0,\
                "created_at":"2026-09-21T14:13:20+00:00","updated_at":"2026-09-21T14:13:20+00:00"}
                """
            #expect(created.minified == expected)
            let second = try bench.data(
                "/pipelines", #"{"name": "B", "description": " Why ", "is_default": null, "stages": null}"#)
            #expect(second["description"] == "Why")
            #expect(second["is_default"] == false)
        }
    }

    // MARK: - The default one

    @Test func isTheDefaultWhereItIsTheFirstOrSetLast() throws {
        try Workbench.run { bench in
            _ = try bench.data("/pipelines", #"{"name": "A", "is_default": false}"#)
            #expect(try defaults(bench) == ["A"])
            _ = try bench.data("/pipelines", #"{"name": "B"}"#)
            #expect(try defaults(bench) == ["A"])
            _ = try bench.data("/pipelines", #"{"name": "C", "is_default": true}"#, now: Self.later)
            #expect(try defaults(bench) == ["C"])
            #expect(try bench.data("/pipelines/1")["updated_at"] == "2026-09-21T14:14:20+00:00")
            #expect(try bench.ask(.patch, "/pipelines/2", #"{"is_default": true}"#)["data", "is_default"] == true)
            #expect(try defaults(bench) == ["B"])
            #expect(try bench.ask(.patch, "/pipelines/1", #"{"is_default": false}"#).status == 200)
            #expect(try defaults(bench) == ["B"])
            #expect(try bench.ask(.delete, "/pipelines/1").status == 204)
            #expect(try defaults(bench) == ["B"])
        }
    }

    @Test func makesTheOldestTheDefaultWhereTheDefaultGoes() throws {
        try Workbench.run { bench in
            for name in ["A", "B", "C"] { _ = try bench.data("/pipelines", "{\"name\": \"\(name)\"}") }
            for (gone, next) in [(1, ["B"]), (2, ["C"]), (3, [])] {
                #expect(try bench.ask(.delete, "/pipelines/\(gone)").status == 204)
                #expect(try defaults(bench) == next)
            }
            #expect(try bench.data("/pipelines", #"{"name": "D"}"#)["is_default"] == true)
        }
    }

    @Test func staysTheDefaultUntilAnotherIs() throws {
        try Workbench.run { bench in
            _ = try bench.data("/pipelines", #"{"name": "A"}"#)
            let contents = try bench.contents()
            let answer = try bench.ask(.patch, "/pipelines/1", #"{"name": "B", "is_default": false}"#)
            #expect(answer.status == 422)
            let message = "The is default field cannot be unset; make another pipeline the default one."
            #expect(answer["errors"]?.minified == "{\"is_default\":[\"\(message)\"]}")
            #expect(try bench.contents() == contents)
        }
    }

    /// A new default one that is refused takes nothing from the old one.
    @Test func losesNothingToAPipelineThatIsRefused() throws {
        try Workbench.run { bench in
            for name in ["A", "B"] { _ = try bench.data("/pipelines", "{\"name\": \"\(name)\"}") }
            let contents = try bench.contents()
            #expect(try bench.ask(.post, "/pipelines", #"{"name": "a", "is_default": true}"#).status == 422)
            #expect(try bench.ask(.patch, "/pipelines/2", #"{"name": "a", "is_default": true}"#).status == 422)
            #expect(try bench.contents() == contents)
        }
    }

    private func defaults(_ bench: Workbench) throws -> [String] {
        let pipelines = try #require(bench.ask(.get, "/pipelines")["data"]).elements
        return pipelines.filter { $0["is_default"] == true }.compactMap { $0["name"]?.string }
    }

    // MARK: - Deleting

    @Test(arguments: [(1, "1 lead is"), (3, "3 leads are")])
    func staysWhereLeadsAreInIt(count: Int, leads: String) throws {
        try Workbench.run { bench in
            _ = try bench.pipeline("Sales", ["New"])
            for _ in 0..<count { _ = try bench.lead(#"{"first_name": "A"}"#) }
            let contents = try bench.contents()
            let answer = try bench.ask(.delete, "/pipelines/1")
            #expect(answer.status == 409)
            #expect(answer.code == "CONFLICT")
            #expect(answer["message"] == .string("The pipeline cannot be deleted: \(leads) in it."))
            #expect(answer["errors"] == nil)
            #expect(try bench.contents() == contents)
        }
    }

    @Test func goesWhereItsLeadsAreDeletedAndTheyCanComeBack() throws {
        try Workbench.run { bench in
            _ = try bench.pipeline("Sales", ["New", "Talk"])
            for stage in 1...2 { _ = try bench.lead("{\"first_name\": \"A\", \"pipeline_stage_id\": \(stage)}") }
            #expect(try bench.send(.delete, lead: 1).status == 204)
            #expect(try bench.send(.patch, lead: 2, "", #"{"pipeline_id": null}"#).status == 200)
            #expect(try bench.data("/pipelines/1")["leads_count"] == 0)
            #expect(try bench.ask(.delete, "/pipelines/1").status == 204)
            #expect(try bench.number("SELECT count(*) FROM stage") == 0)
            #expect(try bench.connection.write { try Lead.restore(1, $0, now: Self.later) })
            let lead = try bench.record(1)
            #expect(lead["pipeline_id"] == .null)
            #expect(lead["pipeline_stage_id"] == .null)
            #expect(try bench.found("pipeline_id=1") == [])
            let (kept, counted) = try bench.counts()
            #expect(kept == counted)
        }
    }

    // MARK: - Stages

    @Test func bringsItsStages() throws {
        try Workbench.run { bench in
            let answer = try bench.data(
                "/pipelines",
                """
                {"name": "Sales", "stages": [
                    {"name": " New "}, {"name": "Won", "color": "#00ff00", "is_won": true},
                    {"name": "New", "is_lost": true, "sort_order": 1, "id": 9, "leads_count": 5}
                ]}
                """,
            )
            let stages = try #require(answer["stages"]).elements
            #expect(stages.map { $0["name"] } == ["New", "Won", "New"])
            #expect(stages.map { $0["id"] } == [1, 2, 3])
            #expect(stages.map { $0["sort_order"] } == [1, 2, 3])
            #expect(stages.map { $0["color"] } == ["#6B7280", "#00ff00", "#6B7280"])
            #expect(stages.map { $0["is_won"] } == [false, true, false])
            #expect(stages.map { $0["is_lost"] } == [false, false, true])
            #expect(stages.map { $0["leads_count"] } == [0, 0, 0])
        }
    }

    /// A pipeline shows its stages as they show themselves, in their order.
    @Test func showsItsStagesAsTheyAre() throws {
        try Workbench.run { bench in
            _ = try bench.pipeline("Other", ["Else"])
            _ = try bench.pipeline("Sales", ["New", "Won", "Lost"], isDefault: true)
            let stages = "/pipelines/2/stages"
            _ = try bench.data(stages, #"{"name": "Ü \"x\"\\\n\t\u2028 👩‍💻", "sort_order": 1}"#, now: Self.later)
            #expect(try bench.ask(.patch, stages + "/4", #"{"sort_order": 2}"#, now: Self.later).status == 200)
            for stage in [2, 2, 3] { _ = try bench.lead("{\"first_name\": \"A\", \"pipeline_stage_id\": \(stage)}") }
            let shown = try #require(bench.data("/pipelines/2")["stages"]).elements
            #expect(shown.map { $0["id"] } == [5, 4, 2, 3])
            for stage in shown {
                let id = try #require(stage["id"]?.integer)
                let itself = try bench.data("\(stages)/\(id)")
                #expect(stage.minified == itself.minified)
            }
            let listed = try #require(bench.ask(.get, stages)["data"])
            #expect(try bench.data("/pipelines/2")["stages"]?.minified == listed.minified)
            let pipelines = try bench.ask(.get, "/pipelines?sort=id")
            #expect(pipelines["data", "1"]?.minified == (try bench.data("/pipelines/2").minified))
            #expect(pipelines["data", "0", "stages"]?.elements.count == 1)
        }
    }

    @Test func takesItsOwnStagesBackAndNoOthers() throws {
        try Workbench.run { bench in
            _ = try bench.pipeline("Sales", ["New", "Won"])
            let read = try bench.data("/pipelines/1")
            // A lead that comes in between changes what the server sets, and nothing of the client's.
            _ = try bench.lead(#"{"first_name": "A"}"#)
            let renamed = read.replacing([("name", "Renamed")])
            let answer = try bench.ask(.put, "/pipelines/1", renamed.minified)
            #expect(answer.status == 200, "\(answer.text)")
            #expect(answer["data", "name"] == "Renamed")
            #expect(
                try bench.ask(.put, "/pipelines/1", #"{"stages": [{"name": "New"}, {"name": "Won", "is_won": true}]}"#)
                    .status == 200)
            let contents = try bench.contents()
            for stages in [
                "[]", "null", "5", #"[{"name": "New"}]"#, #"[{"name": "Won", "is_won": true}, {"name": "New"}]"#,
                #"[{"name": "New"}, {"name": "Won"}]"#, #"[{"name": "New"}, {"name": "Won", "nope": true}]"#,
            ] {
                let answer = try bench.ask(.patch, "/pipelines/1", "{\"stages\": \(stages)}")
                #expect(answer.status == 422)
                #expect(answer["errors"]?.minified == #"{"stages":["The stages field cannot be changed."]}"#)
            }
            #expect(try bench.contents() == contents)
        }
    }

    static let stages: [(stages: String, errors: String)] = [
        (#""New""#, #"{"stages":["The stages field must be an array."]}"#),
        (#"{"0": {"name": "New"}}"#, #"{"stages":["The stages field must be an array."]}"#),
        (#"["New"]"#, #"{"stages.0":["The stages.0 field must be an object."]}"#),
        ("[null]", #"{"stages.0":["The stages.0 field must be an object."]}"#),
        ("[{}]", #"{"stages.0.name":["The stages.0.name field is required."]}"#),
        (#"[{"name": null}]"#, #"{"stages.0.name":["The stages.0.name field is required."]}"#),
        (
            #"[{"name": "A"}, {"name": 5, "color": "red", "is_won": 1, "won": true}]"#,
            #"{"stages.1.won":["The stages.1.won field is unknown."],"#
                + #""stages.1.name":["The stages.1.name field must be a string."],"#
                + #""stages.1.color":["The stages.1.color field must be a valid hexadecimal color."],"#
                + #""stages.1.is_won":["The stages.1.is won field must be true or false."]}"#
        ),
        (
            #"[{"name": "A"}, {"name": "B", "is_won": true, "is_lost": true}]"#,
            #"{"stages.1.is_lost":["The stages.1.is lost field must be false where is won is true."]}"#
        ),
        (
            "[" + String(repeating: #"{"name": "A"},"#, count: 100) + #"{"name": "A"}]"#,
            #"{"stages":["The stages field must not have more than 100 items."]}"#
        ),
    ]

    @Test(arguments: stages)
    func bringsNoStagesThatAreNone(stages: String, errors: String) throws {
        try Workbench.run { bench in
            let contents = try bench.contents()
            let answer = try bench.ask(.post, "/pipelines", "{\"name\": \"A\", \"stages\": \(stages)}")
            #expect(answer.status == 422, "\(answer.text)")
            #expect(answer["errors"]?.minified == errors)
            #expect(try bench.contents() == contents)
        }
    }
}
