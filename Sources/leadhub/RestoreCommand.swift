import ArgumentParser
import Foundation
import GRDB
import LeadHub
import RateLimit
import Store

struct RestoreCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "restore",
        abstract: "Put a backup in the database's place; prints where the replaced one was kept.",
        discussion: """
            The backup is copied and checked first, brought up to date where an older version made it, and its index \
            for searches made anew where that is damaged. Nothing is replaced while anything has the database open: \
            systemctl stop leadhub.target leadhub-backup.service. The replaced database stays beside the new one, with \
            the date in its name. Where it is broken off, one of the two is in its place, whole.
            """,
    )

    @OptionGroup var options: Options
    @Argument(help: "What leadhub backup has written.", completion: .file()) var file: String

    func run() throws {
        let settings = try Settings(file: options.config, environment: ProcessInfo.processInfo.environment)
        // Opened while we may still be root: a backup is often for root only.
        let source = try RestoreCommand.source(file)
        defer { close(source) }
        try Owner.become(ofStateAt: settings.database)
        // Where it really is: there its log stands, and the copy is on the same file system.
        let database = URL(filePath: settings.database).resolvingSymlinksInPath().path
        // A restore that was killed leaves the database with the name of a replaced one as well.
        guard !OpenFile.isAt(database, source) else {
            throw CommandError("\(file) is the database itself, under whatever name")
        }
        let copy = database + RestoreCommand.unfinished
        let alone = try RestoreCommand.lock(copy + ".alone")
        defer {
            unlink(copy + ".alone")
            close(alone)
        }
        RestoreCommand.remove(copy)
        defer { RestoreCommand.remove(copy) }
        try RestoreCommand.copy(source, to: copy)
        let lastKey = try RestoreCommand.makeReady(copy, called: file)
        let kept = RestoreCommand.nameToKeep(database, at: time(nil))
        if try Replacement(of: database).put(copy, keeping: kept) { print(kept) }
        // Keys that were made after the backup are no more. Others that get their ids do not go on with their counters.
        try CounterTable.forgetKeys(after: lastKey, at: settings.counters)
    }

    /// What the copy's name ends with until it is the database.
    private static let unfinished = ".restoring"
    /// What the name of a replaced database goes on with, before the date.
    private static let replaced = ".replaced-"

    /// Files beside a database that is not there, from which it can be had again: where there are any, an empty one
    /// must not take its place.
    ///
    /// - Throws: where the folder cannot be read.
    static func remains(of database: String) throws -> [String] {
        let url = URL(filePath: database).resolvingSymlinksInPath()
        let name = url.lastPathComponent
        let folder = url.deletingLastPathComponent()
        return try FileManager.default.contentsOfDirectory(atPath: folder.path)
            .filter { $0 == name + unfinished || $0 == name + "-wal" || $0.hasPrefix(name + replaced) }
            .sorted().map { folder.appending(path: $0).path }
    }

    /// As `leadhub.db.replaced-20261123T020000Z`, which nothing has yet.
    private static func nameToKeep(_ database: String, at seconds: time_t) -> String {
        let name = database + replaced + CompactTime.text(seconds)
        let names = [name] + (2...1_000).map { "\(name)-\($0)" }
        return names.first { access($0, F_OK) != 0 && access($0 + "-wal", F_OK) != 0 } ?? name
    }

    /// - Returns: a descriptor of a file that has something in it.
    private static func source(_ file: String) throws -> Int32 {
        let backup = open(file, O_RDONLY | O_NONBLOCK | O_CLOEXEC)
        guard backup >= 0 else { throw CommandError("\(file): \(String(cString: strerror(errno)))") }
        var status = stat()
        guard fstat(backup, &status) == 0, status.st_mode & S_IFMT == S_IFREG, status.st_size > 0 else {
            throw CommandError("\(file) is no file, or an empty one")
        }
        let log = URL(filePath: file).resolvingSymlinksInPath().path + "-wal"
        guard !FileManager.default.fileExists(atPath: log) else {
            throw CommandError("\(log) stands beside it: this is no backup but a database in use")
        }
        return backup
    }

    /// - Returns: a descriptor whose closing gives the lock back.
    private static func lock(_ path: String) throws -> Int32 {
        let file = open(path, O_RDONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard file >= 0 else { throw BackupError.system(path, errno) }
        guard flock(file, LOCK_EX | LOCK_NB) == 0 else {
            defer { close(file) }
            throw errno == EWOULDBLOCK ? CommandError("another restore is at work") : BackupError.system(path, errno)
        }
        guard OpenFile.isAt(path, file) else {
            // Its holder has just removed it: another one may be locked by now.
            close(file)
            throw CommandError("another restore has only just ended; try again")
        }
        return file
    }

    private static let sizeOfPiece = 1_048_576

    private static func copy(_ source: Int32, to path: String) throws {
        let target = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o660)
        guard target >= 0 else { throw BackupError.system(path, errno) }
        defer { close(target) }
        var piece = [UInt8](repeating: 0, count: sizeOfPiece)
        var count = 1
        while count > 0 {
            count = read(source, &piece, piece.count)
            guard count >= 0 else { throw BackupError.system("the backup", errno) }
            try write(piece.prefix(count), to: target, called: path)
        }
        guard fsync(target) == 0 else { throw BackupError.system(path, errno) }
    }

    private static func write(_ bytes: ArraySlice<UInt8>, to target: Int32, called path: String) throws {
        var rest = bytes
        while !rest.isEmpty {
            // A disk that gets full takes a part first, and says so the next time.
            let count = rest.withUnsafeBytes { Foundation.write(target, $0.baseAddress, $0.count) }
            guard count > 0 else { throw BackupError.system(path, count < 0 ? errno : ENOSPC) }
            rest = rest.dropFirst(count)
        }
    }

    /// Checks that the copy is a sound database of ours, and makes it one of this version.
    ///
    /// - Returns: the id of the last key that was made in it.
    private static func makeReady(_ copy: String, called file: String) throws -> Int64 {
        let store: Store
        do { store = try Store(path: copy) } catch { throw CommandError("\(file) is not a database: \(error)") }
        let state = try store.connect { connection in
            guard try Schema.isOurs(connection.database) else {
                throw CommandError("\(file) is a database, and not one of LeadHub")
            }
            let problems = try connection.database.findProblems()
            guard problems.isEmpty else { throw BackupError.unsound(problems) }
            return try Schema.state(connection.database)
        }
        guard state != .newer else {
            throw CommandError("\(file) is of a newer version; install that version of leadhub")
        }
        // It also turns the log on; what is in it then is in the database once that is closed.
        do { try store.migrate(Schema.migrator) } catch let error as DatabaseError {
            throw CommandError("\(file) cannot be brought to this version: \(Explanation.text(error))")
        }
        try RestoreCommand.mendSearchIndex(store)
        let lastKey = try store.connect { try Key.lastID($0.database) }
        try store.close()
        guard !FileManager.default.fileExists(atPath: copy + "-wal") else { throw CommandError("\(copy)-wal was left") }
        return lastKey
    }

    private static func mendSearchIndex(_ store: Store) throws {
        try store.connect { connection in
            guard try connection.read(Lead.findSearchProblem) != nil else { return }
            _ = try connection.write(Lead.rebuildSearchIndex)
        }
    }

    private static func remove(_ copy: String) {
        for suffix in ["", "-wal", "-shm", "-journal", ".lock"] { unlink(copy + suffix) }
    }
}
