import Foundation
import Testing

extension SystemTests {
    /// The way back to a backup where something comes in between, and where something is in its way.
    @Suite struct RestoreTests {
        /// A database that nobody has open, with a lead that a backup of it has not, and that backup.
        private func stopped() throws -> (stack: Stack, backup: String) {
            let stack = try Stack(workers: 1)
            let client = stack.client(try stack.key())
            #expect(try client.post("/leads", #"{"first_name":"Before"}"#).status == 201)
            let backup = try Stack.temporaryFolder().appending(path: "backup.db").path
            try stack.leadhub("backup", backup)
            #expect(try client.post("/leads", #"{"first_name":"After"}"#).status == 201)
            stack.stop()
            return (stack, backup)
        }

        /// Writes something that is in the log only, as a worker leaves it that is killed.
        private func writeToLog(_ stack: Stack, _ text: String) throws {
            _ = try? run(
                "/usr/bin/sqlite3", [stack.database, "UPDATE lead SET notes = '\(text)'", ".shell kill -KILL $PPID"],
            )
            let log = try FileManager.default.attributesOfItem(atPath: stack.database + "-wal")
            #expect(try #require(log[.size] as? Int) > 0)
        }

        /// Kills it as it begins the first such call of the kernel, then as it begins the second, and so on.
        @Test(arguments: ["link", "rename", "unlink", "fsync", "fdatasync"])
        func leavesAWholeDatabaseWhereverItIsKilled(call: String) throws {
            let (stack, backup) = try stopped()
            var number = 0
            var wasKilled = true
            while wasKilled && number < 50 {
                number += 1
                try writeToLog(stack, "logged \(number)")
                wasKilled = try restore(backup, stack, killedAt: call, number)
                let replaced = try databases(of: stack).dropFirst().map { try contents($0) }
                let current = try contents(stack.database)
                #expect(current == "After,Before: logged \(number)" || current == "Before: ")
                #expect(current != "Before: " || replaced.contains("After,Before: logged \(number)"))
                if current == "Before: " { try goBack(stack, to: "After,Before: logged \(number)") }
            }
            #expect(!wasKilled)
            #expect(number > 1)
            let left = try FileManager.default.contentsOfDirectory(atPath: stack.state.path)
            #expect(!left.contains { $0.contains("restoring") })
        }

        /// - Returns: whether it was killed; else it has got to its end.
        private func restore(_ backup: String, _ stack: Stack, killedAt call: String, _ number: Int) throws -> Bool {
            do {
                _ = try run(
                    "/usr/bin/strace",
                    [
                        "-f", "-o", "/dev/null", "-e", "trace=\(call)", "-e",
                        "inject=\(call):signal=KILL:when=\(number)", Stack.program, "--config", stack.settings,
                        "restore", backup,
                    ],
                )
                return false
            } catch StackError.failed(_, 128 + SIGKILL, _) {
                return true
            }
        }

        /// The database, and those that it replaced.
        private func databases(of stack: Stack) throws -> [String] {
            let names = try FileManager.default.contentsOfDirectory(atPath: stack.state.path).filter {
                $0.hasPrefix("leadhub.db.replaced-") && !$0.hasSuffix("-wal") && !$0.hasSuffix("-shm")
            }
            return [stack.database] + names.map { stack.state.appending(path: $0).path }
        }

        /// What is in a sound database: the leads, and what was written to them last.
        private func contents(_ database: String) throws -> String {
            #expect(try sql(database, "PRAGMA integrity_check; PRAGMA foreign_key_check") == "ok")
            return try sql(
                database,
                """
                SELECT group_concat(first_name), notes FROM (
                    SELECT first_name, notes FROM lead WHERE first_name IN ('Before', 'After') ORDER BY 1
                )
                """
            ).replacing("|", with: ": ")
        }

        private func goBack(_ stack: Stack, to wanted: String) throws {
            let last = try databases(of: stack).dropFirst().first { try contents($0) == wanted }
            try stack.leadhub("restore", try #require(last))
        }

        @Test func keepsADamagedDatabaseWithItsLog() throws {
            let (stack, backup) = try stopped()
            try writeToLog(stack, "logged")
            let file = try FileHandle(forUpdating: URL(filePath: stack.database))
            try file.write(contentsOf: Data(repeating: 0xA5, count: 4_096))
            try file.close()
            let log = try Data(contentsOf: URL(filePath: stack.database + "-wal"))
            // The first page that counts is the log's, unless that has none.
            let header = try FileHandle(forUpdating: URL(filePath: stack.database + "-wal"))
            try header.write(contentsOf: Data(repeating: 0xA5, count: 32))
            try header.close()
            let kept = try stack.leadhub("restore", backup)
            #expect(try Data(contentsOf: URL(filePath: kept + "-wal")).dropFirst(32) == log.dropFirst(32))
            #expect(try contents(stack.database) == "Before: ")
        }

        @Test func countsNewKeysAnew() throws {
            let (stack, backup) = try stopped()
            let first = try Stack(workers: 1, state: stack.state)
            let client = first.client(try first.key(rateLimit: 5))
            for status in [200, 200, 200, 200, 200, 429] { #expect(try client.get("/leads").status == status) }
            first.stop()
            try stack.leadhub("restore", backup)
            let second = try Stack(workers: 1, state: stack.state)
            // It has the id of the one that is no more.
            #expect(try second.client(try second.key(rateLimit: 5)).get("/leads").status == 200)
            #expect(try second.sql("SELECT count(*) FROM api_key") == "3")
        }

        @Test(.enabled(if: getuid() == 0, "another user is needed"))
        func saysWhatIsInItsWay() throws {
            let (stack, backup) = try stopped()
            _ = try run("/bin/chmod", ["755", stack.state.path])
            _ = try run("/bin/chmod", ["-R", "a+r", stack.state.path, backup])
            let restore = "\(Stack.program) --config \(stack.settings) restore \(backup)"
            try expectRefusal("Permission denied") {
                try run("/usr/bin/setpriv", ["--reuid", "nobody", "--clear-groups", "/bin/sh", "-c", restore])
            }
            // As on a full disk: no file may be longer than 64 KiB.
            try expectRefusal("leadhub.db.restoring: File too large") {
                try run("/bin/bash", ["-c", "trap '' XFSZ; ulimit -f 64; exec \(restore)"])
            }
            try expectRefusal("systemctl stop leadhub.target leadhub-backup.service") {
                try run("/usr/bin/sqlite3", [stack.database, "SELECT * FROM lead", ".shell \(restore)", ".exit 1"])
            }
            #expect(try contents(stack.database) == "After,Before: ")
        }

        @Test func takesADatabaseForOneUnderWhateverName() throws {
            let (stack, backup) = try stopped()
            let folder = URL(filePath: backup).deletingLastPathComponent()
            let (link, other) = (folder.appending(path: "link.db").path, folder.appending(path: "other.db").path)
            try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: backup)
            try FileManager.default.linkItem(atPath: stack.database, toPath: other)
            try Data("a log".utf8).write(to: URL(filePath: backup + "-wal"))
            try expectRefusal("in use") { try stack.leadhub("restore", link) }
            try expectRefusal("the database itself") { try stack.leadhub("restore", other) }
            try FileManager.default.removeItem(atPath: backup + "-wal")
            try stack.leadhub("restore", link)
            #expect(try contents(stack.database) == "Before: ")
        }

        private func expectRefusal(_ words: String, _ body: () throws -> String) throws {
            let failure = #expect(throws: StackError.self) { try body() }
            guard case .failed(_, _, let complaint) = failure else { return }
            #expect(complaint.contains(words), "\(complaint)")
        }

        @Test func makesNoEmptyDatabaseBesideWhatIsLeftOfOne() throws {
            let (stack, backup) = try stopped()
            let kept = try stack.leadhub("restore", backup)
            try FileManager.default.removeItem(atPath: stack.database)
            let failure = #expect(throws: StackError.self) { try stack.leadhub("migrate") }
            guard case .failed(_, _, let complaint) = failure else { return }
            #expect(complaint.contains(kept))
            #expect(!FileManager.default.fileExists(atPath: stack.database))
            try stack.leadhub("restore", kept)
            #expect(try contents(stack.database) == "After,Before: ")
        }

        private func sql(_ file: String, _ query: String) throws -> String {
            try run("/usr/bin/sqlite3", [file, query])
        }
    }
}
