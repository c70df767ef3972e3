import Foundation
import Testing

extension SystemTests {
    /// What a sender may rely on that repeats a request until it is answered.
    @Suite struct IdempotencyTests {
        @Test func makesOneLeadOfThirtyTwoEqualPosts() throws {
            let stack = try Stack()
            let key = try stack.key()
            let bodies = Collected<[UInt8]>()
            let replayed = Collected<Bool>()
            try concurrently(32) { _ in
                let answer = try stack.client(key).send(
                    "POST", "/leads", headers: ["Idempotency-Key": "one"], body: #"{"first_name":"Once"}"#,
                )
                #expect(answer.status == 201)
                bodies.append(answer.body)
                replayed.append(answer.headers["idempotency-replayed"] == "true")
            }
            #expect(Set(bodies.all).count == 1)
            #expect(replayed.all.filter { $0 }.count == 31)
            #expect(try stack.sql("SELECT count(*) FROM lead WHERE first_name = 'Once'") == "1")
        }

        /// Workers are killed while a sender repeats each request until it is answered: each makes one lead.
        @Test func leavesAllOrNothingWhenWorkersAreKilled() throws {
            let stack = try Stack()
            let key = try stack.key()
            let done = Flag()
            let count = 400
            try concurrently(5) { role in
                if role == 0 {
                    while !done.isRaised {
                        if let worker = try stack.workers.randomElement() { kill(worker, SIGKILL) }
                        usleep(30_000)
                    }
                    return
                }
                defer { if role == 1 { done.raise() } }
                let client = stack.client(key)
                for number in 0..<count {
                    let headers = ["Idempotency-Key": "\(role)-\(number)"]
                    let body = #"{"first_name":"\#(role)-\#(number)","tags":["kept"]}"#
                    try eventually(every: 0) {
                        (try? client.send("POST", "/leads", headers: headers, body: body))?.status == 201
                    }
                }
            }
            let leads = "SELECT count(*), count(DISTINCT first_name) FROM lead WHERE first_name LIKE '_-%'"
            #expect(try stack.sql(leads) == "\(4 * count)|\(4 * count)")
            #expect(try stack.sql("SELECT count(*) FROM kept_answer") == "\(4 * count)")
        }

        @Test func letsOneOfTwoUpdatesWithTheSameConditionThrough() throws {
            let stack = try Stack()
            let key = try stack.key()
            let tag = try #require(stack.client(key).get("/leads/1").headers["etag"])
            let statuses = Collected<Int>()
            try concurrently(2) { role in
                let answer = try stack.client(key).send(
                    "PATCH", "/leads/1", headers: ["If-Match": tag], body: #"{"company":"Company \#(role)"}"#,
                )
                statuses.append(answer.status)
            }
            #expect(statuses.all.sorted() == [200, 412])
        }
    }
}
