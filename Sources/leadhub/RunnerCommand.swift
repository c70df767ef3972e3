import ArgumentParser
import FastCGI
import Foundation
import LeadHub
import Logging
import Outgoing

struct RunnerCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "runner",
        abstract: "Do what comes after the answers, until SIGTERM: fetch leads, keep the database short.",
        discussion: """
            One is needed, and any number may run. It fetches the leads that services only announce, copies the \
            database's log into the database ahead of the workers, and removes for good what is past its time.
            """,
    )

    @OptionGroup var options: Options

    func run() throws {
        let signals = try AcceptLoop.blockStopSignals()
        // A server that hangs up is no reason to end.
        signal(SIGPIPE, SIG_IGN)
        try Session.run(options) { session in
            let settings = session.settings
            let client = try OutgoingClient(
                agent: "LeadHub/\(version)", allowsPrivateNetworks: settings.allowsPrivateNetworks, signals: signals,
            )
            let runner = Runner(
                connection: session.connection, settings: settings,
                log: Logger(label: "leadhub") { _ in JSONLogHandler(level: settings.logLevel) },
                clock: { Int64(time(nil)) }, send: client.send,
            )
            var manager = ServiceManager()
            manager.tell("READY=1")
            defer { manager.tell("STOPPING=1") }
            try runner.run(until: signals) { manager.showLife() }
        }
    }
}
