import Foundation
import Testing

extension SystemTests {
    /// Root works as the user whose folder the database is in.
    @Suite(.enabled(if: getuid() == 0, "another user is needed")) struct OwnerTests {
        private let folder: URL
        private var database: String { folder.appending(path: "leadhub.db").path }

        init() throws {
            folder = try Stack.temporaryFolder()
            _ = try run("/bin/chown", ["nobody", folder.path])
        }

        private func leadhub(_ arguments: String...) throws -> String {
            let settings = ["LEADHUB_DATABASE=\(database)", "LEADHUB_COUNTERS=\(folder.path)/counters"]
            return try run("/usr/bin/env", settings + [Stack.program] + arguments)
        }

        private func expectFailure(_ words: String, _ body: () throws -> String) throws {
            let failure = #expect(throws: StackError.self) { try body() }
            guard case .failed(_, let status, let complaint) = failure else { return }
            #expect(status == 1)
            #expect(words.isEmpty || complaint.contains(words), "\(complaint)")
        }

        @Test func saysWhichFileIsSomebodyElses() throws {
            _ = try leadhub("migrate")
            #expect(try run("/usr/bin/stat", ["-c", "%U", database]) == "nobody")
            _ = try run("/bin/chown", ["root", database])
            _ = try run("/bin/chmod", ["600", database])
            try expectFailure("chown nobody: \(database)") { try leadhub("workspace", "list") }
            #expect(!FileManager.default.fileExists(atPath: database + "-wal"))
        }

        @Test func followsNoLinkAsRoot() throws {
            let hidden = try Stack.temporaryFolder()
            _ = try run("/bin/chmod", ["700", hidden.path])
            let target = hidden.appending(path: "target.db").path
            try FileManager.default.createSymbolicLink(atPath: database, withDestinationPath: target)
            try expectFailure("") { try leadhub("migrate") }
            #expect(!FileManager.default.fileExists(atPath: target))

            _ = try run("/usr/bin/sqlite3", [target, "CREATE TABLE mine (id)"])
            try expectFailure("") { try leadhub("migrate") }
            #expect(try run("/usr/bin/sqlite3", [target, ".tables"]) == "mine")
        }

        @Test func isTheOwnerOfTheFileInAFolderOfRoots() throws {
            _ = try leadhub("migrate")
            _ = try run("/bin/chown", ["root:nogroup", folder.path])
            _ = try run("/bin/chmod", ["2775", folder.path])
            _ = try run("/bin/chgrp", ["nogroup", database])
            _ = try leadhub("workspace", "create", "acme", "--name", "Acme")
            #expect(try run("/usr/bin/find", [folder.path, "-type", "f", "!", "-user", "nobody"]) == "")
        }
    }
}
