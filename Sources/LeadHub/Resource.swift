import GRDB
import HTTP

/// A part of the API: what its records hold, how they are stored, where they are reached.
package protocol Resource: SendableMetatype {
    static var fields: [Field] { get }
    /// Named steps of the schema, in SQL; a step is never edited once it was released.
    static var migrations: KeyValuePairs<String, String> { get }
    static var routes: [Route] { get }
    /// Values of fields as the documentation shows them; where there is none, one is made up.
    static var example: JSONObject { get }
}

extension Resource {
    package static var fields: [Field] { [] }
    package static var migrations: KeyValuePairs<String, String> { [:] }
    package static var routes: [Route] { [] }
    package static var example: JSONObject { JSONObject([]) }
}

/// Every resource there is. A test holds the folder `Resources` against this list.
package let resources: [any Resource.Type] = [
    Activity.self, Automation.self, Documentation.self, Form.self, Health.self, IdempotencyKey.self, Inbound.self,
    Integration.self, IntegrationType.self, Job.self, Key.self, Lead.self, Pipeline.self, Stage.self, Submission.self,
    Tag.self,
    User.self, Workspace.self,
]

/// The schema as all resources together make it.
package enum Schema {
    /// Runs the resources' steps in the order of their names, whatever file they stand in.
    package static var migrator: DatabaseMigrator {
        var migrator = DatabaseMigrator()
        for step in resources.flatMap({ Array($0.migrations) }).sorted(by: { $0.key < $1.key }) {
            migrator.registerMigration(step.key) { try $0.execute(sql: step.value) }
        }
        return migrator
    }

    package enum State {
        case current
        /// `leadhub migrate` must run first.
        case older
        /// A later version of the program has been here.
        case newer
    }

    /// Whether any version of this program has made the database.
    ///
    /// - Throws: `DatabaseError` where the database cannot be read.
    package static func isOurs(_ database: Database) throws -> Bool {
        let applied = try migrator.appliedIdentifiers(database)
        return migrator.migrations.first.map(applied.contains) ?? false
    }

    /// - Throws: `DatabaseError` where the database cannot be read.
    package static func state(_ database: Database) throws -> State {
        let migrator = migrator
        if try migrator.hasBeenSuperseded(database) { return .newer }
        return try migrator.hasCompletedMigrations(database) ? .current : .older
    }
}

/// Removes for good what is past its time: deleted leads, kept answers, bodies that came.
///
/// - Parameters:
///   - limit: how many rows of a kind at the most, so that no writer waits for long.
///   - database: within a write.
///   - now: Unix seconds.
/// - Returns: how many rows were removed; 0 where there is nothing left.
/// - Throws: `DatabaseError`.
package func purge(limit: Int, _ database: Database, now: Int64) throws -> Int {
    try Lead.purge(limit: limit, database, now: now) + IdempotencyKey.purge(limit: limit, database, now: now)
        + Inbound.purge(limit: limit, database, now: now)
}
