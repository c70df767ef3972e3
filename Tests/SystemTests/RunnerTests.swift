import Foundation
import HTTP
import Testing

extension SystemTests {
    /// The runner as `make run` starts it, and what it is asked to do.
    @Suite struct RunnerTests {
        @Test func fetchesLeadsAndTellsNobodyTheToken() throws {
            let meta = try Meta()
            meta.service.reply(Meta.lead)
            try meta.announce([233])
            try meta.awaitNoJob()
            #expect(try meta.stack.sql("SELECT email FROM lead WHERE email LIKE 'lead%'") == "lead233@example.com")
            #expect(try meta.stack.sql("SELECT outcome FROM inbound") == "created")
            let request = try #require(meta.service.requests.first)
            #expect(meta.service.requests.count == 1)
            #expect(request.target.hasPrefix("/v25.0/233?fields="))
            #expect(request.headers["authorization"] == "Bearer \(Meta.token)")
            #expect(!request.target.contains(Meta.token))
            #expect(meta.stack.stop() == 0)
            #expect(try meta.stack.processes("runner").isEmpty)
            for name in ["runner.log", "worker.log", "leadhub.db"] {
                let data = try Data(contentsOf: meta.stack.state.appending(path: name))
                #expect(data.range(of: Data(Meta.token.utf8)) == nil)
                if name == "runner.log" { #expect(data.range(of: Data("lead233@example.com".utf8)) == nil) }
            }
        }

        @Test func comesBackToWhatFailed() throws {
            let meta = try Meta()
            let failures: [(FakeService.Reply, String)] = [
                (.answer(400, #"{"error":{"type":"OAuthException","code":190}}"#), "expired or was revoked"),
                (.answer(429, headers: "Retry-After: 300\r\n", "{}"), "HTTP 429"),
                (.answer(500, "oops"), "HTTP 500"),
                (.answer(302, headers: "Location: http://127.0.0.1:\(meta.service.port)/x\r\n", ""), "HTTP 302"),
                (.answer(200, String(repeating: " ", count: 1_048_577)), "longer than"),
                (.silence(0), "could not be asked"),
                (.silence(12), "no whole answer in time"),
            ]
            for (number, (reply, reason)) in failures.enumerated() {
                meta.service.reply { _ in reply }
                try meta.announce([number])
                try eventually { try meta.count("job WHERE last_error IS NOT NULL") == 1 }
                #expect(try meta.lastError.contains(reason))
                let wait = try #require(Int(meta.stack.sql("SELECT run_at - unixepoch() FROM job")))
                #expect((reason == "HTTP 429" ? 290...302 : 0...12).contains(wait))
                meta.service.reply(Meta.lead)
                try meta.stack.write("UPDATE job SET run_at = 0")
                try meta.awaitNoJob()
                #expect(try meta.lastError == "")
                #expect(try meta.count("lead WHERE email = 'lead\(number)@example.com'") == 1)
            }
        }

        @Test func twoRunnersFetchEachLeadOnce() throws {
            let meta = try Meta()
            meta.service.reply(Meta.lead)
            let others = try (0..<2).map { _ in try meta.runner() }
            try meta.announce(Array(1...300))
            try meta.awaitNoJob(seconds: 60)
            #expect(Set(meta.service.requests.map(\.node)).count == 300)
            #expect(meta.service.requests.count == 300)
            #expect(try meta.count("lead WHERE email LIKE 'lead%'") == 300)
            #expect(try meta.count("inbound WHERE outcome = 'created'") == 300)
            for other in others { other.signal(SIGTERM) }
            #expect(others.map { $0.wait() } == [0, 0])
        }

        @Test func repeatsAtMostTheFetchWhereARunnerIsKilled() throws {
            let meta = try Meta()
            meta.service.reply { request in
                usleep(80_000)
                return Meta.lead(request)
            }
            try meta.announce(Array(1...150))
            try eventually(within: 120, every: 0) {
                if try meta.count("job") == 0 { return true }
                usleep(useconds_t.random(in: 1_100_000...1_600_000))
                for runner in try meta.stack.processes("runner") { kill(runner, SIGKILL) }
                // A minute passes.
                try eventually { try meta.stack.processes("runner").isEmpty == false }
                try meta.stack.write("UPDATE job SET leased_until = 0 WHERE leased_until IS NOT NULL")
                return false
            }
            #expect(meta.service.requests.count > 150)
            #expect(try meta.count("lead WHERE email LIKE 'lead%'") == 150)
            #expect(try meta.count("inbound WHERE outcome = 'created'") == 150)
            #expect(try meta.count("activity WHERE type = 'received'") == 150)
            #expect(try meta.stack.sql("PRAGMA integrity_check") == "ok")
        }

        @Test func endsAtOnceOnSIGTERM() throws {
            let meta = try Meta()
            meta.service.reply { _ in .silence(15) }
            try meta.announce([233])
            try eventually { !meta.service.requests.isEmpty }
            let began = ContinuousClock.now
            #expect(meta.stack.stop() == 0)
            #expect(began.duration(to: .now) < .seconds(5))
            // Given back, as if it had not been begun.
            let job = try meta.stack.sql("SELECT attempts, leased_until, last_error FROM job")
            #expect(job == "0||")
        }

        @Test(arguments: ["127.0.0.1", "localhost"])
        func asksNoPrivateNetworkByDefault(host: String) throws {
            let meta = try Meta(settings: [:], host: host)
            meta.service.reply(Meta.lead)
            try meta.announce([233])
            try eventually { try !meta.lastError.isEmpty }
            #expect(try meta.lastError.contains("private network"))
            #expect(meta.service.requests.isEmpty)
        }

        @Test func goesOnOnceTheDatabaseCanBeWrittenAgain() throws {
            let meta = try Meta()
            meta.service.reply(Meta.lead)
            let runner = try meta.stack.processes("runner")
            try meta.announce([1], in: 2)
            let (input, output) = (Pipe.unshared(), Pipe.unshared())
            let holder = try Child(
                "/usr/bin/flock", [meta.stack.database + ".lock", "sh", "-c", "echo held; read line"],
                input: input.fileHandleForReading, output: output.fileHandleForWriting,
            )
            try output.fileHandleForWriting.close()
            try Stack.await("held", in: output)
            try eventually { try meta.stack.runnerLog.contains("other writers held the database for too long") }
            try input.fileHandleForWriting.write(contentsOf: Data("\n".utf8))
            holder.wait()
            try meta.awaitNoJob()
            #expect(try meta.stack.processes("runner") == runner)
        }

        @Test func endsWhereTheDiskHasNotTakenWhatWasWritten() throws {
            let meta = try Meta()
            meta.service.reply(Meta.lead)
            let runner = try #require(try meta.stack.processes("runner").first)
            let errors = Pipe.unshared()
            let strace = try Child(
                "/usr/bin/strace", ["-f", "-p", "\(runner)", "-e", "inject=fdatasync:error=EIO", "-o", "/dev/null"],
                errors: errors.fileHandleForWriting,
            )
            try errors.fileHandleForWriting.close()
            try Stack.await("attached", in: errors)
            try meta.announce([1])
            try eventually { try ![[runner], []].contains(meta.stack.processes("runner")) }
            strace.wait()
            #expect(meta.service.requests.isEmpty)
            #expect(try meta.stack.runnerLog.contains("could not be written to the disk"))
            // Another one has taken its place.
            try meta.stack.write("UPDATE job SET leased_until = 0")
            try meta.awaitNoJob()
        }
    }
}

extension Stack {
    var runnerLog: String {
        get throws { try String(contentsOf: state.appending(path: "runner.log"), encoding: .utf8) }
    }
}
