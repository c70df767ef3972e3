import Foundation
import GRDB
import HTTP
import HTTPTypes
import Testing

@testable import LeadHub

/// Several servers make, rename, move and delete pipelines, stages, tags, users and leads at once.
@Suite struct RecordRaceTests {
    private static let workers = 4
    private static let changes = 400

    @Test func keepsWhatTheContractPromisesUnderManyWriters() throws {
        try Workbench.run { bench in
            _ = try bench.pipeline("Sales", ["New", "Won", "Lost"])
            for number in 1...4 { _ = try bench.user("user\(number)@example.com") }
            let answers = Lines()
            try Worker.run(0..<Self.workers, on: bench) { number, worker in
                var dice = Dice(40 + number)
                for _ in 0..<Self.changes {
                    let change = Self.change(&dice)
                    let answer = try worker.send(change.method, "/api/v1" + change.target, change.body)
                    answers.add(
                        "\(answer.status) \(change.method) \(change.target) \(change.body ?? ""): \(answer.text)")
                }
            }
            bench.connection.limit(to: .seconds(60))
            for answer in answers.all { expectPromised(answer) }
            for status in ["200", "201", "204", "404", "409", "422"] {
                #expect(answers.all.contains { $0.hasPrefix(status) }, "\(status)")
            }
            try expectOneDefault(bench)
            try expectPlacesWithoutGaps(bench)
            try expectTagsAsShown(bench)
            let (kept, counted) = try bench.counts()
            #expect(kept == counted)
            #expect(kept.count > 20)
            #expect(try Row.fetchAll(bench.database, sql: "PRAGMA foreign_key_check").isEmpty)
            #expect(try bench.text("PRAGMA integrity_check") == "ok")
        }
    }

    /// A request about records of which few are there at any time.
    private static func change(_ dice: inout Dice) -> (method: HTTPRequest.Method, target: String, body: String?) {
        func id(_ dice: inout Dice, _ most: Int) -> Int { 1 + dice.below(most) }
        let pipeline = "/pipelines/\(id(&dice, 12))"
        let stage = "\(pipeline)/stages/\(id(&dice, 40))"
        let (tag, user, lead) = ("/tags/\(id(&dice, 20))", "/users/\(id(&dice, 12))", "/leads/\(id(&dice, 80))")
        let name = dice.one(of: ["One", "ÖNE", "Two", "Three", "Four", "Five", "Six"])
        let (isWon, isLost) = (dice.below(3) == 0, dice.below(3) == 0)
        return switch dice.below(24) {
        case 0...1: (.post, "/pipelines", #"{"name": "\#(name)", "stages": [{"name": "A"}, {"name": "B"}]}"#)
        case 2: (.patch, pipeline, #"{"name": "\#(name)", "is_default": \#(isWon)}"#)
        case 3: (.patch, pipeline, #"{"is_default": \#(isLost)}"#)
        case 4: (.delete, pipeline, nil)
        case 5...6: (.post, pipeline + "/stages", #"{"name": "\#(name)", "sort_order": \#(id(&dice, 5))}"#)
        case 7: (.patch, stage, #"{"sort_order": \#(id(&dice, 6))}"#)
        case 8: (.patch, stage, isWon ? #"{"is_won": true}"# : #"{"is_lost": \#(isLost)}"#)
        case 9: (.delete, stage, nil)
        case 10: (.post, "/tags", #"{"name": "\#(name)"}"#)
        case 11...12: (.patch, tag, #"{"name": "\#(name)"}"#)
        case 13: (.delete, tag, nil)
        case 14: (.post, "/users", #"{"name": "U", "email": "user\#(id(&dice, 4))@example.com"}"#)
        case 15: (.patch, user, #"{"status": "\#(isWon ? "suspended" : "active")"}"#)
        case 16: (.delete, user, nil)
        case 17...18: (.post, "/leads", #"{"first_name": "L", "tags": ["\#(name)", "all"]}"#)
        case 19: (.post, "/leads", #"{"first_name": "L", "pipeline_stage_id": \#(id(&dice, 40))}"#)
        case 20: (.patch, lead, #"{"pipeline_id": \#(id(&dice, 12)), "tags": ["\#(name)"]}"#)
        case 21: (.patch, lead, #"{"assigned_user_id": \#(id(&dice, 12))}"#)
        case 22: (.patch, lead, #"{"pipeline_id": null, "tags": ["all", "\#(name)"]}"#)
        default: (.delete, lead, nil)
        }
    }

    /// What has gone is 404 where the path names it and 422 where the body does; 409 is for a pipeline with leads.
    private func expectPromised(_ answer: String) {
        let words = answer.split(separator: " ")
        let allowed = ["200", "201", "204", "404", "422"] + (answer.contains("cannot be deleted: ") ? ["409"] : [])
        #expect(allowed.contains(String(words[0])), "\(answer)")
    }

    private func expectOneDefault(_ bench: Workbench) throws {
        #expect(try bench.number("SELECT count(*) FROM pipeline") ?? 0 > 1)
        #expect(try bench.number("SELECT count(*) FROM pipeline WHERE is_default = 1") == 1)
    }

    private func expectPlacesWithoutGaps(_ bench: Workbench) throws {
        let sql = """
            SELECT count(*) FROM (
                SELECT sort_order, row_number() OVER (PARTITION BY pipeline_id ORDER BY sort_order) AS place FROM stage
            ) WHERE sort_order <> place
            """
        #expect(try bench.number("SELECT count(*) FROM stage") ?? 0 > 1)
        #expect(try bench.number(sql) == 0)
    }

    /// The names that a lead shows, deleted ones included, are those of its tags.
    private func expectTagsAsShown(_ bench: Workbench) throws {
        let sql = """
            SELECT count(*) FROM lead WHERE (
                SELECT json_group_array(value) FROM (SELECT value FROM json_each(tags) ORDER BY value)
            ) <> (
                SELECT json_group_array(name) FROM (
                    SELECT name FROM lead_tag JOIN tag ON tag.id = tag_id WHERE lead_id = lead.id ORDER BY name
                )
            )
            """
        #expect(try bench.number("SELECT count(*) FROM lead_tag") ?? 0 > 10)
        #expect(try bench.number(sql) == 0)
    }

    // MARK: - Between check and write

    /// What another request does after a request's body was checked and before its write begins.
    static let races: [(between: String, method: HTTPRequest.Method, target: String, body: String, errors: String)] = [
        (
            "DELETE FROM stage WHERE id = 2", .post, "/leads", #"{"first_name": "A", "pipeline_stage_id": 2}"#,
            #"{"pipeline_stage_id":["The selected pipeline stage id is invalid."]}"#
        ),
        (
            "DELETE FROM stage WHERE id = 2", .patch, "/leads/1", #"{"pipeline_stage_id": 2}"#,
            #"{"pipeline_stage_id":["The selected pipeline stage id is invalid."]}"#
        ),
        (
            "DELETE FROM pipeline WHERE id = 2", .patch, "/leads/1", #"{"pipeline_id": 2}"#,
            #"{"pipeline_id":["The selected pipeline id is invalid."]}"#
        ),
        (
            "UPDATE workspace_user SET status = 'suspended'", .post, "/leads",
            #"{"first_name": "A", "assigned_user_id": 1}"#,
            #"{"assigned_user_id":["The selected assigned user id is invalid."]}"#
        ),
        (
            "UPDATE workspace_user SET deleted_at = 1", .patch, "/leads/1", #"{"assigned_user_id": 1}"#,
            #"{"assigned_user_id":["The selected assigned user id is invalid."]}"#
        ),
        (
            "UPDATE stage SET is_lost = 1 WHERE id = 2", .patch, "/pipelines/1/stages/2", #"{"is_won": true}"#,
            #"{"is_lost":["The is lost field must be false where is won is true."]}"#
        ),
        (
            "UPDATE pipeline SET is_default = 0; UPDATE pipeline SET is_default = 1 WHERE id = 2", .patch,
            "/pipelines/2", #"{"is_default": false}"#,
            #"{"is_default":["The is default field cannot be unset; make another pipeline the default one."]}"#
        ),
        (
            "INSERT INTO tag (workspace_id, name, name_folded, color, created_at, updated_at) "
                + "VALUES (1, 'VIP', 'vip', '#000000', 1, 1)", .post, "/tags", #"{"name": "vip"}"#,
            #"{"name":["The name has already been taken."]}"#
        ),
    ]

    @Test(arguments: races.indices)
    func looksAgainUnderTheLock(index: Int) throws {
        let race = Self.races[index]
        try Workbench.run { bench in
            _ = (try bench.pipeline("Sales", ["New", "Talk"]), try bench.pipeline("Other", ["Open"]))
            _ = (try bench.user("a@example.com"), try bench.lead(#"{"first_name": "A"}"#))
            let answer = Lines()
            // The lock is held while the other worker checks, waits for it, and only then sees the change.
            let finish = try bench.connection.write { database in
                let finish = Worker.start(0..<1, on: bench) { _, worker in
                    let sent = try worker.send(race.method, "/api/v1" + race.target, race.body)
                    answer.add("\(sent.status) \(sent["errors"]?.minified ?? sent.text)")
                }
                Thread.sleep(forTimeInterval: 0.4)
                try database.execute(sql: race.between)
                return finish
            }
            try finish()
            #expect(answer.all == ["422 \(race.errors)"])
        }
    }
}
