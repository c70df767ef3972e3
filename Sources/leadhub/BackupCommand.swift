import ArgumentParser
import FastCGI
import Foundation
import GRDB
import LeadHub
import Store

struct BackupCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "backup",
        abstract: "Copy the database to a file, while it is in use; prints the file's name.",
        discussion: """
            The copy shows one moment, is checked once it is written, and then takes the name that was given: a file \
            of that name is always a whole one. The check leaves three quarters of a processor to others: it takes \
            some 20 s for 200,000 leads. The copy is for its owner only, who is the database's. The key of the \
            secrets is not in it: keep a copy of that apart.
            """,
    )

    @OptionGroup var options: Options
    @Argument(help: "The file; or a folder, where it is named after the time.", completion: .file()) var file: String
    @Option(help: "In a folder, remove all but so many of the newest.") var keep: Int?

    func validate() throws {
        if let keep, keep < 1 { throw ValidationError("--keep takes a number from 1 on.") }
    }

    func run() throws {
        let settings = try Settings(file: options.config, environment: ProcessInfo.processInfo.environment)
        try Owner.become(ofStateAt: settings.database)
        var isFolder: ObjCBool = false
        let isIn = FileManager.default.fileExists(atPath: file, isDirectory: &isFolder) && isFolder.boolValue
        guard isIn || keep == nil else {
            throw CommandError(
                "--keep is for a folder, and \(file) is none; systemd-tmpfiles --create makes the package's"
            )
        }
        let folder = isIn ? file : URL(filePath: file).deletingLastPathComponent().path
        guard access(folder, W_OK | X_OK) == 0 else {
            throw CommandError("the database's owner cannot write to \(folder): \(String(cString: strerror(errno)))")
        }
        let path = isIn ? URL(filePath: file).appending(path: BackupCommand.name(at: time(nil))).path : file
        guard !isInUse(path, settings) else { throw CommandError("\(path) belongs to the database itself") }
        guard BackupCommand.isFileOrNothing(path) else { throw CommandError("\(path) is there, and is no file") }
        // First of all: they may be what fills the disk.
        if isIn { try BackupCommand.removeUnfinished(in: file) }
        let problem = try write(to: path, settings)
        print(path)
        if let keep {
            try BackupCommand.removeOld(in: file, keeping: keep, newest: URL(filePath: path).lastPathComponent)
        }
        guard problem == nil else {
            throw CommandError(
                """
                \(path) has every lead, and an index for searches that is damaged, as the database's is; \
                leadhub check --repair makes that one anew, leadhub restore this one
                """
            )
        }
    }

    private struct Stopped: Error, CustomStringConvertible {
        let description = "it was told to stop; there is no backup"
    }

    /// - Returns: what is wrong with the index for searches.
    private func write(to path: String, _ settings: Settings) throws -> String? {
        let progress = Progress("Copying")
        defer { progress.clear() }
        // Told to stop, it leaves nothing behind, and ends by the signal: for systemd that is no failure.
        var stop = pollfd(fd: try AcceptLoop.blockStopSignals(), events: Int16(POLLIN), revents: 0)
        do {
            return try Store(path: settings.database).connect { connection in
                try Backup(path: path).write(from: connection, check: Lead.findSearchProblem) { share in
                    guard poll(&stop, 1, 0) == 0 else { throw Stopped() }
                    progress.show(share)
                }
            }
        } catch let stopped as Stopped {
            progress.clear()
            FileHandle.standardError.write(Data("Error: \(stopped.description)\n".utf8))
            AcceptLoop.unblockStopSignals()
            throw stopped
        } catch let error as DatabaseError {
            throw CommandError("\(path): \(Explanation.text(error))")
        }
    }

    /// Whether a file is the database, stands beside it for its sake, or has the counters, the settings or the key of
    /// the secrets: to replace one of them is to lose what is in it.
    private func isInUse(_ path: String, _ settings: Settings) -> Bool {
        let beside = ["", "-wal", "-shm", "-journal", ".lock"].map { settings.database + $0 }
        let settingsFile = options.config ?? Settings.defaultFile
        let own = beside + [settings.counters, settings.secretKeyFile, settingsFile].compactMap(\.self)
        // A link to the folder counts also where there is no such file in it.
        let url = URL(filePath: path)
        let inFolder = url.deletingLastPathComponent().resolvingSymlinksInPath().appending(path: url.lastPathComponent)
        let names = [url, inFolder].map { $0.resolvingSymlinksInPath() }
        return own.contains { names.contains(URL(filePath: $0).resolvingSymlinksInPath()) }
    }

    /// A device or a pipe would be replaced by a file.
    private static func isFileOrNothing(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) != 0 || status.st_mode & S_IFMT == S_IFREG
    }

    /// As `leadhub-20261123T020000Z.db`: in the order of names the newest is the last.
    private static func name(at seconds: time_t) -> String {
        "leadhub-\(CompactTime.text(seconds)).db"
    }

    /// The newest stays, and what a clock that was wrong has named after a later time goes first.
    private static func removeOld(in folder: String, keeping count: Int, newest: String) throws {
        let names = try FileManager.default.contentsOfDirectory(atPath: folder)
            .filter { $0 != newest && $0.wholeMatch(of: /leadhub-\d{8}T\d{6}Z\.db/) != nil }.sorted()
        let fromLater = names.filter { $0 > newest }
        for name in (fromLater + names.filter { $0 < newest }).dropLast(count - 1) {
            try FileManager.default.removeItem(at: URL(filePath: folder).appending(path: name))
        }
    }

    /// Removes what backups left that were killed.
    private static func removeUnfinished(in folder: String) throws {
        for name in try FileManager.default.contentsOfDirectory(atPath: folder)
        where name.wholeMatch(of: /leadhub-\d{8}T\d{6}Z\.db\.partial/) != nil {
            let file = open("\(folder)/\(name)", O_RDONLY | O_CLOEXEC)
            defer { close(file) }
            // Another one is at work there.
            guard flock(file, LOCK_EX | LOCK_NB) == 0 else { continue }
            for suffix in ["-wal", "-shm", "-journal", ""] { unlink("\(folder)/\(name)\(suffix)") }
        }
    }
}

/// A moment in the name of a file.
enum CompactTime {
    /// In UTC, as `20261123T020000Z`.
    static func text(_ seconds: time_t) -> String {
        var (seconds, parts) = (seconds, tm())
        gmtime_r(&seconds, &parts)
        return String(
            format: "%04d%02d%02dT%02d%02d%02dZ", parts.tm_year + 1900, parts.tm_mon + 1, parts.tm_mday, parts.tm_hour,
            parts.tm_min, parts.tm_sec,
        )
    }
}

/// How far something is, in a line on the terminal; where there is none, nothing is said.
struct Progress {
    private let title: String
    private let isSeen = isatty(STDERR_FILENO) == 1

    init(_ title: String) {
        self.title = title
    }

    /// - Parameter share: from 0 to 1.
    func show(_ share: Double) {
        write("\r\(title): \(Int(share * 100)) %\(share >= 1 ? ", checking" : "")")
    }

    func clear() {
        write("\r\u{1B}[K")
    }

    private func write(_ text: String) {
        if isSeen { FileHandle.standardError.write(Data(text.utf8)) }
    }
}
