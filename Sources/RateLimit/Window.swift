/// The hour that a key's counter counts: when it began, and how many requests it has let through.
struct Window: Equatable {
    static let lengthInSeconds: Int64 = 3600
    static let neverOpened = Window(start: 0, count: 0)

    /// Unix time in seconds; 32 bits last until 2106.
    var start: UInt32
    var count: UInt32

    /// The window as a row's first word.
    var word: UInt64 { UInt64(start) << 32 | UInt64(count) }

    /// When it ends: Unix time in seconds.
    var end: Int64 { Int64(start) + Self.lengthInSeconds }

    init(start: UInt32, count: UInt32) {
        self.start = start
        self.count = count
    }

    init(word: UInt64) {
        self.init(start: UInt32(word >> 32), count: UInt32(truncatingIfNeeded: word))
    }

    /// The window that a request at `now` falls into.
    ///
    /// - Parameter now: Unix time in seconds.
    /// - Returns: This window while it runs, else a new one. When the clock went back, this window from `now`: its count
    ///   stays, and it ends at the latest one length later by the new clock.
    func at(_ now: Int64) -> Window {
        let present = UInt32(clamping: now)
        if self == .neverOpened || now >= end {
            return Window(start: present, count: 0)
        }
        return Window(start: min(start, present), count: count)
    }
}
