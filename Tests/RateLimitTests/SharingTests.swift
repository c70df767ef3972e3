import RateLimit
import Testing

/// Workers that share a file: tables of their own, whose open files the locks tell apart as those of processes.
struct SharingTests {
    @Test func allowsExactlyTheLimitToAllWorkersTogether() throws {
        let scratch = try Scratch()
        let verdicts = try onThreads(8) { _ in
            let table = try scratch.table()
            return try (0..<500).map { _ in try table.count(key: 3, limit: 3000, now: begin) }
        }.flatMap(\.self)
        let allowed = verdicts.filter(\.isAllowed)
        #expect(verdicts.count == 4000)
        #expect(allowed.map(\.remaining).sorted() == Array(0..<3000))
        #expect(verdicts.allSatisfy { $0.resetsAt == begin + 3600 })
    }

    @Test func sumsUpWhileTheFileGrowsUnderAll() throws {
        let scratch = try Scratch()
        let keys = (0..<64).map { Int64($0 * 3000 + 1) }
        _ = try onThreads(4) { number in
            let table = try scratch.table()
            for key in number.isMultiple(of: 2) ? keys : keys.reversed() {
                _ = try table.count(key: key, limit: 100, now: begin)
            }
        }
        let table = try scratch.table()
        for key in keys {
            #expect(try table.count(key: key, limit: 100, now: begin).remaining == 95)
        }
    }

    @Test func keepsNeighbouringRowsApart() throws {
        let scratch = try Scratch()
        let remaining = try onThreads(4) { number in
            let table = try scratch.table()
            return try (0..<300).map { _ in
                try table.count(key: Int64(number + 1), limit: 300, now: begin).remaining
            }
        }
        #expect(remaining.allSatisfy { $0 == (0..<300).reversed() })
    }
}
