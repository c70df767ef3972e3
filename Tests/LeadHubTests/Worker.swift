import Foundation
import GRDB
import HTTP
import HTTPTypes
import Logging
import RateLimit
import Store
import Testing

@testable import LeadHub

/// A second server on a workbench's files, with a connection of its own: what another process would be.
struct Worker {
    let connection: Connection
    private let application: Application
    private let key: String

    private init(_ folder: URL, _ key: String, _ connection: Connection) throws {
        self.connection = connection
        self.key = key
        let counters = folder.appending(path: "counters").path
        let settings = try Settings(
            file: folder.appending(path: "leadhub.conf").path,
            environment: [
                "LEADHUB_DATABASE": folder.path + "/leadhub.db", "LEADHUB_COUNTERS": counters,
                "LEADHUB_SECRET_KEY_FILE": folder.path + "/secret-key",
            ],
        )
        application = Application(
            connection: connection,
            counters: try CounterTable(path: counters, now: Workbench.now) { _ in },
            settings: settings,
            log: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
        )
    }

    func send(
        _ method: HTTPRequest.Method, _ target: String, _ body: String? = nil, now: Int64 = Workbench.now,
    ) throws -> Answer {
        var fields: HTTPFields = [.authorization: "Bearer \(key)"]
        if body != nil { fields[.contentType] = "application/json" }
        let request = Request(
            method: method, target: Target(target), fields: fields, body: .complete(Array((body ?? "").utf8)),
            origin: Workbench.origin, id: "test-request",
        )
        return try Answer(application.respond(to: request, now: now))
    }

    /// Runs `body` on as many threads as there are numbers, each with a worker of its own, and waits for them.
    ///
    /// - Throws: what the first of them threw.
    static func run(
        _ numbers: Range<Int>, on bench: Workbench, _ body: @escaping @Sendable (Int, Worker) throws -> Void,
    ) throws {
        try start(numbers, on: bench, body)()
    }

    /// As `run`, but does not wait.
    ///
    /// - Returns: waits for them.
    static func start(
        _ numbers: Range<Int>, on bench: Workbench, _ body: @escaping @Sendable (Int, Worker) throws -> Void,
    ) -> () throws -> Void {
        let (folder, key) = (bench.folder, bench.key)
        let group = DispatchGroup()
        let failures = Lines()
        for number in numbers {
            group.enter()
            Thread.detachNewThread {
                defer { group.leave() }
                do {
                    try Store(path: folder.appending(path: "leadhub.db").path).connect { connection in
                        try body(number, Worker(folder, key, connection))
                    }
                } catch {
                    failures.add("\(number): \(error)")
                }
            }
        }
        return {
            group.wait()
            try #require(failures.all.isEmpty, "\(failures.all)")
        }
    }
}

/// A sign that threads look at.
final class Flag: @unchecked Sendable {
    private let lock = NSLock()
    private var isUp = false

    var isRaised: Bool { lock.withLock { isUp } }

    func raise() { lock.withLock { isUp = true } }
}

extension Workbench {
    /// Copies every lead with all that is kept beside it: a twentieth of the time that the API takes.
    ///
    /// - Returns: how far a copy's id is from its lead's.
    /// - Throws: `DatabaseError`.
    @discardableResult func doubleLeads() throws -> Int64 {
        let columns = try database.columns(in: "lead").map(\.name).filter { $0 != "id" }.joined(separator: ", ")
        let last = try number("SELECT max(id) FROM lead") ?? 0
        try execute(
            """
            INSERT INTO lead (id, \(columns)) SELECT id + \(last), \(columns) FROM lead;
            INSERT INTO lead_search (rowid, text)
                SELECT workspace_id << 40 | id, search_text FROM lead WHERE id > \(last) AND deleted_at IS NULL;
            INSERT INTO lead_tag SELECT workspace_id, lead_id + \(last), tag_id FROM lead_tag;
            INSERT INTO lead_custom_field SELECT workspace_id, digest, lead_id + \(last) FROM lead_custom_field
            """
        )
        return last
    }
}
