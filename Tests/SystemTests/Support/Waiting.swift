import Foundation

/// Runs `body` in as many threads at once, and waits for all.
///
/// - Throws: the first error of any.
func concurrently(_ count: Int, _ body: @escaping @Sendable (Int) throws -> Void) throws {
    let outcome = Collected<any Error>()
    let group = DispatchGroup()
    for index in 0..<count {
        group.enter()
        Thread {
            defer { group.leave() }
            do { try body(index) } catch { outcome.append(error) }
        }.start()
    }
    group.wait()
    if let error = outcome.all.first { throw error }
}

/// Waits until it is so.
///
/// - Parameters:
///   - seconds: after which it is given up.
///   - pause: microseconds between two looks.
///   - isSo: looks.
/// - Throws: `StackError.notInTime`, and what `isSo` throws.
func eventually(within seconds: Int = 30, every pause: useconds_t = 50_000, _ isSo: () throws -> Bool) throws {
    let end = ContinuousClock.now.advanced(by: .seconds(seconds))
    while try !isSo() {
        guard ContinuousClock.now < end else { throw StackError.notInTime }
        usleep(pause)
    }
}
