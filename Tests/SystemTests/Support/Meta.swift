import Foundation
import HTTP
import Testing

/// A stack with an integration of Meta's lead ads, and what stands for the Graph API.
final class Meta {
    let stack: Stack
    let service: FakeService
    let client: Client

    static let token = "EAAB-correct-horse-battery-staple"

    /// Starts both; `settings` are the stack's: by default private networks may be asked, where the service is.
    init(
        settings: [String: String] = ["LEADHUB_OUTGOING_PRIVATE_NETWORKS": "allow"], host: String = "127.0.0.1",
    ) throws {
        stack = try Stack(workers: 2, settings: settings)
        service = try FakeService()
        client = stack.client(try stack.key())
        let answer = try client.post(
            "/integrations",
            #"""
            {"type": "facebook_lead_ads", "name": "Page", "config": {"verify_token": "v", "app_secret": "s",
            "access_token": "\#(Meta.token)", "graph_url": "http://\#(host):\#(service.port)/v25.0"}}
            """#,
        )
        try #require(answer.status == 201)
    }

    /// What the Graph API knows of a lead.
    @Sendable static func lead(_ request: FakeService.Request) -> FakeService.Reply {
        let id = request.node
        return .answer(
            200,
            #"{"id":"\#(id)","field_data":[{"name":"email","values":["lead\#(id)@example.com"]}]}"#,
        )
    }

    /// Lets leads be fetched, in so many seconds.
    func announce(_ ids: [Int], in seconds: Int = 0) throws {
        let rows = ids.map { id in
            #"(1, 'fetch_lead', '1/\#(id)', '{"integration_id":1,"id":"\#(id)","details":{}}', unixepoch() + \#(seconds), unixepoch())"#
        }
        let columns = "workspace_id, kind, name, payload, run_at, created_at"
        try stack.write("INSERT INTO job (\(columns)) VALUES \(rows.joined(separator: ", "))")
    }

    func count(_ what: String) throws -> Int { Int(try stack.sql("SELECT count(*) FROM \(what)")) ?? -1 }

    func awaitNoJob(seconds: Int = 30) throws {
        try eventually(within: seconds) { try count("job") == 0 }
    }

    var lastError: String { get throws { try stack.sql("SELECT last_error FROM integration WHERE id = 1") } }

    /// Another runner beside the stack's own.
    func runner() throws -> Child {
        try Child(
            Stack.program, ["--config", stack.settings, "runner"],
            environment: ["LEADHUB_OUTGOING_PRIVATE_NETWORKS": "allow"], errors: .nullDevice,
        )
    }
}
