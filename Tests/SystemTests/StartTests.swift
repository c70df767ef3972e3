import Foundation
import Testing

extension SystemTests {
    /// `make run` from its first line to its last process.
    @Suite struct StartTests {
        @Test func continuesOnItsStateAndLeavesNoProcess() throws {
            let first = try Stack(workers: 2)
            let key = try first.demoKey
            #expect(try first.client(key).post("/leads", #"{"first_name":"Kept"}"#).status == 201)
            let leads = try first.sql("SELECT count(*) FROM lead")
            #expect(first.stop() == 0)
            #expect(try first.workers.isEmpty)

            let second = try Stack(workers: 2, state: first.state)
            #expect(try second.demoKey == key)
            #expect(try second.sql("SELECT count(*) FROM lead") == leads)
            #expect(second.stop() == 0)
        }

        @Test func saysInOneLineThatAPortIsInUse() throws {
            let listener = try Socket.listening()
            defer { listener.close() }
            let failure = #expect(throws: StackError.self) {
                try run(
                    "/usr/bin/env",
                    [
                        "STATE=\(Stack.temporaryFolder().path)", "PORT=\(listener.port)", "LEADHUB=\(Stack.program)",
                        Stack.repository.appending(path: "nginx/start").path,
                    ],
                )
            }
            guard case .failed(_, let status, let complaint) = failure else { return }
            #expect(status != 0)
            #expect(complaint.split(separator: "\n").count == 1)
            #expect(complaint.contains("\(listener.port) is in use"))
        }

        @Test func logsNoSecretAndNoPersonalDatum() throws {
            let stack = try Stack(workers: 1)
            let key = try stack.demoKey
            let client = stack.client(key)
            _ = try client.post("/leads", #"{"first_name":"Sarah","email":"sarah@example.com"}"#)
            _ = try client.get("/leads?source=very-private")
            stack.stop()
            for name in ["worker.log", "nginx/access.log", "nginx/error.log"] {
                let log = try String(contentsOf: stack.state.appending(path: name), encoding: .utf8)
                for secret in [key, "sarah", "very-private"] {
                    #expect(!log.lowercased().contains(secret.lowercased()))
                }
            }
        }

        @Test func makesAKeyForSecretsOnceAndForItsOwnerOnly() throws {
            let first = try Stack(workers: 1)
            let file = first.state.appending(path: "secret-key").path
            let made = try Data(contentsOf: URL(filePath: file))
            #expect(made.count == 32)
            let mode = try FileManager.default.attributesOfItem(atPath: file)[.posixPermissions] as? Int
            #expect(mode == 0o600)
            let client = first.client(try first.demoKey)
            let answer = try client.post("/integrations", #"{"type":"zapier","name":"Zap"}"#)
            #expect(answer.status == 201)
            #expect(answer["data", "inbound_url"] != .null)
            first.stop()

            // A folder from before there were secrets says nothing of them.
            let settings = try String(contentsOfFile: first.settings, encoding: .utf8)
            let before = settings.split(separator: "\n").filter { !$0.contains("SECRET") }.joined(separator: "\n")
            try (before + "\n").write(toFile: first.settings, atomically: true, encoding: .utf8)
            let second = try Stack(workers: 1, state: first.state)
            #expect(try Data(contentsOf: URL(filePath: file)) == made)
            let after = try String(contentsOfFile: second.settings, encoding: .utf8)
            #expect(after == "\(before)\nLEADHUB_SECRET_KEY_FILE=\(file)\n")
            let shown = try second.client(try second.demoKey).get("/integrations/1")
            #expect(shown.status == 200)
            #expect(shown["data", "inbound_url"] != .null)
            second.stop()
        }

        @Test func refusesToServeAnotherVersionsSchema() throws {
            let stack = try Stack(workers: 1)
            stack.stop()
            _ = try run(
                "/usr/bin/sqlite3", [stack.database, "INSERT INTO grdb_migrations VALUES ('9999 from the future')"],
            )
            let failure = #expect(throws: StackError.self) { try stack.leadhub("migrate") }
            guard case .failed(_, _, let complaint) = failure else { return }
            #expect(complaint.contains("newer"))
        }
    }
}
