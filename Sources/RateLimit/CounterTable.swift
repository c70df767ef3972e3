/// The rate limits' counters: one file, mapped into every worker, a row for each key.
///
/// All numbers are unsigned and little-endian. Row n begins at byte n * 32; row 0 is the header, row n the counter of the
/// key with the id n. The file is sparse; rows past its end, and rows of zeros, were never used.
///
///     header: offset  size  meaning
///                  0     8  the bytes "LHCOUNT" and a line feed
///                  8     4  version of the layout: 1
///                 12     4  size of a row in bytes: 32
///                 16    16  zero
///
///     row:    offset  size  meaning
///                  0     4  how many requests the window has let through
///                  4     4  when the window began: Unix time in seconds
///                           (both are one aligned word of 8 bytes, read and written as one)
///                  8     8  check value c(n, word)
///                 16     8  when the key was last used, allowed or refused: Unix time in seconds
///                 24     8  zero
///
///     c(n, word) = 0 for the word 0, else m(word ^ m(n)), modulo 2^64, where
///     m(x): x += 0x9E3779B97F4A7C15; x = (x ^ x >> 30) * 0xBF58476D1CE4E5B9;
///           x = (x ^ x >> 27) * 0x94D049BB133111EB; m = x ^ x >> 31
///
/// Locks are open-file-description locks on bytes: a row's own 32 for each change of it, the header's while the file is
/// opened, begun, made longer or set aside. Who holds a row's lock waits for no other. A change stores last used, then
/// the check value, then the word; `CounterRow` tells what a killed worker leaves and why it counts as undamaged.
///
/// A file that is deleted, replaced, moved, cut short or overwritten while workers run is noticed at each worker's next
/// request, which opens the path anew.
package final class CounterTable {
    /// How long a window is, from its key's first request on.
    package static let windowInSeconds = Window.lengthInSeconds
    /// The largest key id that is taken for one: its row is 64 GiB into the (sparse) file.
    package static let largestKey: Int64 = 1 << 31
    private static let attempts = 100

    private let path: String
    private let report: (String) -> Void
    private var file: CounterFile
    /// The time last handed in: Unix time in seconds.
    private var latest: Int64

    /// Opens the file of counters, and makes it if there is none.
    ///
    /// - Parameters:
    ///   - path: Where the file is. What is there and cannot be used is renamed to `<path>.damaged-<now>`.
    ///   - now: Unix time in seconds.
    ///   - report: Takes a line for the log whenever something was damaged or replaced, now or later.
    /// - Throws: `CounterError` when the file can neither be used nor set aside.
    package init(path: String, now: Int64, report: @escaping (String) -> Void) throws(CounterError) {
        self.path = path
        self.report = report
        latest = now
        file = try CounterFile.open(path, now: now, report: report)
    }

    /// Counts a request of a key, unless the key's limit is reached.
    ///
    /// A window opens at a key's first request. A refused request changes nothing but when the key was last used.
    ///
    /// - Parameters:
    ///   - key: The key's id.
    ///   - limit: How many requests the key may make in a window.
    ///   - now: Unix time in seconds.
    /// - Returns: Whether the request is allowed, and what is left.
    /// - Throws: `CounterError` when the id is out of range, or the file cannot be locked, made longer or opened anew.
    package func count(key: Int64, limit: UInt32, now: Int64) throws(CounterError) -> Verdict {
        latest = now
        let row = try lockedRow(try rowNumber(of: key))
        defer { file.unlock(row.number) }
        var window = windowBefore(row).at(now)
        let isAllowed = window.count < limit
        if isAllowed {
            window.count += 1
        }
        if row.isUnused {
            try file.allocate(row)
        }
        row.store(window, usedAt: now)
        let remaining = limit - min(limit, window.count)
        return Verdict(isAllowed: isAllowed, limit: limit, remaining: remaining, resetsAt: window.end)
    }

    /// When a key was last used, by a request allowed or refused.
    ///
    /// - Parameter key: The key's id.
    /// - Returns: Unix time in seconds; nil if it never was.
    /// - Throws: `CounterError` when the id is out of range, or the file cannot be mapped or opened anew.
    package func lastUsed(key: Int64) throws(CounterError) -> Int64? {
        let number = try rowNumber(of: key)
        if !file.isCurrent {
            try reopen()
        }
        if file.row(number) == nil {
            try file.remap()
        }
        guard let time = file.row(number)?.lastUsed, time > 0 else { return nil }
        return Int64(exactly: time)
    }

    /// Forgets all keys after one: whoever gets their ids next begins anew. For a time when nobody counts.
    ///
    /// - Parameters:
    ///   - key: The last key's id, 0 where there is none.
    ///   - path: Where the file is; there may be none.
    /// - Throws: `CounterError` when the id is out of range, or the file cannot be cut short.
    package static func forgetKeys(after key: Int64, at path: String) throws(CounterError) {
        guard (0...largestKey).contains(key) else { throw .keyOutOfRange(key) }
        try CounterFile.cut(path, after: Int(key))
    }

    private func rowNumber(of key: Int64) throws(CounterError) -> Int {
        guard (1...Self.largestKey).contains(key) else { throw .keyOutOfRange(key) }
        return Int(key)
    }

    /// A row of the file that is at the path, with the row's lock held.
    private func lockedRow(_ number: Int) throws(CounterError) -> CounterRow {
        for _ in 0..<Self.attempts {
            try file.lock(number)
            let isCurrent = file.isCurrent  // asked under the lock, which may have taken a while
            if isCurrent, let row = file.row(number) {
                return row
            }
            file.unlock(number)
            if isCurrent {
                try file.reach(number)
            } else {
                try reopen()
            }
        }
        throw .unsettled(path: path)
    }

    private func reopen() throws(CounterError) {
        file = try CounterFile.open(path, now: latest, report: report)
        report("rate-limit counters: \(path) was deleted, replaced, cut short or damaged; opened it anew")
    }

    /// The window that a row holds; a damaged row's begins anew.
    private func windowBefore(_ row: CounterRow) -> Window {
        if let window = row.recoveredWindow() {
            return window
        }
        report("rate-limit counters: the row of key \(row.number) was damaged; its window begins anew")
        row.clear()
        return .neverOpened
    }
}
