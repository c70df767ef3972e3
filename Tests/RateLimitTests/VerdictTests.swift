import RateLimit
import Testing

/// What a key is told, request by request.
struct VerdictTests {
    let scratch: Scratch
    let table: CounterTable

    init() throws {
        scratch = try Scratch()
        table = try scratch.table()
    }

    @Test func countsDownAndThenRefuses() throws {
        let verdicts = try (0..<5).map { try table.count(key: 7, limit: 3, now: begin + $0) }
        #expect(verdicts == [allowed(2, of: 3), allowed(1, of: 3), allowed(0, of: 3), refused(of: 3), refused(of: 3)])
    }

    @Test func refusesEverythingUnderALimitOfZero() throws {
        #expect(try table.count(key: 1, limit: 0, now: begin) == refused(of: 0))
        #expect(try table.count(key: 1, limit: 0, now: begin + 10) == refused(of: 0))
    }

    @Test func allowsOneUnderALimitOfOne() throws {
        #expect(try table.count(key: 1, limit: 1, now: begin) == allowed(0, of: 1))
        #expect(try table.count(key: 1, limit: 1, now: begin) == refused(of: 1))
    }

    @Test func countsEachKeyByItself() throws {
        #expect(try table.count(key: 1, limit: 1, now: begin) == allowed(0, of: 1))
        #expect(try table.count(key: 2, limit: 1, now: begin) == allowed(0, of: 1))
        #expect(try table.count(key: 1, limit: 1, now: begin) == refused(of: 1))
    }

    @Test func beginsANewWindowAfterExactlyOneHour() throws {
        _ = try table.count(key: 1, limit: 1, now: begin)
        #expect(try table.count(key: 1, limit: 1, now: begin + 3599) == refused(of: 1))
        #expect(try table.count(key: 1, limit: 1, now: begin + 3600) == allowed(0, of: 1, until: begin + 7200))
    }

    @Test func opensAWindowAtTheFirstRequestNotAtTheHour() throws {
        _ = try table.count(key: 1, limit: 2, now: begin)
        let late = begin + 100_000
        #expect(try table.count(key: 1, limit: 2, now: late) == allowed(1, of: 2, until: late + 3600))
    }

    @Test func isNotProlongedByRefusedRequests() throws {
        _ = try table.count(key: 1, limit: 1, now: begin)
        let before = try scratch.row(1).word
        for second in Int64(1)..<3600 {
            #expect(try table.count(key: 1, limit: 1, now: begin + second) == refused(of: 1))
        }
        #expect(try scratch.row(1).word == before)
        #expect(try table.count(key: 1, limit: 1, now: begin + 3600).isAllowed)
    }

    @Test func endsOneHourByTheNewClockAfterTheClockWentBack() throws {
        _ = try table.count(key: 1, limit: 3, now: begin)
        _ = try table.count(key: 1, limit: 3, now: begin)
        let back = begin - 50_000
        #expect(try table.count(key: 1, limit: 3, now: back) == allowed(0, of: 3, until: back + 3600))
        #expect(try table.count(key: 1, limit: 3, now: back + 3599) == refused(of: 3, until: back + 3600))
        #expect(try table.count(key: 1, limit: 3, now: back + 3600).isAllowed)
    }

    @Test func endsOneHourByTheNewClockEvenIfAllIsRefused() throws {
        _ = try table.count(key: 1, limit: 1, now: begin)
        let back = begin - 1
        #expect(try table.count(key: 1, limit: 1, now: back) == refused(of: 1, until: back + 3600))
        #expect(try table.count(key: 1, limit: 1, now: back + 100) == refused(of: 1, until: back + 3600))
    }

    @Test func obeysALimitLoweredInTheWindow() throws {
        for _ in 0..<5 {
            _ = try table.count(key: 1, limit: 10, now: begin)
        }
        #expect(try table.count(key: 1, limit: 3, now: begin) == refused(of: 3))
        #expect(try table.count(key: 1, limit: 6, now: begin) == allowed(0, of: 6))
    }

    @Test func obeysALimitRaisedInTheWindow() throws {
        _ = try table.count(key: 1, limit: 1, now: begin)
        #expect(try table.count(key: 1, limit: 1, now: begin) == refused(of: 1))
        #expect(try table.count(key: 1, limit: 4, now: begin) == allowed(2, of: 4))
    }

    @Test func countsUnderTheLargestLimit() throws {
        let limit = UInt32.max
        #expect(try table.count(key: 1, limit: limit, now: begin) == allowed(limit - 1, of: limit))
    }

    @Test func remembersWhenAKeyWasLastUsed() throws {
        #expect(try table.lastUsed(key: 1) == nil)
        _ = try table.count(key: 1, limit: 1, now: begin)
        #expect(try table.lastUsed(key: 1) == begin)
        _ = try table.count(key: 1, limit: 1, now: begin + 5)  // refused
        #expect(try table.lastUsed(key: 1) == begin + 5)
        #expect(try table.lastUsed(key: 2) == nil)
        #expect(try table.lastUsed(key: 1_000_000) == nil)
    }

    @Test(arguments: [Int64.min, -1, 0, CounterTable.largestKey + 1, .max])
    func refusesIdsThatNoKeyHas(key: Int64) throws {
        #expect(throws: CounterError.keyOutOfRange(key)) { try table.count(key: key, limit: 1, now: begin) }
        #expect(throws: CounterError.keyOutOfRange(key)) { try table.lastUsed(key: key) }
    }

    @Test func countsForTheLargestKeyInASparseFile() throws {
        #expect(try table.count(key: CounterTable.largestKey, limit: 2, now: begin) == allowed(1, of: 2))
        #expect(try table.count(key: CounterTable.largestKey, limit: 2, now: begin) == allowed(0, of: 2))
        #expect(try scratch.status().st_blocks < 2048)
    }
}
