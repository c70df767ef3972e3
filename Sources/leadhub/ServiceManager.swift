import CLinux
import Glibc

/// systemd, where it started this process and wants to hear from it (sd_notify(3), sd_watchdog_enabled(3)). Elsewhere
/// nobody is told anything.
struct ServiceManager {
    private let socket: String?
    /// How long systemd waits for a sign of life before it kills this process; nil where it does not.
    private let patience: Duration?
    private var lastSign = ContinuousClock.now

    init() {
        socket = ServiceManager.variable("NOTIFY_SOCKET")
        let process = ServiceManager.variable("WATCHDOG_PID")
        let isForUs = process == nil || process == String(getpid())
        let microseconds = ServiceManager.variable("WATCHDOG_USEC").flatMap(Int64.init)
        patience = isForUs ? microseconds.map { .microseconds($0) } : nil
    }

    /// A third of what systemd waits: one that is late is not the last.
    var timeBetweenSigns: Duration { patience.map { $0 / 3 } ?? .seconds(3_600) }

    /// Says how this process is, as `READY=1`. What cannot be said changes nothing for the one who says it: a worker
    /// that was not heard is started again.
    func tell(_ state: String) {
        if let socket { _ = linux_send_datagram(socket, state) }
    }

    /// Tells the watchdog that this process lives; not more often than it needs to hear it.
    mutating func showLife() {
        guard patience != nil, ContinuousClock.now - lastSign >= timeBetweenSigns / 2 else { return }
        lastSign = .now
        tell("WATCHDOG=1")
    }

    private static func variable(_ name: String) -> String? {
        getenv(name).map { String(cString: $0) }
    }
}
