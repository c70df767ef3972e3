import Foundation
import GRDB
import Testing

@testable import Store

/// What no command shows: how a backup rests, and that it can be told to stop while it does.
@Suite struct BackupTests {
    private struct Stopped: Error {}

    private let scratch = Scratch()
    private static let endless =
        "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n"

    private var copy: String { scratch.folder.appending(path: "copy.db").path }

    @Test func copiesWhatIsLongerThanOnePortion() throws {
        try scratch.migrated().connect { connection in
            for _ in 0..<40 { try scratch.writeOneMebibyte(connection) }
            var shares: [Double] = []
            let problem = try Backup(path: copy).write(from: connection, check: { _ in "found" }) { shares.append($0) }
            #expect(problem == "found")
            #expect(shares == shares.sorted())
            #expect(shares.last == 1)
            let notes = "SELECT count(*), total(length(text)) FROM note"
            let (before, after) = (
                try Row.fetchOne(connection.database, sql: notes),
                try DatabaseQueue(path: copy).read { try Row.fetchOne($0, sql: notes) },
            )
            #expect(before == after)
        }
    }

    @Test(arguments: [1, 3]) func endsWhereItIsToldToWhileItChecksAndLeavesNothing(rests: Int) throws {
        try scratch.migrated().connect { connection in
            var left: Int?
            #expect(throws: Stopped.self) {
                _ = try Backup(path: copy).write(
                    from: connection,
                    check: { database in
                        left = rests
                        return try String.fetchOne(database, sql: Self.endless)
                    },
                    progress: { _ in
                        left = left.map { $0 - 1 }
                        if left == 0 { throw Stopped() }
                    },
                )
            }
            #expect(left == 0)
            let files = try FileManager.default.contentsOfDirectory(atPath: scratch.folder.path)
            #expect(!files.contains { $0.hasPrefix("copy") }, "\(files)")
        }
    }

    /// A rest is never shorter than it should be, however busy the machine is.
    @Test func leavesMostOfTheTimeToOthers() throws {
        let queue = try DatabaseQueue()
        var rests = 0
        let pace = Pace(share: 0.25) {
            rests += 1
            if rests > 10 { throw Stopped() }
        }
        try queue.writeWithoutTransaction { database in
            let (begin, beginOfWork) = (ContinuousClock.now, Pace.processorTime)
            #expect(throws: Stopped.self) {
                try pace.run(database) { _ = try Int.fetchOne(database, sql: Self.endless) }
            }
            let (time, work) = (begin.duration(to: .now), Pace.processorTime - beginOfWork)
            #expect(rests == 11)
            // The last piece of work has no rest behind it.
            #expect(work <= time * 0.5)
            // Afterwards it is as it was.
            let five = try Int.fetchOne(database, sql: "SELECT 5")
            #expect(five == 5)
            #expect(rests == 11)
        }
    }
}
