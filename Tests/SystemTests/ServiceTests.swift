import Foundation
import Testing

extension SystemTests {
    /// What systemd asks of a service, and what the command line asks of systemd.
    @Suite struct ServiceTests {
        @Test(arguments: ["notify", "@leadhub-\(UUID())"])
        func tellsTheServiceManagerHowItIs(socket: String) throws {
            let folder = try Stack.temporaryFolder()
            let path = socket.hasPrefix("@") ? socket : folder.appending(path: socket).path
            let manager = try Manager(path)
            let settings = folder.appending(path: "leadhub.conf").path
            try "LEADHUB_DATABASE=\(folder.path)/leadhub.db\nLEADHUB_COUNTERS=\(folder.path)/counters\n"
                .write(toFile: settings, atomically: true, encoding: .utf8)
            _ = try run(Stack.program, ["--config", settings, "migrate"])
            let log = Pipe.unshared()
            let runner = try Child(
                Stack.program, ["--config", settings, "runner"],
                environment: ["NOTIFY_SOCKET": path, "WATCHDOG_USEC": "300000"], errors: log.fileHandleForWriting,
            )
            #expect(try manager.read() == "READY=1")
            for _ in 0..<3 { #expect(try manager.read() == "WATCHDOG=1") }
            runner.signal(SIGTERM)
            var last = try manager.read()
            while last == "WATCHDOG=1" { last = try manager.read() }
            #expect(last == "STOPPING=1")
            #expect(runner.wait() == 0)
        }

        /// Workers of a stopped service are not started by it.
        @Test(arguments: [("active", "enable --now"), ("inactive", "enable")])
        func startsAndStopsAsManyWorkersAsAreMissingOrTooMany(state: String, enable: String) throws {
            let folder = try Stack.temporaryFolder()
            let log = folder.appending(path: "log").path
            let systemctl = folder.appending(path: "systemctl").path
            try """
            #!/bin/sh
            if [ "$3" = --property=ActiveState ]; then
                echo \(state)
            elif [ "$2" = show ]; then
                echo leadhub-runner.service leadhub-worker@1.service leadhub-worker@2.service leadhub-worker@12.service
            else
                echo "$*" >>\(log)
            fi

            """.write(toFile: systemctl, atomically: true, encoding: .utf8)
            _ = try run("/bin/chmod", ["755", systemctl])
            let environment = ["PATH=\(folder.path):/usr/bin:/bin", Stack.program, "workers"]
            #expect(try run("/usr/bin/env", environment) == "3")
            #expect(try run("/usr/bin/env", environment + ["4"]) == "")
            #expect(
                try String(contentsOfFile: log, encoding: .utf8) == """
                    --quiet \(enable) leadhub-worker@3.service leadhub-worker@4.service
                    --quiet disable --now leadhub-worker@12.service

                    """
            )
            for refused in ["0", "257", "many"] {
                #expect(throws: StackError.self) { try run("/usr/bin/env", environment + [refused]) }
            }
        }
    }
}

/// Hears what a service says, as systemd would.
private struct Manager {
    private let descriptor: Int32

    /// Listens on a socket; a path that begins with @ is a name in the kernel's abstract space.
    init(_ path: String) throws {
        descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        var bytes = Array(path.utf8)
        if path.hasPrefix("@") { bytes[0] = 0 }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
        let length = socklen_t(MemoryLayout<sa_family_t>.size + bytes.count)
        let code = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(descriptor, $0, length) }
        }
        guard code == 0 else { throw Client.Failure.noConnection(errno) }
        var patience = timeval(tv_sec: 10, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
    }

    /// The next message.
    func read() throws -> String {
        var buffer = [UInt8](repeating: 0, count: 256)
        let count = recv(descriptor, &buffer, buffer.count, 0)
        guard count >= 0 else { throw Client.Failure.cutOff }
        return String(decoding: buffer.prefix(count), as: UTF8.self)
    }
}
