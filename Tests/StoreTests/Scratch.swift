import Foundation
import GRDB
import Store

/// A folder with a database of one table, gone with the test.
final class Scratch {
    let folder = FileManager.default.temporaryDirectory.appending(path: "leadhub-store-\(UUID())")
    var database: URL { folder.appending(path: "test.db") }

    init() {
        try? FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    }

    deinit {
        try? FileManager.default.removeItem(at: folder)
    }

    func migrated() throws -> Store {
        let store = try Store(creatingAt: database.path)
        try store.migrate(migrator)
        return store
    }

    var migrator: DatabaseMigrator {
        var migrator = DatabaseMigrator()
        migrator.registerMigration("1 note") { try $0.execute(sql: "CREATE TABLE note (id INTEGER PRIMARY KEY, text)") }
        return migrator
    }

    func writeOneMebibyte(_ connection: Connection) throws {
        try connection.write { database in
            try database.execute(sql: "INSERT INTO note (text) VALUES (randomblob(1048576))")
        }
    }

    /// The log's file does not shrink while the log is shorter than 64 MiB, so its size is the most that it was long.
    var largestLogInBytes: Int {
        let attributes = try? FileManager.default.attributesOfItem(atPath: database.path + "-wal")
        return (attributes?[.size] as? Int) ?? 0
    }
}
