import GRDB
import HTTP
import Testing

@testable import LeadHub

extension Workbench {
    /// What automations refer to. Of the bench's workspace: the tags `vip` and `Hot Lead`, the users 1 and 2, the
    /// suspended user 3 and the deleted user 4, pipeline 1 with the stages 1 and 2, the form 1, and the integrations 1
    /// (`slack`) and 2 (`mailgun`). Of another: the tag `theirs`, user 5, pipeline 2 with stage 3, form 2 and
    /// integration 3.
    func furnish() throws {
        let other = try workspace("other")
        _ = try lead(#"{"first_name": "A", "tags": ["vip", "Hot Lead", "gone"]}"#)
        _ = try lead(#"{"first_name": "B", "tags": ["theirs"]}"#, key: key(["*"], in: other))
        let gone = try #require(try number("SELECT id FROM tag WHERE name = 'gone'"))
        try #require(try send(.delete, "/api/v1/tags/\(gone)", key: key).status == 204)
        for (name, status) in [("a", "active"), ("b", "invited"), ("c", "suspended"), ("d", "active")] {
            _ = try user("\(name)@example.com", status: status)
        }
        try #require(try send(.delete, "/api/v1/users/4", key: key).status == 204)
        _ = try user("e@example.com", in: other)
        _ = try pipeline("Sales", ["Open", "Won"])
        _ = try pipeline("Theirs", ["Open"], in: other)
        let theirs = try key(["*"], in: other)
        for key in [key, theirs] {
            try #require(try post("/api/v1/forms", #"{"name": "Contact"}"#, key: key).status == 201)
        }
        for (type, key) in [("slack", key), ("mailgun", key), ("slack", theirs)] {
            let config =
                type == "slack"
                ? #"{"webhook_url": "https://hooks.slack.example/T/B/secret"}"#
                : #"{"api_key": "secret-of-mailgun", "domain": "example.com", "from": "a@example.com"}"#
            let body = "{\"name\": \"\(type)\", \"type\": \"\(type)\", \"config\": \(config)}"
            let answer = try post("/api/v1/integrations", body, key: key)
            try #require(answer.status == 201, "\(answer.text)")
        }
    }

    /// Makes an automation with this trigger and these steps, and gives what is answered.
    func automation(_ trigger: String = #"{"type": "manual"}"#, steps: String = "[]") throws -> Answer {
        try post("/api/v1/automations", "{\"name\": \"A\", \"trigger\": \(trigger), \"steps\": \(steps)}")
    }

    func automation(_ id: Int64) throws -> JSONValue {
        let answer = try get("/api/v1/automations/\(id)")
        try #require(answer.status == 200, "\(answer.text)")
        return try #require(answer["data"])
    }
}
