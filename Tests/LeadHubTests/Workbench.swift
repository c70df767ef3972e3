import Foundation
import GRDB
import HTTP
import HTTPTypes
import Logging
import RateLimit
import Store
import Testing

@testable import LeadHub

// Swift Testing has a type of this name too.
typealias Tag = LeadHub.Tag

/// A server on real files in a folder of a test's own, with no socket: the workspace `acme`, and a key to all of it.
struct Workbench {
    let folder: URL
    let connection: Connection
    let lines = Lines()
    /// The workspace that `key` opens.
    let workspace: Int64
    /// The secret of a key with every scope.
    let key: String
    private let application: Application

    /// Unix seconds: 2026-09-21T14:13:20+00:00.
    static let now: Int64 = 1_790_000_000
    static let origin = "https://crm.example.com"

    var database: Database { connection.database }

    /// Sets a workbench up, and clears it away after `body`.
    static func run(_ body: (Workbench) throws -> Void) throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "workbench-\(UUID())")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let path = folder.appending(path: "leadhub.db").path
        try Store(creatingAt: path).migrate(Schema.migrator)
        try Store(path: path).connect { connection in
            try body(Workbench(folder: folder, connection: connection))
        }
    }

    private init(folder: URL, connection: Connection) throws {
        self.folder = folder
        self.connection = connection
        let conf = folder.appending(path: "leadhub.conf").path
        try #require(FileManager.default.createFile(atPath: conf, contents: Data()))
        try Data((0..<32).map { _ in UInt8.random(in: 0...255) }).write(to: folder.appending(path: "secret-key"))
        application = try Workbench.application(folder, connection, lines, keyFile: folder.path + "/secret-key")
        (workspace, key) = try connection.write { database in
            let workspace = try Workspace.create(
                Input(["slug": "acme", "name": "Acme"]), database, now: Workbench.now,
            )
            let key = try Key.create(
                Input(["name": "all", "rate_limit": .number("1000000")]), scopes: ["*"], workspace: workspace,
                database, now: Workbench.now,
            )
            return (workspace, key)
        }
    }

    private init(_ bench: Workbench, keyFile: String?) throws {
        (folder, connection, workspace, key) = (bench.folder, bench.connection, bench.workspace, bench.key)
        application = try Workbench.application(folder, connection, lines, keyFile: keyFile)
    }

    /// The same files, served by an application that was started with another file of the key for secrets, or none.
    func restarted(keyFile: String?) throws -> Workbench { try Workbench(self, keyFile: keyFile) }

    private static func application(
        _ folder: URL, _ connection: Connection, _ lines: Lines, keyFile: String?,
    ) throws -> Application {
        let counters = folder.path + "/counters"
        var environment = ["LEADHUB_DATABASE": folder.path + "/leadhub.db", "LEADHUB_COUNTERS": counters]
        environment["LEADHUB_SECRET_KEY_FILE"] = keyFile
        return Application(
            connection: connection,
            counters: try CounterTable(path: counters, now: Workbench.now) { lines.add($0) },
            settings: try Settings(file: folder.path + "/leadhub.conf", environment: environment),
            log: Logger(label: "test") { _ in LineHandler(lines: lines) },
        )
    }

    // MARK: - Requests

    /// Asks as the bench's own key, where none is named.
    func get(_ target: String, key: String? = nil, now: Int64 = now) throws -> Answer {
        try send(.get, target, key: key ?? self.key, now: now)
    }

    /// Posts as the bench's own key, where none is named.
    func post(_ target: String, _ body: String, key: String? = nil, now: Int64 = now) throws -> Answer {
        try send(.post, target, body, key: key ?? self.key, now: now)
    }

    /// Asks with the key that is named; nil sends no credentials.
    func send(
        _ method: HTTPRequest.Method, _ target: String, _ body: String? = nil, key: String?,
        fields: HTTPFields = [:], now: Int64 = now,
    ) throws -> Answer {
        var fields = fields
        if let key { fields[.authorization] = "Bearer \(key)" }
        if body != nil && fields[.contentType] == nil { fields[.contentType] = "application/json" }
        return try send(
            Request(
                method: method, target: Target(target), fields: fields, body: .complete(Array((body ?? "").utf8)),
                origin: Workbench.origin, id: "test-request",
            ),
            now: now,
        )
    }

    func send(_ request: Request, now: Int64 = now) throws -> Answer {
        try Answer(application.respond(to: request, now: now))
    }

    /// Makes a lead, and gives its id.
    func lead(_ body: String, key: String? = nil, now: Int64 = now) throws -> Int64 {
        let answer = try post("/api/v1/leads", body, key: key, now: now)
        try #require(answer.status == 201, "\(answer.text)")
        return try #require(answer["data", "id"]?.integer)
    }

    // MARK: - Records

    /// Makes a workspace, and gives its id.
    func workspace(_ slug: String) throws -> Int64 {
        let input = Input(["slug": .string(slug), "name": .string(slug)])
        return try connection.write { try Workspace.create(input, $0, now: Workbench.now) }
    }

    /// Makes a key, and gives its secret.
    func key(
        _ scopes: [String], in workspace: Int64? = nil, limit: Int64 = 1_000, expiresAt: Int64? = nil,
    ) throws -> String {
        var input = Input(["name": "test", "rate_limit": .number("\(limit)")])
        if let expiresAt { input["expires_at"] = .integer(expiresAt) }
        let home = workspace ?? self.workspace
        return try connection.write {
            try Key.create(input, scopes: scopes, workspace: home, $0, now: Workbench.now)
        }
    }

    /// Makes a user, and gives the user's id.
    func user(_ email: String, status: String = "active", in workspace: Int64? = nil) throws -> Int64 {
        let input = Input(["name": "Somebody", "email": .string(email), "status": .string(status)])
        let home = workspace ?? self.workspace
        return try connection.write { try User.create(input, workspace: home, $0, now: Workbench.now) }
    }

    /// Makes a pipeline with stages, of which one called `Won` or `Lost` is what it is called; gives their ids.
    func pipeline(
        _ name: String, _ stages: [String], isDefault: Bool = false, in workspace: Int64? = nil,
    ) throws -> (id: Int64, stages: [Int64]) {
        let input = Input(["name": .string(name), "is_default": .boolean(isDefault)])
        let steps = stages.map {
            Input(["name": .string($0), "is_won": .boolean($0 == "Won"), "is_lost": .boolean($0 == "Lost")])
        }
        let home = workspace ?? self.workspace
        return try connection.write { database in
            let id = try Pipeline.create(input, stages: steps, workspace: home, database, now: Workbench.now)
            let sql = "SELECT id FROM stage WHERE pipeline_id = ? ORDER BY sort_order"
            return (id, try Int64.fetchAll(database, sql: sql, arguments: [id]))
        }
    }

    // MARK: - What the files hold

    /// Changes the database behind the application's back.
    func execute(_ sql: String, _ arguments: StatementArguments = []) throws {
        try connection.write { try $0.execute(sql: sql, arguments: arguments) }
    }

    func number(_ sql: String, _ arguments: StatementArguments = []) throws -> Int64? {
        try Int64.fetchOne(database, sql: sql, arguments: arguments)
    }

    func text(_ sql: String, _ arguments: StatementArguments = []) throws -> String? {
        try String.fetchOne(database, sql: sql, arguments: arguments)
    }

    /// How many rows were ever changed, those of transactions that were rolled back included.
    var changes: Int { database.totalChangesCount }
}

extension Input {
    /// What the command line would make of these values.
    fileprivate init(_ values: KeyValuePairs<String, JSONValue>) {
        let fields = Workspace.fields + Key.fields + User.fields + Pipeline.fields + Stage.fields
        self.init()
        for (name, value) in values {
            switch value {
            case .boolean(let isTrue): self[name] = .integer(isTrue ? 1 : 0)
            case .number(let text): self[name] = Int64(text).map { .integer($0) }
            case .string(let text): self[name] = .text(text)
            default: preconditionFailure("\(name) is neither text, number nor truth value")
            }
            precondition(fields.contains { $0.name == name }, "\(name) is no field")
        }
    }
}

/// What was logged, line by line.
final class Lines: @unchecked Sendable {
    private let lock = NSLock()
    private var lines: [String] = []

    var all: [String] { lock.withLock { lines } }

    func add(_ line: String) {
        lock.withLock { lines.append(line) }
    }
}

struct LineHandler: LogHandler {
    let lines: Lines
    var metadata: Logger.Metadata = [:]
    var logLevel = Logger.Level.trace

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        let data = (event.metadata ?? [:]).sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
        lines.add("\(event.level) \(event.message) " + data.joined(separator: " "))
    }
}
