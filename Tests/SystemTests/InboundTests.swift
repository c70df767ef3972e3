import Foundation
import Testing

extension SystemTests {
    /// Senders repeat what was not acknowledged, and send at the same moment: no lead is lost, none is made twice.
    @Suite struct InboundTests {
        @Test func makesOneLeadOfEachNewAddressWhoeverBringsIt() throws {
            let (senders, rounds) = (16, 1_000)
            let stack = try Stack(workers: senders)
            let key = try stack.key()
            let barrier = Barrier(senders)
            try concurrently(senders) { sender in
                let client = stack.client(key)
                for round in 0..<rounds {
                    barrier.wait()
                    let answer = try client.post(
                        "/api/inbound/leads?tenant=demo",
                        #"{"email":"r\#(round)@example.com","from_\#(sender)":"\#(sender)","notes":"By \#(sender)"}"#,
                    )
                    #expect([200, 201].contains(answer.status))
                }
            }
            let ours = "FROM lead WHERE email LIKE 'r%@example.com'"
            #expect(try stack.sql("SELECT count(*), count(DISTINCT email) \(ours)") == "\(rounds)|\(rounds)")
            #expect(
                try stack.sql(
                    "SELECT min(n), max(n) FROM (SELECT (SELECT count(*) FROM json_each(custom_fields)) AS n \(ours))")
                    == "\(senders)|\(senders)"
            )
            let notes = (0..<senders).map { "notes NOT LIKE '%By \($0)%'" }.joined(separator: " OR ")
            #expect(try stack.sql("SELECT count(*) \(ours) AND (\(notes))") == "0")
            #expect(
                try stack.sql("SELECT outcome, count(*) FROM inbound GROUP BY 1") == "created|1000\nduplicate|15000")
            #expect(try stack.sql("SELECT count(*) FROM activity WHERE type = 'received'") == "16000")
        }

        @Test func doesOnceWhatComesTwiceOrSixteenTimesAtOnce() throws {
            let stack = try Stack(workers: 8)
            let address = try source(stack)
            let barrier = Barrier(16)
            let answers = Collected<[UInt8]>()
            try concurrently(16) { _ in
                let client = stack.client("none")
                barrier.wait()
                let answer = try client.post(address, #"{"email":"a@example.com","what":"once"}"#)
                #expect(answer.status == 200)
                answers.append(answer.body)
            }
            #expect(Set(answers.all).count == 1)
            #expect(try stack.sql("SELECT count(*) FROM lead WHERE email = 'a@example.com'") == "1")
            #expect(try stack.sql("SELECT outcome, count(*) FROM inbound GROUP BY 1") == "created|1\nrepeated|15")
            #expect(try stack.sql("SELECT count(*) FROM activity WHERE type = 'received'") == "1")
        }

        @Test func losesNoLeadWhenWorkersAreKilled() throws {
            let stack = try Stack()
            let address = try source(stack)
            let (senders, intakes, people) = (8, 20_000, 8_000)
            let done = Flag()
            let killed = Collected<pid_t>()
            let acknowledged = Collected<Int>()
            let left = Collected<Int>()
            try concurrently(senders + 1) { role in
                if role == senders {
                    while !done.isRaised {
                        if let worker = try stack.workers.randomElement() {
                            kill(worker, SIGKILL)
                            killed.append(worker)
                        }
                        usleep(250_000)
                    }
                    return
                }
                defer {
                    left.append(role)
                    if left.all.count == senders { done.raise() }
                }
                let client = stack.client("none")
                for number in stride(from: role, to: intakes, by: senders) {
                    let body = #"{"email":"p\#(number % people)@example.com","number":"\#(number)"}"#
                    // What a sender does that must not lose a lead: it repeats until it hears that it was taken.
                    try eventually(every: 1_000) { (try? client.post(address, body))?.status == 200 }
                    acknowledged.append(number)
                }
            }
            #expect(killed.all.count > 20)
            let leads = "FROM lead WHERE email LIKE 'p%@example.com'"
            #expect(try stack.sql("SELECT count(*), count(DISTINCT email) \(leads)") == "\(people)|\(people)")
            let kept = try stack.sql("SELECT DISTINCT json_extract(CAST(body AS TEXT), '$.number') FROM inbound")
            #expect(Set(kept.split(separator: "\n").compactMap { Int($0) }).isSuperset(of: acknowledged.all))
            #expect(acknowledged.all.count == intakes)
            // A message makes one entry in a history, however often it was repeated.
            #expect(
                try stack.sql(
                    """
                    SELECT count(*), count(DISTINCT json_extract(details, '$.values.number'))
                    FROM activity WHERE type = 'received'
                    """
                ) == "\(intakes)|\(intakes)"
            )
            #expect(try stack.sql("PRAGMA integrity_check") == "ok")
        }

        @Test func answers503WhileTheDatabaseIsLockedAndTakesTheRepetition() throws {
            let stack = try Stack(workers: 2)
            let address = try source(stack)
            let client = stack.client("none")
            let body = #"{"email":"a@example.com"}"#
            let (input, output) = (Pipe.unshared(), Pipe.unshared())
            let holder = try Child(
                "/usr/bin/flock", [stack.database + ".lock", "sh", "-c", "echo held; read line"],
                input: input.fileHandleForReading, output: output.fileHandleForWriting,
            )
            try output.fileHandleForWriting.close()
            try Stack.await("held", in: output)
            expectUnavailable(try client.post(address, body))
            try input.fileHandleForWriting.close()
            holder.wait()
            #expect(try client.post(address, body)["status"] == .string("created"))
            #expect(try stack.sql("SELECT count(*) FROM inbound") == "1")
        }

        @Test(.enabled(if: canMount, "a file system of its own is needed, which root may mount"))
        func answers503WhileTheDiskIsFullAndTakesTheRepetition() throws {
            let state = try Stack.temporaryFolder()
            _ = try run("/bin/mount", ["-t", "tmpfs", "-o", "size=24m", "none", state.path])
            defer { _ = try? run("/bin/umount", ["--lazy", state.path]) }
            let stack = try Stack(workers: 2, state: state)
            defer { stack.stop() }
            let address = try source(stack)
            let client = stack.client("none")
            #expect(try client.post(address, #"{"email":"first@example.com"}"#)["status"] == .string("created"))
            let filler = state.appending(path: "filler").path
            _ = try? run("/bin/dd", ["if=/dev/zero", "of=\(filler)", "bs=4096"])
            // The log may have room of its own at first: bodies use it up.
            let padding = String(repeating: "x", count: 50_000)
            var taken: [Int] = []
            var refused: Int?
            for number in 0..<1_000 where refused == nil {
                let answer = try client.post(address, #"{"email":"n\#(number)@example.com","notes":"\#(padding)"}"#)
                if answer.status == 200 {
                    taken.append(number)
                } else {
                    expectUnavailable(answer)
                    refused = number
                }
            }
            let number = try #require(refused)
            // Who only reads is served.
            #expect(try client.send("GET", "/health").status == 200)
            #expect(try stack.sql("SELECT count(*) FROM lead WHERE email = 'n\(number)@example.com'") == "0")
            try FileManager.default.removeItem(atPath: filler)
            let answer = try client.post(address, #"{"email":"n\#(number)@example.com","notes":"\#(padding)"}"#)
            #expect(answer["status"] == .string("created"))
            #expect(
                try stack.sql("SELECT count(*), count(DISTINCT email) FROM lead WHERE email LIKE 'n%@example.com'")
                    == "\(taken.count + 1)|\(taken.count + 1)"
            )
            #expect(try stack.sql("SELECT count(*) FROM inbound") == "\(taken.count + 2)")
            #expect(try stack.sql("PRAGMA integrity_check") == "ok")
        }

        private static let canMount: Bool = {
            guard getuid() == 0, let folder = try? Stack.temporaryFolder() else { return false }
            guard (try? run("/bin/mount", ["-t", "tmpfs", "none", folder.path])) != nil else { return false }
            return (try? run("/bin/umount", [folder.path])) != nil
        }()

        private func expectUnavailable(_ answer: Client.Answer) {
            #expect(answer.status == 503)
            #expect(answer["code"] == .string("SERVICE_UNAVAILABLE"))
            #expect((answer.headers["retry-after"].flatMap { Int($0) } ?? 0) > 0)
        }

        /// Makes a source, and gives the path of its address.
        private func source(_ stack: Stack) throws -> String {
            let answer = try stack.client(try stack.key()).post("/integrations", #"{"type":"make","name":"Make"}"#)
            guard case .string(let url) = answer["data", "inbound_url"] else { throw StackError.notStarted }
            return try #require(URL(string: url)).path()
        }
    }
}

/// Where so many threads wait for each other.
private final class Barrier: Sendable {
    private let count: Int
    private let condition = NSCondition()
    nonisolated(unsafe) private var (waiting, round) = (0, 0)

    init(_ count: Int) { self.count = count }

    func wait() {
        condition.lock()
        defer { condition.unlock() }
        let mine = round
        waiting += 1
        if waiting == count {
            (waiting, round) = (0, round + 1)
            condition.broadcast()
        }
        while round == mine { condition.wait() }
    }
}
