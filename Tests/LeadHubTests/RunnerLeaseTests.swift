import GRDB
import HTTP
import Outgoing
import Store
import Testing

@testable import LeadHub

@Suite struct RunnerLeaseTests {
    @Test func isTakenOverOnceTheLeaseRanOut() throws {
        try Workbench.run { bench in
            let work = try RunnerBench(bench)
            try work.announce("233")
            work.answer = { _ throws(OutgoingError) in throw .failed("") }
            let lease = try bench.connection.write { try Job.lease($0, now: work.now) }
            #expect(lease?.attempt == 1)
            work.now += 59
            #expect(try !work.performJob())
            work.now += 1
            #expect(try work.performJob())
            #expect(try work.jobs.first?.attempts == 2)
        }
    }

    /// A runner that hung for longer than its lease finds that another one has done the job.
    @Test(arguments: [true, false])
    func writesNothingOnceItWasTakenOver(succeeds: Bool) throws {
        try Workbench.run { bench in
            let work = try RunnerBench(bench)
            try work.announce("233")
            let body = RunnerBench.lead("233", email: "ada@example.com")
            work.answer = { _ throws(OutgoingError) in
                work.reply(200, body)
                work.now += 61
                do { try work.performJob() } catch { throw .failed("\(error)") }
                guard succeeds else { throw .timedOut }
                return OutgoingAnswer(status: 200, body: Array(body.utf8))
            }
            try work.performJob()
            #expect(work.requests.count == 2)
            #expect(try bench.number("SELECT count(*) FROM lead") == 1)
            #expect(try bench.number("SELECT count(*) FROM inbound") == 1)
            #expect(try bench.number("SELECT count(*) FROM activity WHERE type = 'received'") == 1)
            #expect(try work.jobs.isEmpty)
            #expect(try work.lastError == nil)
        }
    }

    @Test func givesAJobBackThatWasBrokenOff() throws {
        try Workbench.run { bench in
            let work = try RunnerBench(bench)
            try work.announce("233")
            work.answer = { _ throws(OutgoingError) in throw .stopped }
            try work.performJob()
            let job = try #require(try work.jobs.first)
            #expect(job == (0, 0, nil))
            work.reply(200, RunnerBench.lead("233", email: "ada@example.com"))
            try work.performJob()
            #expect(try bench.number("SELECT count(*) FROM lead") == 1)
        }
    }

    @Test func fetchesWithNoTransactionAndNoLock() throws {
        try Workbench.run { bench in
            let work = try RunnerBench(bench)
            try work.announce("233")
            work.answer = { _ throws(OutgoingError) in
                #expect(!bench.database.isInsideTransaction)
                RunnerLeaseTests.writeAsAnotherWorker(bench)
                throw .timedOut
            }
            try work.performJob()
            #expect(try work.lastError?.contains("no whole answer in time") == true)
            #expect(try bench.number("SELECT count(*) FROM lead") == 1)
        }
    }

    private static func writeAsAnotherWorker(_ bench: Workbench) {
        #expect(throws: Never.self) {
            try Worker.run(0..<1, on: bench) { _, worker in
                _ = try worker.send(.post, "/api/v1/leads", #"{"first_name":"A"}"#)
            }
        }
    }

    @Test func takesJobsInTheOrderInWhichTheyAreDue() throws {
        try Workbench.run { bench in
            let work = try RunnerBench(bench)
            for id in ["1", "2", "3"] { try work.announce(id) }
            try bench.execute("UPDATE job SET run_at = run_at - 1 WHERE name LIKE '%/2'")
            work.answer = { request throws(OutgoingError) in
                OutgoingAnswer(status: 400, body: Array(#"{"error":{"code":100}}"#.utf8))
            }
            while try work.performJob() {}
            let ids = work.requests.map { $0.url.split(separator: "/").last?.first }
            #expect(ids == ["2", "1", "3"])
        }
    }
}
