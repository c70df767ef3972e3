import Foundation
import HTTP
import Testing

extension SystemTests {
    /// What is on the disk when an answer leaves, and what is said when it cannot get there.
    @Suite struct DiskTests {
        @Test(arguments: [
            #"{"first_name":"Sarah"}"#,  // writes
            #"{"first_name":""}"#,  // writes nothing, yet may vouch for what others wrote
        ])
        func syncsTheLogBeforeItAnswers(body: String) throws {
            let stack = try Stack(workers: 1)
            let client = stack.client(try stack.key())
            let trace = stack.state.appending(path: "trace").path
            let calls = try traced(stack, ["-y", "-e", "trace=fdatasync,write,pwrite64", "-o", trace]) {
                _ = try client.post("/leads", body)
                return try String(contentsOfFile: trace, encoding: .utf8).split(separator: "\n")
            }
            let answered = try #require(calls.firstIndex { $0.contains("Status: ") })
            let synced = try #require(calls.lastIndex { $0.contains("fdatasync(") && $0.contains("leadhub.db-wal") })
            #expect(synced < answered)
            // Nothing is written to the log between its sync and the answer.
            #expect(!calls[synced..<answered].contains { $0.contains("pwrite64(") && $0.contains("leadhub.db-wal") })
        }

        @Test func saysThatTheOutcomeIsUnknownWhenTheSyncFails() throws {
            let stack = try Stack(workers: 1)
            let client = stack.client(try stack.key())
            let worker = try #require(try stack.workers.first)
            let answer = try traced(stack, ["-e", "inject=fdatasync:error=EIO", "-o", "/dev/null"]) {
                try client.post("/leads", #"{"first_name":"Sarah"}"#)
            }
            #expect(answer.status == 503)
            #expect(answer["code"] == .string("SERVICE_UNAVAILABLE"))
            #expect(answer.headers["retry-after"] != nil)
            // The worker has ended, and another one has taken its place and writes.
            #expect(try client.post("/leads", #"{"first_name":"Sarah"}"#).status == 201)
            #expect(try !stack.workers.contains(worker))
        }

        @Test func answers503WhileTheWritersLockIsHeld() throws {
            let stack = try Stack(workers: 2)
            let client = stack.client(try stack.key())
            let holder = Process()
            holder.executableURL = URL(filePath: "/usr/bin/flock")
            holder.arguments = [stack.database + ".lock", "sleep", "60"]
            try holder.begin()
            defer {
                kill(holder.processIdentifier, SIGKILL)
            }
            while (try? run("/usr/bin/flock", ["-n", stack.database + ".lock", "true"])) != nil { usleep(10_000) }
            kill(holder.processIdentifier, SIGSTOP)
            let answer = try client.post("/leads", #"{"first_name":"Sarah"}"#)
            #expect(answer.status == 503)
            #expect(answer["code"] == .string("SERVICE_UNAVAILABLE"))
            #expect(answer.headers["retry-after"] != nil)
            // Readers wait for nobody.
            #expect(try client.get("/leads").status == 200)
        }

        @Test(.enabled(if: getuid() == 0, "another user is needed, who may read and not write"))
        func readsAndAnswers503ToWritesWhereTheDatabaseIsReadOnly() throws {
            let first = try Stack(workers: 1)
            let key = try first.key()
            let state = first.state
            first.stop()
            // While somebody has the database open its log is there, which one who only reads cannot make.
            let keeper = try Keeper(state.appending(path: "leadhub.db").path)
            defer { keeper.end() }
            let program = state.appending(path: "as-another-user")
            try """
            #!/bin/sh
            for last; do :; done
            [ "$last" = worker ] || exec \(Stack.program) "$@"
            cd \(state.path)
            chgrp www-data . leadhub.conf leadhub.db*
            chmod 640 leadhub.conf leadhub.db*
            chmod 666 counters
            chmod 750 .
            exec setpriv --reuid nobody --regid www-data --clear-groups \(Stack.program) "$@"

            """.write(to: program, atomically: true, encoding: .utf8)
            _ = try run("/bin/chmod", ["755", program.path])
            let stack = try Stack(workers: 1, state: state, program: program.path)
            let client = stack.client(key)
            #expect(try client.get("/leads").status == 200)
            let answer = try client.post("/leads", #"{"first_name":"Sarah"}"#)
            #expect(answer.status == 503)
            #expect(answer["code"] == .string("SERVICE_UNAVAILABLE"))
            #expect(answer.headers["retry-after"] != nil)
        }

        @Test func keepsTheLogShortUnderFullLoad() throws {
            let stack = try Stack()
            let key = try stack.key()
            let done = Flag()
            let largest = Collected<Int>()
            try concurrently(13) { role in
                if role == 0 {
                    defer { done.raise() }
                    for _ in 0..<600 {
                        let attributes = try FileManager.default.attributesOfItem(atPath: stack.database + "-wal")
                        largest.append((attributes[.size] as? Int) ?? Int.max)
                        usleep(100_000)
                    }
                    return
                }
                let client = stack.client(key)
                while !done.isRaised {
                    let answer =
                        role <= 8
                        ? try client.post("/leads", #"{"first_name":"Writer \#(role)"}"#)
                        : try client.get("/leads?per_page=100")
                    #expect(answer.status == (role <= 8 ? 201 : 200))
                }
            }
            #expect(try #require(largest.all.max()) < 64 * 1_048_576)
        }

        /// Runs `body` while strace watches the one worker.
        private func traced<Result>(
            _ stack: Stack, _ arguments: [String], _ body: () throws -> Result,
        ) throws -> Result {
            let worker = try #require(try stack.workers.first)
            let strace = Process()
            strace.executableURL = URL(filePath: "/usr/bin/strace")
            strace.arguments = ["-f", "-p", "\(worker)"] + arguments
            let errors = Pipe()
            strace.standardError = errors
            try strace.begin()
            try Stack.await("attached", in: errors)
            let result = try body()
            strace.terminate()
            strace.waitUntilExit()
            return result
        }
    }
}

/// Somebody who has the database open.
private struct Keeper {
    private let process = Process()
    private let input = Pipe()

    init(_ database: String) throws {
        let output = Pipe()
        process.executableURL = URL(filePath: "/usr/bin/sqlite3")
        process.arguments = [database]
        (process.standardInput, process.standardOutput) = (input, output)
        try process.begin()
        try input.fileHandleForWriting.write(contentsOf: Data("SELECT count(*) FROM lead;\n".utf8))
        try Stack.await("\n", in: output)
    }

    func end() {
        process.terminate()
    }
}
