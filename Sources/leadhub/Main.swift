import ArgumentParser
import Glibc
import LeadHub

@main
struct Main: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "leadhub",
        abstract: "A self-hosted lead-management server.",
        version: version,
        subcommands: [
            MigrateCommand.self, WorkspaceCommand.self, KeyCommand.self, UserCommand.self, PipelineCommand.self,
            LeadCommand.self, CleanUpCommand.self, BackupCommand.self, RestoreCommand.self, CheckCommand.self,
            SettingsCommand.self, WorkersCommand.self, WorkerCommand.self, RunnerCommand.self,
        ],
    )

    @OptionGroup var options: Options

    static func main() {
        // Leads are nobody's business but the owner's and his group's.
        umask(0o007)
        do {
            var command = try parseAsRoot()
            try command.run()
        } catch {
            let isFailure = exitCode(for: error) != .success
            if JSONLogHandler.isForJournal && isFailure { _ = write(STDERR_FILENO, "<3>", 3) }
            exit(withError: error)
        }
    }
}

/// What every command takes, before or behind its name.
struct Options: ParsableArguments {
    @Option(
        help: ArgumentHelp("Read the settings from this file instead of \(Settings.defaultFile).", valueName: "file"),
        completion: .file(),
    )
    var config: String?
}

/// What went wrong, in a sentence for the one who typed the command.
struct CommandError: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) {
        self.description = description
    }
}
