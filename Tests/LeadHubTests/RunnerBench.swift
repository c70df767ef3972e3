import Foundation
import GRDB
import HTTP
import Logging
import Outgoing
import Store
import Testing

@testable import LeadHub

/// A runner on a workbench, a service that answers as a test says, and the time.
final class RunnerBench {
    let bench: Workbench
    let integration: Int64
    var now = Workbench.now
    var answer: (OutgoingRequest) throws(OutgoingError) -> OutgoingAnswer = { _ throws(OutgoingError) in
        throw .failed("nobody answers")
    }
    private(set) var requests: [OutgoingRequest] = []

    static let token = "EAAB-correct-horse-battery-staple"

    init(_ bench: Workbench) throws {
        self.bench = bench
        integration = try RunnerBench.integration(bench)
    }

    static func integration(_ bench: Workbench, graph: String = "https://graph.example.com/v25.0") throws -> Int64 {
        let answer = try bench.post(
            "/api/v1/integrations",
            #"""
            {"type": "facebook_lead_ads", "name": "Page", "config": {"verify_token": "v", "app_secret": "s",
            "access_token": "\#(token)", "graph_url": "\#(graph)"}}
            """#,
        )
        return try #require(answer["data", "id"]?.integer)
    }

    func runner(keyFile: String? = "secret-key") throws -> Runner {
        let folder = bench.folder.path
        var environment = ["LEADHUB_DATABASE": folder + "/leadhub.db", "LEADHUB_COUNTERS": folder + "/counters"]
        environment["LEADHUB_SECRET_KEY_FILE"] = keyFile.map { "\(folder)/\($0)" }
        let lines = bench.lines
        return Runner(
            connection: bench.connection,
            settings: try Settings(file: folder + "/leadhub.conf", environment: environment),
            log: Logger(label: "test") { _ in LineHandler(lines: lines) }, clock: { [self] in now },
            send: { [self] request throws(OutgoingError) in
                requests.append(request)
                return try answer(request)
            },
        )
    }

    /// Does what is due, and says whether anything was.
    @discardableResult func performJob() throws -> Bool { try runner().performJob() }

    /// Announces a lead, as Meta does.
    func announce(_ id: String, of source: Int64? = nil) throws {
        try bench.connection.write { database in
            let secrets = Secrets.read(bench.folder.path + "/secret-key")
            let source = try Integration.source(
                source ?? integration, workspace: bench.workspace, secrets, database,
            )
            let entry = Inbound.Entry(
                workspace: bench.workspace, way: .integration(source.id),
                request: Request(method: .post, target: Target(""), id: "test"), now: now,
            )
            try Job.add(
                Announcement(id: id, details: JSONObject([("page_id", "138")])), of: source, in: nil, entry, database,
            )
        }
    }

    /// Lets the service answer each request with this.
    func reply(_ status: Int, _ body: String, retryAfter: Int64? = nil) {
        answer = { _ throws(OutgoingError) in
            OutgoingAnswer(status: status, body: Array(body.utf8), retryAfter: retryAfter)
        }
    }

    static func lead(_ id: String, email: String) -> String {
        #"{"id": "\#(id)", "field_data": [{"name": "email", "values": ["\#(email)"]}]}"#
    }

    /// The waiting jobs in the order of their ids: attempts, the seconds until they are due, and why they wait.
    var jobs: [(attempts: Int64, wait: Int64, error: String?)] {
        get throws {
            let rows = try Row.fetchAll(bench.database, sql: "SELECT attempts, run_at, last_error FROM job ORDER BY id")
            return rows.map { ($0["attempts"], $0["run_at"] - now, $0["last_error"]) }
        }
    }

    var lastError: String? {
        get throws { try bench.text("SELECT last_error FROM integration WHERE id = ?", [integration]) }
    }
}
