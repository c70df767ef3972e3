import Foundation
import Testing

extension SystemTests {
    /// What the runner does for the database.
    @Suite struct CleanUpTests {
        @Test func copiesALongLogIntoTheDatabaseByItself() throws {
            let stack = try Stack(workers: 1)
            let index = stack.database + "-shm"
            // Some 8 MiB; workers would leave it in the log until it has 16.
            try stack.write("PRAGMA wal_autocheckpoint = 0; \(CleanUpTests.entries(8_000, age: 0, size: 900))")
            try eventually { try CleanUpTests.framesToCopy(index) == 0 }
            #expect(try stack.sql("PRAGMA integrity_check") == "ok")
            #expect(try stack.client(stack.key()).post("/leads", #"{"first_name":"A"}"#).status == 201)
        }

        @Test func removesAMillionOldRowsAndNoNewerOnes() throws {
            let first = try Stack(workers: 1)
            let state = first.state
            first.stop()
            try first.write(
                "PRAGMA wal_autocheckpoint = 10000; " + CleanUpTests.entries(1_000_000, age: 30, size: 100)
                    + CleanUpTests.entries(1_000, age: 29, size: 100)
            )
            let stack = try Stack(workers: 1, state: state)
            let client = stack.client(try stack.key())
            let limit = ContinuousClock.now.advanced(by: .seconds(300))
            while ContinuousClock.now < limit, try stack.sql("SELECT count(*) FROM inbound") != "1000" {
                // Others write meanwhile.
                #expect(try client.post("/leads", #"{"first_name":"A"}"#).status == 201)
                usleep(200_000)
            }
            let youngest = "SELECT count(*), min(created_at) > unixepoch() - 30 * 86400 FROM inbound"
            #expect(try stack.sql(youngest) == "1000|1")
        }

        /// Bodies that came so many days ago.
        private static func entries(_ count: Int, age days: Int, size: Int) -> String {
            """
            INSERT INTO inbound (workspace_id, way, content_type, body, outcome, created_at)
                WITH RECURSIVE n(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE i < \(count))
                SELECT 1, 'leads', 'application/json', zeroblob(\(size)), 'created', unixepoch() - \(days) * 86400 FROM n;

            """
        }

        /// From the log's index (https://www.sqlite.org/walformat.html#the_wal_index_file_format).
        private static func framesToCopy(_ index: String) throws -> UInt32 {
            let bytes = try Data(contentsOf: URL(filePath: index))
            func number(_ offset: Int) -> UInt32 {
                bytes.withUnsafeBytes { $0.load(fromByteOffset: offset, as: UInt32.self) }
            }
            return number(16) - number(96)
        }
    }
}
