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
            // The holder says so once it has the lock, and holds it until it can read no more.
            let (input, output) = (Pipe.unshared(), Pipe.unshared())
            let holder = try Child(
                "/usr/bin/flock", [stack.database + ".lock", "sh", "-c", "echo held; read line"],
                input: input.fileHandleForReading, output: output.fileHandleForWriting,
            )
            defer {
                holder.signal(SIGKILL)
                holder.wait()
            }
            try output.fileHandleForWriting.close()
            try Stack.await("held", in: output)
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
            let lead = ("/api/inbound/leads?tenant=demo", #"{"email":"sender@example.com"}"#)
            #expect(try client.post(lead.0, lead.1).status == 503)
            stack.stop()

            let mended = try Stack(workers: 1, state: state)
            #expect(try mended.client(key).post(lead.0, lead.1).status == 201)
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
            let errors = Pipe.unshared()
            let strace = try Child(
                "/usr/bin/strace", ["-f", "-p", "\(worker)"] + arguments, errors: errors.fileHandleForWriting,
            )
            defer {
                strace.signal(SIGTERM)
                strace.wait()
            }
            try errors.fileHandleForWriting.close()
            try Stack.await("attached", in: errors)
            return try body()
        }
    }
}

/// Somebody who has the database open.
private struct Keeper {
    private let process: Child
    private let input = Pipe.unshared()

    init(_ database: String) throws {
        let output = Pipe.unshared()
        process = try Child(
            "/usr/bin/sqlite3", [database], input: input.fileHandleForReading, output: output.fileHandleForWriting,
        )
        try output.fileHandleForWriting.close()
        try input.fileHandleForWriting.write(contentsOf: Data("SELECT count(*) FROM lead;\n".utf8))
        try Stack.await("\n", in: output)
    }

    func end() {
        process.signal(SIGTERM)
        process.wait()
    }
}
