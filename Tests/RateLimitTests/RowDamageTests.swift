import RateLimit
import Testing

/// What a row is after damage, and after a worker was killed while it changed it.
struct RowDamageTests {
    let scratch: Scratch
    let table: CounterTable
    let log = Log()
    let key: Int64 = 5

    init() throws {
        scratch = try Scratch()
        table = try scratch.table(log: log)
    }

    /// The row before and after one more request.
    private func rows(around request: () throws -> Verdict) throws -> (before: Row, after: Row) {
        let before = try scratch.row(key)
        _ = try request()
        return (before, try scratch.row(key))
    }

    private func count(_ limit: UInt32 = 10, now: Int64 = begin) throws -> Verdict {
        try table.count(key: key, limit: limit, now: now)
    }

    @Test func isLaidOutAsDocumented() throws {
        #expect(try count().isAllowed)
        #expect(try count().isAllowed)
        let start = withUnsafeBytes(of: UInt32(begin).littleEndian, Array.init)
        let row = try scratch.row(key)
        #expect(Array(row.word) == [2, 0, 0, 0] + start)
        #expect(Array(row.lastUsed) == start + [0, 0, 0, 0])
        #expect(row.bytes[24...].allSatisfy { $0 == 0 })
        let header = Array("LHCOUNT\n".utf8) + [1, 0, 0, 0, 32, 0, 0, 0] + [UInt8](repeating: 0, count: 16)
        #expect(try scratch.bytes(at: 0, count: 32) == header)
        // c(5, word), computed with the layout's formula in another language
        #expect(Array(row.check.reversed()) == [0x95, 0x40, 0x5D, 0xA2, 0x6C, 0x3F, 0x08, 0xF2])
    }

    @Test(arguments: [3, 6, 8, 12, 15])
    func beginsAnewAndReportsWhenAByteIsFlipped(byte: Int) throws {
        _ = try count()
        _ = try count()
        var row = try scratch.row(key)
        row.bytes[byte] ^= 0x20
        try scratch.put(row, at: key)
        #expect(try count(now: begin + 60) == allowed(9, of: 10, until: begin + 3660))
        #expect(log.lines == ["rate-limit counters: the row of key 5 was damaged; its window begins anew"])
        #expect(try count(now: begin + 60) == allowed(8, of: 10, until: begin + 3660))
        #expect(log.lines.count == 1)
    }

    @Test func noticesAnotherKeysRow() throws {
        _ = try count()
        try scratch.put(try scratch.row(key), at: key + 1)
        #expect(try table.count(key: key + 1, limit: 10, now: begin) == allowed(9, of: 10))
        #expect(log.lines.count == 1)
    }

    @Test func takesARowOfZerosForANewOne() throws {
        _ = try count()
        try scratch.put(Row(bytes: [UInt8](repeating: 0, count: 32)), at: key)
        #expect(try table.lastUsed(key: key) == nil)
        #expect(try count() == allowed(9, of: 10))
        #expect(log.lines.isEmpty)
    }

    @Test func keepsTheCountOfAWorkerKilledBetweenItsStores() throws {
        _ = try count()
        let (before, after) = try rows { try count(now: begin + 9) }
        var killed = after
        killed.word = before.word
        try scratch.put(killed, at: key)
        #expect(try count(now: begin + 20) == allowed(8, of: 10))
        #expect(try count(now: begin + 20) == allowed(7, of: 10))
        #expect(log.lines.isEmpty)
    }

    @Test func keepsTheCountWhenTheStoresReachedTheDiskInTheOtherOrder() throws {
        _ = try count()
        let (before, after) = try rows { try count(now: begin + 9) }
        var torn = after
        torn.check = before.check
        try scratch.put(torn, at: key)
        #expect(try count(now: begin + 20) == allowed(7, of: 10))
        #expect(log.lines.isEmpty)
    }

    @Test func keepsTheCountOfAKillFollowedByRefusals() throws {
        _ = try count()
        let (before, after) = try rows { try count(now: begin + 9) }
        var killed = after
        killed.word = before.word
        try scratch.put(killed, at: key)
        #expect(try count(1, now: begin + 20) == refused(of: 1))
        #expect(try count(1, now: begin + 30) == refused(of: 1))
        #expect(try count(now: begin + 40) == allowed(8, of: 10))
        #expect(log.lines.isEmpty)
    }

    @Test(arguments: [0, 1, 10] as [UInt32])
    func opensTheWindowThatAKilledWorkerDidNot(limit: UInt32) throws {
        _ = try table.count(key: key + 1, limit: 1, now: begin)  // so that the file is as long as the row
        let (unused, first) = try rows { try count(limit) }
        var killed = first
        killed.word = unused.word
        try scratch.put(killed, at: key)
        #expect(try count(now: begin + 1) == allowed(9, of: 10, until: begin + 3601))
        #expect(log.lines.isEmpty)
    }

    @Test func opensTheNextWindowThatAKilledWorkerDidNot() throws {
        _ = try count()
        _ = try count()
        let (old, new) = try rows { try count(now: begin + 4000) }
        var killed = new
        killed.word = old.word
        try scratch.put(killed, at: key)
        #expect(try count(now: begin + 4001) == allowed(9, of: 10, until: begin + 7601))
        #expect(log.lines.isEmpty)
    }

    @Test(arguments: [2, 10] as [UInt32])
    func keepsTheCountOfAWorkerKilledAfterTheClockWentBack(limit: UInt32) throws {
        _ = try count()
        _ = try count()
        let (before, after) = try rows { try count(limit, now: begin - 500) }
        var killed = after
        killed.word = before.word
        try scratch.put(killed, at: key)
        #expect(try count(now: begin - 400) == allowed(7, of: 10, until: begin + 3200))
        #expect(log.lines.isEmpty)
    }

    @Test func keepsWhenADamagedRowWasLastUsed() throws {
        _ = try count()
        try scratch.overwrite(at: Int(key) * 32 + 8, with: [UInt8](repeating: 0xA5, count: 8))
        #expect(try table.lastUsed(key: key) == begin)
    }
}
