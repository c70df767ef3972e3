import ArgumentParser
import Foundation
import GRDB
import LeadHub
import Store

struct MigrateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "migrate",
        abstract: "Make the database, or bring its schema up to date.",
    )

    @OptionGroup var options: Options

    func run() throws {
        let settings = try Settings(file: options.config, environment: ProcessInfo.processInfo.environment)
        try Owner.become(ofStateAt: settings.database)
        if access(settings.database, F_OK) != 0 { try MigrateCommand.expectNoRemains(of: settings.database) }
        let store = try Store(creatingAt: settings.database)
        guard try store.connect({ try Schema.state($0.database) }) != .newer else {
            throw CommandError("the database is of a newer version; install that version of leadhub")
        }
        do {
            try store.migrate(Schema.migrator)
        } catch let error as DatabaseError {
            throw CommandError("the database refused: \(Explanation.text(error))")
        }
    }

    private static func expectNoRemains(of database: String) throws {
        let remains = try RestoreCommand.remains(of: database)
        guard remains.isEmpty else {
            throw CommandError(
                """
                \(database) is missing, and beside it stands what is left of one: \(remains.joined(separator: ", ")). \
                Put one in its place by leadhub restore FILE, or move these elsewhere to begin with an empty one.
                """
            )
        }
    }
}
