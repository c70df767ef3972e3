import HTTP
import Testing

@testable import LeadHub

/// Where a new lead stands: pipeline, stage, and the status that a stage brings.
@Suite struct LeadPlaceTests {
    @Test func entersTheDefaultPipelineAtItsFirstStage() throws {
        try Workbench.run { bench in
            _ = try bench.pipeline("First made", ["One"])
            let standard = try bench.pipeline("Default", ["Two", "Three"], isDefault: true)
            let place = try place(#"{"first_name": "A"}"#, bench)
            #expect(place == [standard.id, standard.stages[0]])
        }
    }

    /// A pipeline without stages holds leads all the same.
    @Test func entersAPipelineWithoutStages() throws {
        try Workbench.run { bench in
            let empty = try bench.pipeline("Empty", [])
            #expect(try place(#"{"first_name": "A"}"#, bench) == [empty.id, nil])
        }
    }

    @Test func takesThePipelineFromTheStage() throws {
        try Workbench.run { bench in
            _ = try bench.pipeline("Default", ["One"])
            let other = try bench.pipeline("Other", ["Two", "Three"])
            let stage = other.stages[1]
            #expect(try place("{\"first_name\": \"A\", \"pipeline_stage_id\": \(stage)}", bench) == [other.id, stage])
        }
    }

    @Test func takesTheFirstStageOfThePipeline() throws {
        try Workbench.run { bench in
            _ = try bench.pipeline("Default", ["One"])
            let other = try bench.pipeline("Other", ["Two", "Three"])
            try bench.execute("UPDATE stage SET sort_order = 3 - sort_order WHERE pipeline_id = ?", [other.id])
            let first = other.stages[1]
            #expect(try place("{\"first_name\": \"A\", \"pipeline_id\": \(other.id)}", bench) == [other.id, first])
        }
    }

    @Test func staysOutOfEveryPipelineWhenToldSo() throws {
        try Workbench.run { bench in
            _ = try bench.pipeline("Default", ["One"])
            #expect(try place(#"{"first_name": "A", "pipeline_id": null}"#, bench) == [nil, nil])
        }
    }

    @Test func staysInItsOwnWorkspacesPipeline() throws {
        try Workbench.run { bench in
            _ = try bench.pipeline("Default", ["One"], in: try bench.workspace("other"))
            #expect(try place(#"{"first_name": "A"}"#, bench) == [nil, nil])
        }
    }

    @Test(arguments: [
        (0, "", "new"), (1, "", "converted"), (2, "", "lost"),
        (1, #", "status": "new""#, "new"), (2, #", "status": "qualified""#, "qualified"),
        (1, #", "status": null"#, "converted"), (0, #", "status": "lost""#, "lost"),
    ])
    func takesItsStatusFromAWonOrLostStageUnlessOneIsGiven(stage: Int, more: String, status: String) throws {
        try Workbench.run { bench in
            let pipeline = try bench.pipeline("Default", ["Open", "Won", "Lost"])
            let body = "{\"first_name\": \"A\", \"pipeline_stage_id\": \(pipeline.stages[stage])\(more)}"
            let answer = try bench.post("/api/v1/leads", body)
            #expect(answer["data", "status"] == .string(status), "\(answer.text)")
        }
    }

    @Test func takesItsStatusAlsoFromTheDefaultPipelinesFirstStage() throws {
        try Workbench.run { bench in
            _ = try bench.pipeline("Default", ["Won"])
            #expect(try bench.post("/api/v1/leads", #"{"first_name": "A"}"#)["data", "status"] == "converted")
        }
    }

    /// - Returns: the ids of the new lead's pipeline and stage.
    private func place(_ body: String, _ bench: Workbench) throws -> [Int64?] {
        let answer = try bench.post("/api/v1/leads", body)
        try #require(answer.status == 201, "\(answer.text)")
        return [answer["data", "pipeline_id"]?.integer, answer["data", "pipeline_stage_id"]?.integer]
    }
}
