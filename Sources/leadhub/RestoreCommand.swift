import ArgumentParser
import Foundation
import LeadHub
import Store

struct RestoreCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "restore",
        abstract: "Put a backup in the database's place; prints where the replaced one was kept.",
        discussion: """
            The backup is copied and checked first, and brought up to date where an older version made it. Nothing is \
            replaced while anything has the database open: systemctl stop leadhub.target. The replaced database stays \
            beside the new one, with the date in its name.
            """,
    )

    @OptionGroup var options: Options
    @Argument(help: "What leadhub backup has written.") var file: String

    func run() throws {
        let settings = try Settings(file: options.config, environment: ProcessInfo.processInfo.environment)
        // Opened while we may still be root: a backup is often for root only.
        let backup = open(file, O_RDONLY | O_CLOEXEC)
        guard backup >= 0 else { throw CommandError("\(file): \(Explanation.text(errno))") }
        let source = FileHandle(fileDescriptor: backup, closeOnDealloc: true)
        guard !FileManager.default.fileExists(atPath: file + "-wal") else {
            throw CommandError("\(file)-wal stands beside it: this is no backup but a database in use")
        }
        try Owner.become(ofStateAt: settings.database)
        let copy = settings.database + ".restoring"
        RestoreCommand.remove(copy)
        defer { RestoreCommand.remove(copy) }
        try RestoreCommand.copy(source, to: copy)
        try RestoreCommand.makeReady(copy, called: file)
        let kept = "\(settings.database).replaced-\(CompactTime.text(time(nil)))"
        if try Replacement(of: settings.database).put(copy, keeping: kept) { print(kept) }
    }

    private static let sizeOfPiece = 1_048_576

    private static func copy(_ source: FileHandle, to path: String) throws {
        let target = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o660)
        guard target >= 0 else { throw CommandError("\(path): \(Explanation.text(errno))") }
        let file = FileHandle(fileDescriptor: target, closeOnDealloc: true)
        while let piece = try source.read(upToCount: sizeOfPiece), !piece.isEmpty { try file.write(contentsOf: piece) }
        try file.synchronize()
    }

    /// Checks that the copy is a sound database of ours, and makes it one of this version.
    private static func makeReady(_ copy: String, called file: String) throws {
        let store: Store
        do { store = try Store(path: copy) } catch { throw CommandError("\(file) is not a database") }
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
        // It also turns the log on, and leaves nothing in it.
        try store.migrate(Schema.migrator)
        try store.close()
        guard !FileManager.default.fileExists(atPath: copy + "-wal") else { throw CommandError("\(copy)-wal was left") }
    }

    private static func remove(_ copy: String) {
        for suffix in ["", "-wal", "-shm", "-journal", ".lock"] { unlink(copy + suffix) }
    }
}
