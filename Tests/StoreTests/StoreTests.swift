import Foundation
import GRDB
import Store
import Testing

@Suite struct StoreTests {
    private let scratch = Scratch()

    @Test func refusesToOpenWhatIsNotThere() throws {
        let missing = scratch.folder.appending(path: "missing.db").path
        #expect(throws: StoreError.self) { try Store(path: missing) }
        #expect(!FileManager.default.fileExists(atPath: missing))
    }

    @Test func refusesWhatIsNoDatabase() throws {
        try Data("no database, but long enough to look like one".utf8).write(to: scratch.database)
        #expect(throws: (any Error).self) { try Store(path: scratch.database.path).connect { _ in } }
    }

    @Test func keepsNothingOfAWriteThatThrows() throws {
        struct Refused: Error {}
        try scratch.migrated().connect { connection in
            #expect(throws: Refused.self) {
                try connection.write { database in
                    try database.execute(sql: "INSERT INTO note (text) VALUES ('lost')")
                    throw Refused()
                }
            }
            try connection.write { try $0.execute(sql: "INSERT INTO note (text) VALUES ('kept')") }
            #expect(try String.fetchAll(connection.database, sql: "SELECT text FROM note") == ["kept"])
        }
    }

    @Test func letsNoSQLDamageTheFileOrRunWhatASchemaHides() throws {
        try scratch.migrated().connect { connection in
            #expect(throws: DatabaseError.self) {
                try connection.write { database in
                    try database.execute(sql: "PRAGMA writable_schema = ON; DELETE FROM sqlite_schema")
                }
            }
            for (pragma, value) in [
                ("trusted_schema", 0), ("foreign_keys", 1), ("wal_autocheckpoint", 0),
                ("journal_size_limit", 67_108_864),
            ] {
                let found = try Int.fetchOne(connection.database, sql: "PRAGMA \(pragma)")
                #expect(found == value, "\(pragma)")
            }
        }
    }

    /// The wait is longer than the limit, and half of what a writer has patience for; what runs then takes milliseconds,
    /// and is looked at for the limit.
    @Test func countsNoWaitForOtherWritersAsTimeOfTheDatabase() throws {
        try scratch.migrated().connect { connection in
            try connection.write { try $0.execute(sql: "INSERT INTO note (text) VALUES ('first')") }
            let other = open(scratch.database.path + ".lock", O_RDONLY)
            #expect(flock(other, LOCK_EX) == 0)
            Thread.detachNewThread {
                usleep(2_500_000)
                close(other)
            }
            connection.limit(to: .seconds(2))
            let counted = try connection.write { database in
                try Int.fetchOne(
                    database,
                    sql: """
                        WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20000)
                        SELECT count(*) FROM n
                        """,
                )
            }
            #expect(counted == 20_000)
        }
    }

    @Test func startsTheLogAgainOnceItIsLong() throws {
        try scratch.migrated().connect { connection in
            for _ in 0..<64 { try scratch.writeOneMebibyte(connection) }
            try connection.sync()
            #expect((16 * 1_048_576..<20 * 1_048_576).contains(scratch.largestLogInBytes))
        }
    }

    @Test func letsWritersGoOnWhileAReaderStaysAndStartsAgainAfterwards() throws {
        let (store, reader) = (try scratch.migrated(), try Store(path: scratch.database.path))
        try store.connect { connection in
            try reader.connect { other in
                try other.read { database in
                    let before = try Int.fetchOne(database, sql: "SELECT count(*) FROM note")
                    for _ in 0..<24 { try scratch.writeOneMebibyte(connection) }
                    let after = try Int.fetchOne(database, sql: "SELECT count(*) FROM note")
                    #expect(after == before)
                }
            }
            let grown = scratch.largestLogInBytes
            for _ in 0..<32 { try scratch.writeOneMebibyte(connection) }
            #expect(scratch.largestLogInBytes < grown + 20 * 1_048_576)
        }
    }

    /// What a long reader made of the log is given back.
    @Test func givesBackWhatTheLogGrewTo() throws {
        let (store, reader) = (try scratch.migrated(), try Store(path: scratch.database.path))
        try store.connect { connection in
            try reader.connect { other in
                try other.read { database in
                    _ = try Int.fetchOne(database, sql: "SELECT count(*) FROM note")
                    for _ in 0..<80 { try scratch.writeOneMebibyte(connection) }
                }
            }
            #expect(scratch.largestLogInBytes > 80 * 1_048_576)
            for _ in 0..<48 { try scratch.writeOneMebibyte(connection) }
            #expect(scratch.largestLogInBytes <= 64 * 1_048_576)
        }
    }

    /// Who opened a file that has lost its name since would write into another one's log.
    @Test func opensNothingThatHasBeenReplacedMeanwhile() throws {
        _ = try scratch.migrated()
        let store = try Store(path: scratch.database.path)
        let other = scratch.folder.appending(path: "other.db")
        try FileManager.default.copyItem(at: scratch.database, to: other)
        try FileManager.default.removeItem(at: scratch.database)
        try FileManager.default.moveItem(at: other, to: scratch.database)
        #expect(throws: StoreError.self) { try store.connect { _ in } }
        try Store(path: scratch.database.path).connect { _ in }
    }

    @Test func migratesWhileSomebodyReads() throws {
        let (store, reader) = (try scratch.migrated(), try Store(path: scratch.database.path))
        var migrator = scratch.migrator
        migrator.registerMigration("2 day") { try $0.execute(sql: "ALTER TABLE note ADD COLUMN day INTEGER") }
        try reader.connect { other in
            try other.read { database in
                #expect(try Int.fetchOne(database, sql: "SELECT count(*) FROM note") == 0)
                try store.migrate(migrator)
                try store.migrate(migrator)
            }
            #expect(try Int.fetchOne(other.database, sql: "SELECT count(day) FROM note") == 0)
        }
    }

    @Test func letsEveryWriterThrough() async throws {
        _ = try scratch.migrated()
        let path = scratch.database.path
        try await withThrowingTaskGroup(of: Void.self) { group in
            for writer in 0..<4 {
                group.addTask {
                    try Store(path: path).connect { connection in
                        for _ in 0..<100 {
                            try connection.write { database in
                                try database.execute(
                                    sql: "INSERT INTO note (text) VALUES (?)",
                                    arguments: ["\(writer)"],
                                )
                            }
                        }
                    }
                }
            }
            try await group.waitForAll()
        }
        try Store(path: path).connect { connection in
            let counts = try Int.fetchAll(connection.database, sql: "SELECT count(*) FROM note GROUP BY text")
            #expect(counts == [100, 100, 100, 100])
        }
    }
}
