import ArgumentParser
import LeadHub
import Store

struct CheckCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Look for damage in the database; prints what is wrong, and ends with status 1 then.",
        discussion: """
            It looks at the file, at every reference between records, and at what is kept beside them: counts, and the \
            index for searches. Others read and write meanwhile. They wait while --repair makes one of these anew; \
            writers that wait for more than 5 seconds are told to come back.
            """,
    )

    @OptionGroup var options: Options
    @Flag(help: "Count again what was miscounted, and make the index for searches anew where it is damaged.")
    var repair = false

    func run() throws {
        try Session.run(options) { session in
            let problems = try session.connection.read { try $0.findProblems() }
            problems.forEach { print($0) }
            var isWrong = !problems.isEmpty
            for count in keptCounts {
                let rows = try session.connection.read { try count.countWrong($0) }
                if rows == 0 { continue }
                guard repair else {
                    print("\(count.name): \(rows) wrong; leadhub check --repair counts again")
                    isWrong = true
                    continue
                }
                print("\(count.name): \(try session.write { try count.repair($0) }) corrected")
            }
            if let problem = try session.connection.read({ try Lead.findSearchProblem($0) }) {
                print(
                    repair
                        ? "lead_search: made anew for \(try session.write { try Lead.rebuildSearchIndex($0) }) leads"
                        : "lead_search: \(problem); leadhub check --repair makes it anew"
                )
                isWrong = isWrong || !repair
            }
            if isWrong { throw ExitCode.failure }
        }
    }
}
