import CLinux
import GRDB
import Glibc

/// A copy of a whole database in one file, made while others read and write it.
///
/// The copy shows one moment: it is read within one transaction. While that lasts the log cannot start again, so the
/// pages are copied as fast as the memory takes them. Afterwards, and slowly, the copy gets to the disk and is checked.
package struct Backup {
    package let path: String
    /// Takes the copy's place until it is whole: whoever finds a file at `path` finds a checked one.
    private var partial: String { path + ".partial" }

    package init(path: String) {
        self.path = path
    }

    /// After so many pages others get the processor, and whoever waits sees how far it is.
    private static let pagesAtOnce: CInt = 256
    /// The part of the disk's time and of one processor's that it takes after the copying: on a machine that has no
    /// other processor, too, most of it is left to those whom somebody waits for.
    private static let share = 0.25

    /// Copies the database, checks the copy and puts it at `path`, for its owner only.
    ///
    /// - Parameters:
    ///   - connection: none of its transactions is open.
    ///   - check: looks at the sound copy for what can be mended in it.
    ///   - progress: is given how much of the copy there is, from 0 to 1; what it throws ends the copying.
    /// - Returns: what `check` has found.
    /// - Throws: `BackupError`, `DatabaseError`, and what `check` and `progress` throw.
    package func write(
        from connection: Connection, check: (Database) throws -> String?, progress: @escaping (Double) throws -> Void,
    ) throws -> String? {
        let file = open(partial, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard file >= 0 else { throw BackupError.system(partial, errno) }
        defer { close(file) }
        guard makePrivate(file) else { throw BackupError.notOurs(partial) }
        // One that has just ended has given the file its name: then this is its copy, and not to be written to.
        guard flock(file, LOCK_EX | LOCK_NB) == 0, OpenFile.isAt(partial, file) else {
            throw BackupError.isBeingWritten(path)
        }
        // What an earlier one left, which did not get to its end.
        guard ftruncate(file, 0) == 0 else { throw BackupError.system(partial, errno) }
        var isWhole = false
        defer { if !isWhole { unlink(partial) } }

        let problem = try copy(connection, into: file, check, progress)
        guard fsync(file) == 0, rename(partial, path) == 0 else { throw BackupError.system(path, errno) }
        isWhole = true
        try Folder.sync(of: path)
        return problem
    }

    /// Closes the file to all others.
    ///
    /// - Returns: whether it is an ordinary one that is ours alone.
    private func makePrivate(_ file: Int32) -> Bool {
        var status = stat()
        return fstat(file, &status) == 0 && status.st_uid == geteuid() && status.st_mode & S_IFMT == S_IFREG
            && status.st_nlink == 1 && fchmod(file, 0o600) == 0
    }

    /// - Returns: what `check` finds in the copy.
    private func copy(
        _ connection: Connection, into file: Int32, _ check: (Database) throws -> String?,
        _ progress: @escaping (Double) throws -> Void,
    ) throws -> String? {
        var configuration = Configuration()
        configuration.prepareDatabase { database in
            try database.execute(sql: "PRAGMA synchronous = OFF; PRAGMA journal_mode = OFF")
            // The check sorts: 3 MB for 200,000 leads, for which no other file system need have room.
            try database.execute(sql: "PRAGMA temp_store = MEMORY")
        }
        let queue = try DatabaseQueue(path: partial, configuration: configuration)
        defer { try? queue.close() }
        var writeBack = WriteBack(file)
        return try queue.writeWithoutTransaction { copy in
            try connection.read { database in
                _ = try Row.fetchOne(database, sql: "SELECT 1 FROM sqlite_schema")
                try database.backup(to: copy, pagesPerStep: Backup.pagesAtOnce) { state in
                    // What is thrown after the last step GRDB leaves out; `finish` comes then.
                    if !state.isCompleted { try writeBack.keepWithinAllowance() }
                    try progress(Double(state.completedPageCount) / Double(max(1, state.totalPageCount)))
                }
            }
            // One file, with no log beside it.
            try copy.execute(sql: "PRAGMA journal_mode = DELETE")
            let pace = Pace(share: Backup.share) { try progress(1) }
            try writeBack.finish(pace)
            return try pace.run(copy) {
                let problems = try copy.findProblems()
                guard problems.isEmpty else { throw BackupError.unsound(problems) }
                return try check(copy)
            }
        }
    }
}

/// Gets what is written to a file to the disk, in portions: a writer's own sync never waits for more than one of ours.
/// It promises nothing about a power failure.
private struct WriteBack {
    private let file: Int32
    private var done = 0

    private static let portionInBytes = 16 * 1_048_576
    /// Once a tenth of the memory waits for the disk the kernel begins to write it, and somewhat later it slows all down
    /// who write (https://docs.kernel.org/admin-guide/sysctl/vm.html#dirty-background-ratio).
    private static let allowanceInBytes = sysconf(Int32(_SC_PHYS_PAGES)) / 32 * sysconf(Int32(_SC_PAGESIZE))

    init(_ file: Int32) {
        self.file = file
    }

    /// Sees to it that no more than some part of the memory waits for the disk.
    ///
    /// - Throws: `BackupError`.
    mutating func keepWithinAllowance() throws(BackupError) {
        while try size() - done > max(WriteBack.allowanceInBytes, WriteBack.portionInBytes) { try writePortion() }
    }

    /// Writes what is left.
    ///
    /// - Throws: `BackupError`, and what the pace throws.
    mutating func finish(_ pace: Pace) throws {
        while try done < size() {
            let begin = ContinuousClock.now
            try writePortion()
            try pace.rest(after: begin.duration(to: .now))
        }
    }

    private mutating func writePortion() throws(BackupError) {
        let code = linux_write_back(file, done, WriteBack.portionInBytes)
        // A file system that does not know it has its sync at the end.
        guard [0, ENOSYS, EINVAL].contains(code) else { throw .system("the copy", code) }
        done += WriteBack.portionInBytes
    }

    private func size() throws(BackupError) -> Int {
        var status = stat()
        guard fstat(file, &status) == 0 else { throw .system("the copy", errno) }
        return status.st_size
    }
}

extension Database {
    /// What SQLite finds wrong: damage to the file, values that the schema forbids, references that lead nowhere.
    ///
    /// - Returns: a line for each, up to a hundred of a kind.
    /// - Throws: `DatabaseError` where it cannot even be looked at.
    package func findProblems() throws -> [String] {
        let damage = try String.fetchAll(self, sql: "PRAGMA integrity_check(100)").filter { $0 != "ok" }
        guard damage.isEmpty else { return damage }
        return try Row.fetchAll(self, sql: "SELECT * FROM pragma_foreign_key_check LIMIT 100").map { row in
            let (table, parent): (String, String) = (row[0], row[2])
            let id = (row[1] as Int64?).map { " row \($0)" } ?? ""
            return "\(table)\(id): there is no such \(parent)"
        }
    }
}

enum Folder {
    /// Makes the names in a file's folder survive a power failure.
    static func sync(of path: String) throws(StoreError) {
        let folder = path.lastIndex(of: "/").map { String(path[...$0]) } ?? "."
        let descriptor = Glibc.open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw .cannotOpen(folder, Explanation.text(errno)) }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw .cannotOpen(folder, Explanation.text(errno)) }
    }
}

/// Why there is no backup, or why one cannot take the database's place.
package enum BackupError: Error, CustomStringConvertible {
    /// The kernel refused; the file and the `errno`.
    case system(String, Int32)
    /// Another backup goes to the same file.
    case isBeingWritten(String)
    /// A file that somebody else made.
    case notOurs(String)
    /// What SQLite finds wrong with the copy.
    case unsound([String])
    /// The database that was to be replaced is open somewhere.
    case inUse(String)

    package var description: String {
        switch self {
        case .system(let file, let code): "\(file): \(Explanation.text(code))"
        case .isBeingWritten(let file): "another backup is being written to \(file)"
        case .notOurs(let file): "\(file) is somebody else's; remove it first"
        case .unsound(let problems): "the copy is not sound: \(problems.prefix(3).joined(separator: "; "))"
        case .inUse(let path):
            """
            \(path) is in use; stop what uses it first, a backup among it: \
            systemctl stop leadhub.target leadhub-backup.service
            """
        }
    }
}
