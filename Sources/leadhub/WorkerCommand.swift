import ArgumentParser
import FastCGI
import Foundation
import HTTP
import LeadHub
import Logging
import RateLimit
import Store

struct WorkerCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "worker",
        abstract: "Answer requests that come over FastCGI, one at a time, until SIGTERM.",
        discussion: "The listening socket is systemd's (descriptor 3) or standard input, as spawn-fcgi gives it.",
    )

    @OptionGroup var options: Options

    func run() throws {
        let signals = try AcceptLoop.blockStopSignals()
        let listener = try Listener()
        try Session.run(options) { session in
            let log = Logger(label: "leadhub") { _ in JSONLogHandler(level: session.settings.logLevel) }
            let counters = try WorkerCommand.counters(session, log)
            let application = Application(
                connection: session.connection, counters: counters, settings: session.settings, log: log,
            )
            var loop = try AcceptLoop(on: listener, signals: signals)
            var manager = ServiceManager()
            manager.tell("READY=1")
            defer { manager.tell("STOPPING=1") }
            try loop.run(
                bodyLimit: Request.bodyLimitInBytes,
                longestWait: manager.timeBetweenSigns,
                alive: { manager.showLife() },
                respond: { incoming in
                    let request = Request(incoming)
                    let response = application.respond(to: request, now: Int64(time(nil)))
                    return response.cgi(withBody: request.method != .head)
                },
                afterwards: { application.isFit },
            )
            guard application.isFit else { throw StoreError.unsynced }
        }
    }

    private static func counters(_ session: Session, _ log: Logger) throws -> CounterTable {
        let path = session.settings.counters
        do {
            return try CounterTable(path: path, now: session.now) { log.warning("\($0)") }
        } catch .systemCall(let name, let code) {
            throw CommandError("\(path) cannot be used: \(name): \(Explanation.text(code))")
        }
    }
}
