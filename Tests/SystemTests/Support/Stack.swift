import Foundation
import Testing

/// LeadHub as `make run` starts it, in a folder and on ports of its own: nginx, workers, database.
final class Stack: Sendable {
    let state: URL
    let port: Int
    let httpPort: Int
    private let starter: Child

    static let repository = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()

    /// The program under test: the one that `make test` has built.
    static let program =
        ProcessInfo.processInfo.environment["LEADHUB_PROGRAM"]
        ?? repository.appending(path: ".build/release/leadhub").path

    /// What starts it: `make run`'s own, or what Tests/SystemTests/install has in its place.
    private static let start =
        ProcessInfo.processInfo.environment["LEADHUB_START"] ?? repository.appending(path: "nginx/start").path

    /// Starts and waits until it answers; `state` is a folder to go on with, `program` what stands for
    /// `leadhub`, `settings` come from its environment.
    init(
        workers: Int = 4, state: URL? = nil, program: String = Stack.program, settings: [String: String] = [:],
    ) throws {
        self.state = try state ?? Stack.temporaryFolder()
        port = try Stack.freePort()
        httpPort = try Stack.freePort()
        let output = Pipe.unshared()
        starter = try Child(
            Stack.start, [],
            environment: [
                "STATE": self.state.path, "PORT": "\(port)", "HTTP_PORT": "\(httpPort)", "WORKERS": "\(workers)",
                "LEADHUB": program,
            ].merging(settings) { $1 },
            output: output.fileHandleForWriting,
        )
        try output.fileHandleForWriting.close()
        // It says where it is once it answers; where it cannot start it ends, and says nothing here.
        try Stack.await("Ctrl-C", in: output)
    }

    /// Stops everything and waits for it.
    ///
    /// - Returns: the exit status of what `make run` runs.
    @discardableResult
    func stop() -> Int32 {
        starter.signal(SIGTERM)
        return starter.wait()
    }

    deinit {
        stop()
    }

    var settings: String { state.appending(path: "leadhub.conf").path }
    var database: String { state.appending(path: "leadhub.db").path }
    var certificate: String { state.appending(path: "localhost.pem").path }
    var base: String { "https://localhost:\(port)/api/v1" }

    /// The key that the first start made: of the workspace `demo`, with all scopes and the usual limit.
    var demoKey: String {
        get throws {
            try String(contentsOf: state.appending(path: "demo.key"), encoding: .utf8)
                .trimmingCharacters(in: .newlines)
        }
    }

    /// Runs the command line beside the workers.
    ///
    /// - Returns: what it printed, without the line's end.
    @discardableResult
    func leadhub(_ arguments: String...) throws -> String {
        try run(Stack.program, ["--config", settings] + arguments)
    }

    /// Makes a key of the workspace `demo` with every scope.
    func key(rateLimit: Int = 1_000_000_000) throws -> String {
        try leadhub(
            "key", "create", "--workspace", "demo", "--name", "test", "--scope", "*", "--rate-limit", "\(rateLimit)",
        )
    }

    /// Asks the database itself.
    func sql(_ query: String) throws -> String {
        try run("/usr/bin/sqlite3", [database, query])
    }

    /// Changes the database itself, in the writers' turn.
    func write(_ sql: String) throws {
        _ = try run("/usr/bin/flock", [database + ".lock", "/usr/bin/sqlite3", "-bail", database], input: sql)
    }

    func client(_ key: String) -> Client {
        Client(port: httpPort, key: key)
    }

    var nginxErrors: String {
        get throws { try String(contentsOf: state.appending(path: "nginx/error.log"), encoding: .utf8) }
    }

    /// The processes that answer requests now.
    var workers: [pid_t] { get throws { try processes("worker") } }

    /// The processes of one command.
    func processes(_ command: String) throws -> [pid_t] {
        try FileManager.default.contentsOfDirectory(atPath: "/proc").compactMap(pid_t.init).filter { process in
            let words = (try? String(contentsOfFile: "/proc/\(process)/cmdline", encoding: .utf8))?
                .split(separator: "\0")
            return words?.last?.elementsEqual(command) == true && words?.contains(Substring(settings)) == true
                && words?.first?.hasSuffix("leadhub") == true
        }
    }

    /// Reads what a program prints until it has said a word.
    ///
    /// - Throws: `StackError.notStarted` where it ends before.
    static func await(_ word: String, in pipe: Pipe) throws {
        var printed = Data()
        while !String(decoding: printed, as: UTF8.self).contains(word) {
            let more = pipe.fileHandleForReading.availableData
            guard !more.isEmpty else { throw StackError.notStarted }
            printed.append(more)
        }
    }

    static func temporaryFolder() throws -> URL {
        let folder = FileManager.default.temporaryDirectory.appending(path: "leadhub-\(UUID())")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        return folder
    }

    /// A port that nobody listens on. It could be taken before it is used; the kernel gives out others first.
    static func freePort() throws -> Int {
        let listener = try Socket.listening()
        defer { listener.close() }
        return listener.port
    }
}

enum StackError: Error {
    case notStarted
    case notInTime
    /// A program, the status that it ended with and what it said.
    case failed(String, Int32, String)
}
