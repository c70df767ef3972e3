import Foundation
import Testing

extension SystemTests {
    /// Workers come and go; clients notice nothing, and nothing that was acknowledged is lost.
    @Suite struct SignalTests {
        @Test func finishesTheRequestInHandOnSIGTERM() throws {
            let stack = try Stack()
            let key = try stack.key()
            let padding = String(repeating: " ", count: 200_000)
            let field = String(repeating: "x", count: 60_000)
            let large = try stack.client(key).post(
                "/leads", #"{"first_name":"Large","notes":"\#(field)"}"#,
            )
            guard case .number(let id) = large["data", "id"] else { throw StackError.notStarted }
            let done = Flag()
            let restarts = Collected<Int>()
            try concurrently(9) { role in
                if role == 0 {
                    defer { done.raise() }
                    for _ in 0..<60 {
                        let workers = try stack.workers
                        for worker in workers { kill(worker, SIGTERM) }
                        restarts.append(workers.count)
                        usleep(100_000)
                    }
                    return
                }
                let client = stack.client(key)
                while !done.isRaised {
                    if role % 2 == 0 {
                        let answer = try client.post("/leads", #"{"first_name":"Lead \#(role)"}"# + padding)
                        #expect(answer.status == 201)
                    } else {
                        let answer = try client.get("/leads/\(id)")
                        #expect(answer["data", "notes"] == .string(field))
                    }
                }
            }
            #expect(restarts.all.reduce(0, +) > 60)
            #expect(try stack.nginxErrors == "")
        }

        @Test func losesNothingAcknowledgedWhenWorkersAreKilled() throws {
            let stack = try Stack()
            let key = try stack.key()
            let acknowledged = Collected<(writer: Int, id: String)>()
            let done = Flag()
            try concurrently(9) { role in
                if role == 0 {
                    defer { done.raise() }
                    for _ in 0..<100 {
                        if let worker = try stack.workers.randomElement() { kill(worker, SIGKILL) }
                        usleep(200_000)
                    }
                    return
                }
                let client = stack.client(key)
                var number = 0
                while !done.isRaised {
                    number += 1
                    // The worker in hand may be the one that is killed: then there is no answer, or 503.
                    let answer = try? client.post("/leads", #"{"first_name":"W\#(role)","last_name":"\#(number)"}"#)
                    if answer?.status == 201, case .number(let id) = answer?["data", "id"] {
                        acknowledged.append((role, id))
                    }
                }
            }
            let there = Set(try stack.sql("SELECT id FROM lead").split(separator: "\n").map(String.init))
            #expect(acknowledged.all.filter { !there.contains($0.id) }.isEmpty)
            #expect(Set(acknowledged.all.map(\.writer)).count == 8)
            #expect(try stack.sql("PRAGMA integrity_check") == "ok")
            #expect(
                try stack.sql("SELECT count(*) FROM lead")
                    == stack.sql("SELECT count FROM lead_count WHERE kind = 'all'")
            )
            // The pool is whole again: a new worker stands in each dead one's place.
            try eventually { try stack.workers.count == 4 }
        }
    }
}
