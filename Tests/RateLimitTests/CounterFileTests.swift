import Foundation
import RateLimit
import Testing

/// How the file is made, set aside, and replaced under running workers.
struct CounterFileTests {
    let scratch: Scratch
    let log = Log()

    init() throws {
        scratch = try Scratch()
    }

    private func count(_ table: CounterTable, key: Int64 = 1) throws -> UInt32 {
        try table.count(key: key, limit: 100, now: begin).remaining
    }

    // MARK: - Opening

    @Test func makesAFileForItsOwnerAndGroupOnly() throws {
        _ = try scratch.table(log: log)
        let status = try scratch.status()
        #expect(status.st_mode & 0o7777 == 0o640)
        #expect(status.st_mode & S_IFMT == S_IFREG)
        #expect(log.lines.isEmpty)
    }

    @Test func isNotInheritedByOtherPrograms() throws {
        let table = try scratch.table()
        #expect(try count(table) == 99)
        // Tests beside this one have files open, too, and some have many.
        let all = try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").compactMap(Int32.init)
        let open = all.filter { descriptor in
            var status = stat()
            guard fstat(descriptor, &status) == 0, let ours = try? scratch.status() else { return false }
            return status.st_ino == ours.st_ino && status.st_dev == ours.st_dev
        }
        #expect(open.count == 1)
        #expect(open.allSatisfy { fcntl($0, F_GETFD) & FD_CLOEXEC != 0 })
        withExtendedLifetime(table) {}
    }

    @Test func keepsCountsFromOneOpeningToTheNext() throws {
        do {
            let table = try scratch.table()
            #expect(try count(table) == 99)
        }
        #expect(try count(try scratch.table(log: log)) == 98)
        #expect(log.lines.isEmpty)
    }

    @Test func forgetsTheKeysAfterOne() throws {
        try CounterTable.forgetKeys(after: 2, at: scratch.path)
        #expect(try scratch.names().isEmpty)
        do {
            let table = try scratch.table()
            for key: Int64 in [1, 2, 3, 9_000] { #expect(try count(table, key: key) == 99) }
        }
        try CounterTable.forgetKeys(after: 2, at: scratch.path)
        let table = try scratch.table(log: log)
        #expect(try table.lastUsed(key: 2) == begin)
        #expect(try table.lastUsed(key: 3) == nil)
        #expect(try [1, 2, 3, 9_000].map { try count(table, key: $0) } == [98, 98, 99, 99])
        #expect(log.lines.isEmpty)
        #expect(throws: CounterError.keyOutOfRange(-1)) {
            try CounterTable.forgetKeys(after: -1, at: scratch.path)
        }
    }

    @Test func takesAnEmptyFileForANewOne() throws {
        try scratch.write([])
        #expect(try count(try scratch.table(log: log)) == 99)
        #expect(log.lines.isEmpty)
        #expect(try scratch.names() == ["counters"])
    }

    // MARK: - Setting aside

    /// A header with some of its bytes replaced.
    private static func header(_ offset: Int, _ bytes: [UInt8]) -> [UInt8] {
        var header = Array("LHCOUNT\n".utf8) + [1, 0, 0, 0, 32, 0, 0, 0] + [UInt8](repeating: 0, count: 16)
        header.replaceSubrange(offset..<(offset + bytes.count), with: bytes)
        return header
    }

    @Test(arguments: [
        (header(0, [0x6C]), "has a damaged header"),
        ([UInt8](repeating: 0, count: 64), "has a damaged header"),
        (header(8, [2]), "is of version 2, not 1"),
        (header(12, [64]), "has rows of 64 bytes, not 32"),
        (Array(header(0, []).dropLast()), "is shorter than its header"),
        ([1], "is shorter than its header"),
    ])
    func setsAsideAFileThatItCannotUse(bytes: [UInt8], fault: String) throws {
        try scratch.write(bytes)
        #expect(try count(try scratch.table(log: log)) == 99)
        let aside = "\(scratch.path).damaged-\(begin)"
        let line = "rate-limit counters: \(scratch.path) \(fault); it is now \(aside), and every window begins anew"
        #expect(log.lines == [line])
        #expect(try Data(contentsOf: URL(filePath: aside)) == Data(bytes))
    }

    @Test func setsAsideADirectory() throws {
        try FileManager.default.createDirectory(atPath: scratch.path, withIntermediateDirectories: true)
        #expect(try count(try scratch.table(log: log)) == 99)
        #expect(try scratch.names() == ["counters", "counters.damaged-\(begin)"])
        #expect(log.lines.count == 1)
    }

    @Test func setsAsideAPipe() throws {
        try #require(mkfifo(scratch.path, 0o600) == 0)
        #expect(try count(try scratch.table(log: log)) == 99)
        #expect(log.lines.count == 1)
    }

    @Test func refusesASymbolicLink() throws {
        try FileManager.default.createSymbolicLink(atPath: scratch.path, withDestinationPath: "elsewhere")
        let refusal = CounterError.systemCall(name: "open", code: ELOOP)
        #expect(throws: refusal) { try scratch.table() }
        #expect(refusal.description == "open: Too many levels of symbolic links")
    }

    @Test func refusesADirectoryThatIsNotThere() throws {
        #expect(throws: CounterError.systemCall(name: "open", code: ENOENT)) {
            try CounterTable(path: "\(scratch.path)/none", now: begin) { _ in }
        }
    }

    @Test func setsAsideUnderANameThatIsNotTaken() throws {
        for _ in 0..<3 {
            try scratch.write([1, 2, 3])
            _ = try scratch.table()
        }
        let aside = "counters.damaged-\(begin)"
        #expect(try scratch.names() == ["counters", aside, "\(aside)-2", "\(aside)-3"])
    }

    // Without bytes there is a directory in the file's place.
    @Test(arguments: [nil, [], [1, 2, 3], [UInt8](repeating: 7, count: 64)])
    func endsWithOneFreshFileWhenManyOpenAtOnce(bytes: [UInt8]?) throws {
        for _ in 0..<50 {
            let scratch = try Scratch()
            if let bytes {
                try scratch.write(bytes)
            } else {
                try FileManager.default.createDirectory(atPath: scratch.path, withIntermediateDirectories: true)
            }
            let remaining = try onThreads(8) { _ in
                try scratch.table().count(key: 1, limit: 8, now: begin).remaining
            }
            #expect(remaining.sorted() == Array(0..<8))
            #expect(try scratch.names().count == (bytes == [] ? 1 : 2))
        }
    }

    // MARK: - While workers run

    /// What may happen to the file under two running workers, and what the next request finds left of 100 after the
    /// two have counted two.
    enum Event: CaseIterable {
        case deleted, emptied, cutInTheHeader, cutAfterTheHeader, replaced, movedAway, overwritten, becameADirectory

        func happen(to scratch: Scratch) throws {
            let path = scratch.path
            switch self {
            case .deleted: try #require(unlink(path) == 0)
            case .emptied: try #require(truncate(path, 0) == 0)
            case .cutInTheHeader: try #require(truncate(path, 20) == 0)
            case .cutAfterTheHeader: try #require(truncate(path, 32) == 0)
            case .replaced: try Data().write(to: URL(filePath: path), options: .atomic)
            case .movedAway: try #require(rename(path, path + ".old") == 0)
            case .overwritten: try scratch.overwrite(at: 0, with: [UInt8](repeating: 0xFF, count: 32))
            case .becameADirectory:
                try #require(unlink(path) == 0)
                try #require(mkdir(path, 0o700) == 0)
            }
        }
    }

    @Test(arguments: Event.allCases)
    func goesOnTogetherWhenTheFileIs(_ event: Event) throws {
        let (one, other) = (try scratch.table(log: log), try scratch.table(log: log))
        #expect(try count(one) == 99)
        #expect(try count(other) == 98)
        try event.happen(to: scratch)
        #expect(try count(one) == 99)
        #expect(try count(other) == 98)
        #expect(try count(one) == 97)
        #expect(try count(try scratch.table()) == 96)
        #expect(log.lines.contains { $0.hasSuffix("opened it anew") })
    }

    @Test(arguments: Event.allCases)
    func tellsWhenAKeyWasLastUsedWhenTheFileIs(_ event: Event) throws {
        let table = try scratch.table(log: log)
        #expect(try count(table) == 99)
        try event.happen(to: scratch)
        #expect(try table.lastUsed(key: 1) == nil)
        #expect(try count(table) == 99)
        #expect(try table.lastUsed(key: 1) == begin)
    }

    @Test func answersEveryRequestWhileTheFileIsReplacedAgainAndAgain() throws {
        let scratch = scratch
        let events: [Event] = [.deleted, .replaced, .movedAway, .overwritten]
        _ = try onThreads(4) { number in
            let table = try scratch.table()
            for turn in 0..<400 {
                if number == 0 && turn % 20 == 10 {
                    try events[turn / 20 % events.count].happen(to: scratch)
                }
                #expect(try table.count(key: 1, limit: 2000, now: begin).isAllowed)
            }
        }
        #expect(try scratch.table().lastUsed(key: 1) == begin)
    }

    @Test func goesOnOnceTheFileCanBeOpenedAgain() throws {
        let table = try scratch.table()
        try FileManager.default.moveItem(atPath: scratch.directory.path, toPath: scratch.directory.path + ".away")
        #expect(throws: CounterError.systemCall(name: "open", code: ENOENT)) { try count(table) }
        try FileManager.default.moveItem(atPath: scratch.directory.path + ".away", toPath: scratch.directory.path)
        #expect(try count(table) == 99)
    }

    // MARK: - Growth

    @Test func growsPastTheMappingAndOthersSeeIt() throws {
        let (one, other) = (try scratch.table(log: log), try scratch.table(log: log))
        #expect(try count(one) == 99)
        #expect(try count(other) == 98)
        #expect(try scratch.size() == 4096 * 32)
        #expect(try count(one, key: 10_000) == 99)
        #expect(try scratch.size() == 3 * 4096 * 32)
        #expect(try other.lastUsed(key: 10_000) == begin)
        #expect(try count(other, key: 10_000) == 98)
        #expect(try count(other) == 97)
        #expect(log.lines.isEmpty)
    }

    @Test(arguments: [4095, 4096, 4097] as [Int64])
    func holdsTheRowsAroundTheEndOfAStep(key: Int64) throws {
        let table = try scratch.table(log: log)
        #expect(try count(table, key: key) == 99)
        #expect(try count(table, key: key) == 98)
        #expect(log.lines.isEmpty)
    }
}
