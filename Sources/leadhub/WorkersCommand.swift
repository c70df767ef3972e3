import ArgumentParser
import Foundation

struct WorkersCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "workers",
        abstract: "Set how many workers run under systemd; without a number, print how many.",
        discussion: """
            Twice as many as there are processors is a good number. Those that go finish the request in hand; no \
            other one notices. While leadhub.target is stopped none is started.
            """,
    )

    static let most = 256

    @OptionGroup var options: Options
    @Argument(help: "From 1 to \(WorkersCommand.most).") var count: Int?

    func validate() throws {
        if let count, !(1...WorkersCommand.most).contains(count) {
            throw ValidationError("The number of workers is from 1 to \(WorkersCommand.most).")
        }
    }

    func run() throws {
        let present = try WorkersCommand.enabled()
        guard let count else { return print(present.count) }
        let wanted = Set(1...count)
        let (new, old) = (wanted.subtracting(present), present.subtracting(wanted))
        // The new ones first: where there are fewer than before, some go on meanwhile.
        let state = try WorkersCommand.systemctl(["show", "--property=ActiveState", "--value", "leadhub.target"])
        let now = state.hasPrefix("active") ? ["--now"] : []
        if !new.isEmpty { _ = try WorkersCommand.systemctl(["enable"] + now + WorkersCommand.units(new)) }
        if !old.isEmpty { _ = try WorkersCommand.systemctl(["disable", "--now"] + WorkersCommand.units(old)) }
    }

    /// The numbers of those that start with leadhub.target.
    private static func enabled() throws -> Set<Int> {
        let units = try systemctl(["show", "--property=Wants", "--value", "leadhub.target"])
        return Set(units.matches(of: /leadhub-worker@([1-9][0-9]*)\.service/).compactMap { Int($0.output.1) })
    }

    private static func units(_ numbers: Set<Int>) -> [String] {
        numbers.sorted().map { "leadhub-worker@\($0).service" }
    }

    /// - Returns: what it printed; its errors go where ours go.
    private static func systemctl(_ arguments: [String]) throws -> String {
        let (process, output) = (Process(), Pipe())
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = ["systemctl", "--quiet"] + arguments
        process.standardOutput = output
        try process.run()
        let printed = try output.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            throw CommandError("systemctl \(arguments[0]) failed with status \(process.terminationStatus)")
        }
        return String(decoding: printed, as: UTF8.self)
    }
}
