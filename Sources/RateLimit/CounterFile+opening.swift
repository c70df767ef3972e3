import Glibc

/// How a counter file is opened: made if there is none, set aside if it cannot be used.
///
/// All of it happens under a lock on what is at the path, and only if it still is there once the lock is held. So of
/// several processes one writes a new file's header, or moves an unusable file away, and the others find what it did.
extension CounterFile {
    private static let mode: mode_t = 0o640
    private static let attempts = 100

    /// Opens the file of counters at a path.
    ///
    /// - Parameters:
    ///   - path: Where the file is, or shall be made. A symbolic link is not followed, but refused.
    ///   - now: Unix time in seconds, for the name of a file that is set aside.
    ///   - report: Takes one line for each file that is set aside.
    /// - Returns: The file, mapped as long as it is.
    /// - Throws: `CounterError.systemCall`, or `.unsettled` when somebody keeps replacing the file.
    static func open(_ path: String, now: Int64, report: (String) -> Void) throws(CounterError) -> CounterFile {
        for _ in 0..<attempts {
            guard let descriptor = try openWhatIsThere(path) else { continue }
            try lockWhatIsThere(descriptor)
            let status = try descriptor.status()
            guard let there = stat(at: path), there.isSameFile(as: status) else { continue }
            if status.isRegularFile && status.st_size == 0 {
                try begin(descriptor)
            }
            if let fault = try fault(of: descriptor) {
                report(try setAside(path, because: fault, now: now))
                continue
            }
            let file = try CounterFile(descriptor, path: path)
            file.unlock(headerRow)
            return file
        }
        throw .unsettled(path: path)
    }

    /// Opens or makes the file; a directory in its place is opened as one, so that it can be locked.
    ///
    /// - Returns: nil if there was a directory, and another process has just moved it away.
    private static func openWhatIsThere(_ path: String) throws(CounterError) -> Descriptor? {
        let flags = O_CLOEXEC | O_NOFOLLOW
        do throws(CounterError) {
            return Descriptor(number: try systemCall("open") { Glibc.open(path, O_RDWR | O_CREAT | flags, mode) })
        } catch .systemCall("open", EISDIR) {
            return try openDirectory(path, flags: O_RDONLY | O_DIRECTORY | flags)
        }
    }

    private static func openDirectory(_ path: String, flags: Int32) throws(CounterError) -> Descriptor? {
        do throws(CounterError) {
            return Descriptor(number: try systemCall("open") { Glibc.open(path, flags) })
        } catch .systemCall("open", ENOENT), .systemCall("open", ENOTDIR) {
            return nil
        }
    }

    /// Locks a file's header, or all of what is no file: a directory, a pipe. The lock ends with the descriptor.
    private static func lockWhatIsThere(_ descriptor: borrowing Descriptor) throws(CounterError) {
        if try descriptor.status().isRegularFile {
            try lock(headerRow, of: descriptor)
        } else {
            let number = descriptor.number
            try systemCall("flock") { flock(number, LOCK_EX) }
        }
    }

    // MARK: - A new file

    /// Writes the header of a file that is empty.
    private static func begin(_ descriptor: borrowing Descriptor) throws(CounterError) {
        let number = descriptor.number
        let written = CounterHeader.ours.row.withUnsafeBytes { pwrite(number, $0.baseAddress, $0.count, 0) }
        guard written == CounterRow.sizeInBytes else {
            throw .systemCall(name: "pwrite", code: written < 0 ? errno : ENOSPC)
        }
    }

    // MARK: - A file of another time

    /// Cuts off all rows behind one; where there is no file there is nothing to cut.
    ///
    /// - Throws: `CounterError.systemCall`.
    static func cut(_ path: String, after row: Int) throws(CounterError) {
        guard stat(at: path) != nil, let descriptor = try openWhatIsThere(path) else { return }
        try lockWhatIsThere(descriptor)
        let (number, size) = (descriptor.number, off_t((row + 1) * CounterRow.sizeInBytes))
        guard try descriptor.status().st_size > size else { return }
        try systemCall("ftruncate") { ftruncate(number, size) }
    }

    // MARK: - A file that cannot be used

    /// Why what is open cannot be used, in words for the log; nil if it can.
    private static func fault(of descriptor: borrowing Descriptor) throws(CounterError) -> String? {
        guard try descriptor.status().isRegularFile else { return "is not a regular file" }
        let number = descriptor.number
        var words = [UInt64](repeating: 0, count: CounterRow.words)
        let count = words.withUnsafeMutableBytes { pread(number, $0.baseAddress, $0.count, 0) }
        guard count >= 0 else { throw .systemCall(name: "pread", code: errno) }
        guard count == CounterRow.sizeInBytes else { return "is shorter than its header" }
        return CounterHeader(magic: UInt64(littleEndian: words[0]), layout: UInt64(littleEndian: words[1])).fault
    }

    /// Moves what is at the path out of the way, beside it.
    ///
    /// - Returns: The line that tells of it.
    private static func setAside(_ path: String, because fault: String, now: Int64) throws(CounterError) -> String {
        let aside = freeName("\(path).damaged-\(now)")
        try systemCall("rename") { rename(path, aside) }
        return "rate-limit counters: \(path) \(fault); it is now \(aside), and every window begins anew"
    }

    private static func freeName(_ name: String) -> String {
        var free = name
        var suffix = 1
        while stat(at: free) != nil {
            suffix += 1
            free = "\(name)-\(suffix)"
        }
        return free
    }
}
