import ArgumentParser
import Foundation
import GRDB
import HTTP
import LeadHub
import Store

/// What a command works on: the settings, the database, and one moment of time.
struct Session {
    let settings: Settings
    let connection: Connection
    /// Unix seconds.
    let now: Int64

    var database: Database { connection.database }

    /// Opens the database that the settings name, and refuses a schema that is not this program's.
    ///
    /// - Throws: `SettingsError`, `StoreError`, `CommandError`, also for an `HTTPError` or a `DatabaseError` of `body`, and
    ///   what else `body` throws.
    static func run<Result>(_ options: Options, _ body: (Session) throws -> Result) throws -> Result {
        let settings = try Settings(file: options.config, environment: ProcessInfo.processInfo.environment)
        try Owner.become(ofStateAt: settings.database)
        return try Store(path: settings.database).connect { connection in
            switch try Schema.state(connection.database) {
            case .current: break
            case .older: throw CommandError("the database is of an older version; run: leadhub migrate")
            case .newer: throw CommandError("the database is of a newer version; install that version of leadhub")
            }
            do {
                return try body(Session(settings: settings, connection: connection, now: Int64(time(nil))))
            } catch let error as HTTPError {
                throw CommandError(
                    error.problems.isEmpty ? error.message : error.problems.messages.joined(separator: " ")
                )
            } catch let error as DatabaseError {
                throw CommandError("the database refused: \(Explanation.text(error))")
            }
        }
    }

    /// Writes, and returns once it is on the disk.
    func write<Result>(_ body: (Database) throws -> Result) throws -> Result {
        let result = try connection.write(body)
        try connection.sync()
        return result
    }

    /// - Throws: `CommandError` where no workspace has this slug.
    func workspace(_ slug: String) throws -> Int64 {
        guard let id = try Workspace.find(slug: slug, database) else {
            throw CommandError("there is no workspace \(slug); leadhub workspace list shows them")
        }
        return id
    }
}

extension Input {
    /// What was typed, checked like what a client sends.
    ///
    /// - Throws: `CommandError` with every problem.
    init(typed values: KeyValuePairs<String, JSONValue?>, for fields: [Field]) throws {
        var problems = Problems()
        let members = values.compactMap { name, value in value.map { (name: name, value: $0) } }
        self.init(JSONObject(members), fields: fields, isNew: true, problems: &problems)
        guard problems.isEmpty else { throw CommandError(problems.messages.joined(separator: " ")) }
    }
}

extension JSONValue {
    static func text(_ text: String?) -> JSONValue? { text.map { .string($0) } }
}
