import Foundation
import Testing

extension SystemTests {
    /// Backups of a database in use, the way back to one, and what is found in a damaged one.
    @Suite struct BackupTests {
        @Test func copiesOneMomentWhileOthersWrite() throws {
            let stack = try Stack()
            let key = try stack.key()
            let (done, acknowledged) = (Flag(), Collected<Int>())
            let folder = try Stack.temporaryFolder()
            try concurrently(9) { role in
                if role == 0 {
                    defer { done.raise() }
                    for number in 0..<5 {
                        let before = acknowledged.all.reduce(0, +)
                        let file = folder.appending(path: "\(number).db").path
                        #expect(try stack.leadhub("backup", file) == file)
                        try expectSound(file, leads: before)
                    }
                    return
                }
                let client = stack.client(key)
                while !done.isRaised {
                    #expect(try client.post("/leads", #"{"first_name":"Writer \#(role)"}"#).status == 201)
                    acknowledged.append(1)
                }
            }
            #expect(acknowledged.all.count > 100)
        }

        /// Expects a whole database, with as many leads at least as there were when the backup began.
        private func expectSound(_ file: String, leads: Int) throws {
            let looks = "PRAGMA integrity_check; PRAGMA foreign_key_check; PRAGMA journal_mode"
            #expect(try sql(file, looks) == "ok\ndelete")
            let (counted, kept) = (
                try sql(file, "SELECT count(*) FROM lead"),
                try sql(file, "SELECT sum(count) FROM lead_count WHERE kind = 'all'"),
            )
            #expect(counted == kept)
            #expect(try #require(Int(counted)) >= leads)
            let mode = try FileManager.default.attributesOfItem(atPath: file)[.posixPermissions] as? Int
            #expect(mode == 0o600)
            #expect(!FileManager.default.fileExists(atPath: file + ".partial"))
        }

        @Test func keepsTheNewestOfAFolderAndNothingElseOfIt() throws {
            let stack = try Stack(workers: 1)
            let folder = try Stack.temporaryFolder()
            let others = ["leadhub-20200101T000000Z.db", "leadhub-20200102T000000Z.db", "leadhub-mine.db"]
            for name in others { try Data().write(to: folder.appending(path: name)) }
            let file = try stack.leadhub("backup", folder.path, "--keep", "2")
            let names = try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
            #expect(names == [others[1], URL(filePath: file).lastPathComponent, others[2]].sorted())

            // From a day when the clock was wrong.
            try Data().write(to: folder.appending(path: "leadhub-29990101T000000Z.db"))
            let last = try stack.leadhub("backup", folder.path, "--keep", "1")
            let left = try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
            #expect(left == [URL(filePath: last).lastPathComponent, others[2]].sorted())
        }

        @Test func letsNamesOfALaterTimeGoFirst() throws {
            let stack = try Stack(workers: 1)
            let folder = try Stack.temporaryFolder()
            for name in ["leadhub-20200101T000000Z.db", "leadhub-29990101T000000Z.db"] {
                try Data().write(to: folder.appending(path: name))
            }
            let file = try stack.leadhub("backup", folder.path, "--keep", "2")
            let names = try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
            #expect(names == ["leadhub-20200101T000000Z.db", URL(filePath: file).lastPathComponent])
        }

        /// It ends by the signal, which systemd takes for no failure.
        @Test func leavesNothingWhereItIsToldToStop() throws {
            let stack = try Stack(workers: 1)
            let folder = try Stack.temporaryFolder()
            let file = folder.appending(path: "copy.db").path
            // The signal waits for the program from its beginning, in a mask that it inherits.
            let backup = "exec \(Stack.program) --config \(stack.settings) backup \(file)"
            let status = try run(
                "/usr/bin/python3",
                [
                    "-c",
                    """
                    import os, signal, sys
                    child = os.fork()
                    if child == 0:
                        signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGTERM])
                        os.kill(os.getpid(), signal.SIGTERM)
                        os.execv("/bin/bash", ["bash", "-c", sys.argv[1]])
                    print(os.waitstatus_to_exitcode(os.wait()[1]))
                    """, backup,
                ],
            )
            #expect(status == "-15")
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).isEmpty)
        }

        @Test func makesRoomFirst() throws {
            let stack = try Stack(workers: 1)
            let folder = try Stack.temporaryFolder()
            let (dead, living) = ("leadhub-20200101T000000Z.db.partial", "leadhub-20200102T000000Z.db.partial")
            for name in [dead, living] { try Data("x".utf8).write(to: folder.appending(path: name)) }
            // A backup that cannot be written, because no file may be longer than that.
            let backup = "\(Stack.program) --config \(stack.settings) backup --keep 2 \(folder.path)"
            #expect(throws: StackError.self) {
                try run(
                    "/usr/bin/flock",
                    [
                        folder.appending(path: living).path, "/bin/bash", "-c",
                        "trap '' XFSZ; ulimit -f 64; exec \(backup)",
                    ],
                )
            }
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == [living])
        }

        @Test func replacesNothingOfTheDatabaseNorWhatSomebodyElseMade() throws {
            let stack = try Stack(workers: 1)
            let client = stack.client(try stack.key())
            let folder = try Stack.temporaryFolder()
            let link = folder.appending(path: "link.db")
            try FileManager.default.createSymbolicLink(atPath: link.path, withDestinationPath: stack.database)
            let others = ["counters", "secret-key", "leadhub.conf"].map { stack.state.appending(path: $0).path }
            let linkToFolder = folder.appending(path: "state")
            try FileManager.default.createSymbolicLink(at: linkToFolder, withDestinationURL: stack.state)
            let journal = linkToFolder.appending(path: "leadhub.db-journal").path
            let own = [stack.database, stack.database + "-wal", stack.database + ".lock", link.path, journal]
            for file in own + others {
                let failure = #expect(throws: StackError.self) { try stack.leadhub("backup", file) }
                guard case .failed(_, _, let complaint) = failure else { return }
                #expect(complaint.contains("belongs to the database itself"))
            }
            #expect(try client.post("/leads", #"{"first_name":"Here"}"#).status == 201)
            #expect(try stack.sql("SELECT count(*) FROM lead WHERE first_name = 'Here'") == "1")

            let pipe = folder.appending(path: "pipe").path
            #expect(mkfifo(pipe, 0o600) == 0)
            let failure = #expect(throws: StackError.self) { try stack.leadhub("backup", pipe) }
            guard case .failed(_, _, let complaint) = failure else { return }
            #expect(complaint.contains("is no file"))

            let file = folder.appending(path: "copy.db").path
            try Data().write(to: URL(filePath: file + ".partial"))
            try FileManager.default.linkItem(atPath: file + ".partial", toPath: file + ".other")
            #expect(throws: StackError.self) { try stack.leadhub("backup", file) }
        }

        @Test func leavesNothingWhereItCannotBeWritten() throws {
            let stack = try Stack(workers: 1)
            let folder = try Stack.temporaryFolder()
            let file = folder.appending(path: "full.db").path
            // Files of more than a few blocks are refused, as a full disk would refuse them.
            let failure = #expect(throws: StackError.self) {
                let backup = "\(Stack.program) --config \(stack.settings) backup \(file)"
                _ = try run("/bin/bash", ["-c", "trap '' XFSZ; ulimit -f 64; exec \(backup)"])
            }
            guard case .failed(_, let status, _) = failure else { return }
            #expect(status == 1)
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).isEmpty)
        }

        @Test func restoresOnlyASoundBackupOfOursAndNothingInUse() throws {
            let stack = try Stack(workers: 1)
            let client = stack.client(try stack.key())
            #expect(try client.post("/leads", #"{"first_name":"Before"}"#).status == 201)
            let folder = try Stack.temporaryFolder()
            let backup = folder.appending(path: "backup.db").path
            try stack.leadhub("backup", backup)
            #expect(try client.post("/leads", #"{"first_name":"After"}"#).status == 201)
            try expectRefusal(of: backup, by: stack, "is in use")
            #expect(try client.get("/leads?search=after")["meta", "total"] == .number("1"))
            stack.stop()

            let text = folder.appending(path: "text").path
            try Data("hello".utf8).write(to: URL(filePath: text))
            try expectRefusal(of: text, by: stack, "is not a database")
            let foreign = folder.appending(path: "foreign.db").path
            _ = try sql(foreign, "CREATE TABLE lead (id)")
            try expectRefusal(of: foreign, by: stack, "not one of LeadHub")
            let newer = folder.appending(path: "newer.db").path
            try FileManager.default.copyItem(atPath: backup, toPath: newer)
            _ = try sql(newer, "INSERT INTO grdb_migrations VALUES ('9999 from the future')")
            try expectRefusal(of: newer, by: stack, "newer version")
            let damaged = folder.appending(path: "damaged.db").path
            try damage(backup, into: damaged)
            try expectRefusal(of: damaged, by: stack, "")
            #expect(try stack.sql("SELECT count(*) FROM lead WHERE first_name = 'After'") == "1")

            let kept = try stack.leadhub("restore", backup)
            let again = try stack.leadhub("restore", backup)
            #expect(again != kept)
            try expectReplacement(of: stack, kept: kept)
        }

        private func expectReplacement(of stack: Stack, kept: String) throws {
            #expect(try sql(kept, "SELECT count(*) FROM lead WHERE first_name = 'After'") == "1")
            let again = try Stack(workers: 1, state: stack.state)
            let leads = again.client(try again.key())
            #expect(try leads.get("/leads?search=before")["meta", "total"] == .number("1"))
            #expect(try leads.get("/leads?search=after")["meta", "total"] == .number("0"))
            #expect(try leads.post("/leads", #"{"first_name":"Later"}"#).status == 201)
        }

        private func expectRefusal(of file: String, by stack: Stack, _ words: String) throws {
            let failure = #expect(throws: StackError.self) { try stack.leadhub("restore", file) }
            guard case .failed(_, let status, let complaint) = failure else { return }
            #expect(status == 1)
            #expect(words.isEmpty || complaint.contains(words), "\(complaint)")
            let left = try FileManager.default.contentsOfDirectory(atPath: stack.state.path)
            #expect(!left.contains { $0.contains("restoring") || $0.contains("replaced") })
        }

        /// Overwrites a page in the middle.
        private func damage(_ file: String, into damaged: String) throws {
            var bytes = try Data(contentsOf: URL(filePath: file))
            let page = 4_096 * (bytes.count / 4_096 / 2)
            bytes.replaceSubrange(page..<page + 4_096, with: Data(repeating: 0xA5, count: 4_096))
            try bytes.write(to: URL(filePath: damaged))
        }

        @Test func findsAndRepairsWhatIsMiscounted() throws {
            let stack = try Stack(workers: 1)
            let client = stack.client(try stack.key())
            let form = try client.post("/forms", #"{"name":"Contact"}"#)
            guard case .number(let id) = form["data", "id"] else { throw StackError.notStarted }
            let sent = try client.post("/forms/\(id)/submissions", #"{"email":"ann@example.com","first_name":"Ann"}"#)
            #expect(sent.status == 201)
            #expect(try stack.leadhub("check") == "")
            let sound = try counts(stack)
            try stack.write(
                """
                UPDATE lead_count SET count = count + 3 WHERE kind = 'all';
                DELETE FROM lead_count WHERE kind = 'status' AND value = 'new';
                INSERT INTO lead_count SELECT workspace_id, 'source', 'nowhere', 5 FROM lead_count WHERE kind = 'all';
                UPDATE lead_group SET count = count + 1;
                UPDATE form SET submissions_count = 9;
                """
            )
            let failure = #expect(throws: StackError.self) { try stack.leadhub("check") }
            guard case .failed(_, let status, _) = failure else { return }
            #expect(status == 1)
            let repaired = try stack.leadhub("check", "--repair")
            #expect(repaired.contains("lead_count: 3 corrected"))
            #expect(repaired.contains("form.submissions_count: 1 corrected"))
            #expect(try stack.leadhub("check") == "")
            #expect(try counts(stack) == sound)
        }

        @Test func findsAndRepairsADamagedSearch() throws {
            let stack = try Stack(workers: 1)
            let client = stack.client(try stack.key())
            #expect(try client.post("/leads", #"{"first_name":"Sarah"}"#).status == 201)
            let folder = try Stack.temporaryFolder()
            try stack.write("DELETE FROM lead_search_data")
            try expectFailure("") { try stack.leadhub("check") }
            #expect(try client.get("/leads?search=sarah").status == 503)
            // The backup is there, and it says what is wrong with it.
            let file = folder.appending(path: "damaged.db").path
            try expectFailure("check --repair") { try stack.leadhub("backup", file) }
            try expectSound(file, leads: 1)

            #expect(try stack.leadhub("check", "--repair").contains("lead_search: made anew"))
            #expect(try stack.leadhub("check") == "")
            #expect(try client.get("/leads?search=sarah")["meta", "total"] == .number("1"))
            stack.stop()
            try stack.leadhub("restore", file)
            #expect(try stack.leadhub("check") == "")
        }

        private func expectFailure(_ words: String, _ body: () throws -> String) throws {
            let failure = #expect(throws: StackError.self) { try body() }
            guard case .failed(_, let status, let complaint) = failure else { return }
            #expect(status == 1)
            #expect(words.isEmpty || complaint.contains(words), "\(complaint)")
        }

        private func counts(_ stack: Stack) throws -> String {
            try stack.sql(
                """
                SELECT * FROM lead_count ORDER BY 1, 2, 3; SELECT * FROM lead_group ORDER BY 1, 2, 3, 4, 5, 6, 7;
                SELECT id, submissions_count FROM form ORDER BY 1
                """
            )
        }

        private func sql(_ file: String, _ query: String) throws -> String {
            try run("/usr/bin/sqlite3", [file, query])
        }
    }
}
