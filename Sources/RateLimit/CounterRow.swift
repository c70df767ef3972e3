import Synchronization

/// One key's row in the mapped file. Whoever writes to it, or recovers it, holds its lock.
struct CounterRow {
    static let sizeInBytes = 32
    static let words = sizeInBytes / MemoryLayout<UInt64>.size

    let number: Int
    private let base: UnsafeMutablePointer<Atomic<UInt64>>

    /// - Parameters:
    ///   - number: Which row it is: a key's id, 0 for the header.
    ///   - mapping: The file's first byte in memory; the row lies within it.
    init(number: Int, in mapping: UnsafeMutablePointer<Atomic<UInt64>>) {
        self.number = number
        base = mapping + number * Self.words
    }

    /// One of the row's words, stored as little-endian.
    subscript(index: Int) -> UInt64 {
        get { UInt64(littleEndian: base[index].load(ordering: .acquiring)) }
        nonmutating set { base[index].store(newValue.littleEndian, ordering: .releasing) }
    }

    /// The key's window as the row's words have it, whether or not the check value fits.
    private(set) var window: Window {
        get { Window(word: self[0]) }
        nonmutating set { self[0] = newValue.word }
    }

    private(set) var check: UInt64 {
        get { self[1] }
        nonmutating set { self[1] = newValue }
    }

    /// Unix time in seconds; 0 for never.
    private(set) var lastUsed: UInt64 {
        get { self[2] }
        nonmutating set { self[2] = newValue }
    }

    /// Whether the row may lie in a hole of the file: it has never been written to.
    var isUnused: Bool { window == .neverOpened }

    /// Writes a request down: when it was, and the window after it.
    ///
    /// The order of the stores is what `recoveredWindow()` relies on: last used, check value, window. Each is one
    /// aligned word, so a worker that is killed has stored it or has not.
    ///
    /// - Parameters:
    ///   - window: The window with the request counted, or as it was if the request is refused.
    ///   - now: Unix time in seconds.
    func store(_ window: Window, usedAt now: Int64) {
        lastUsed = UInt64(clamping: now)
        if window != self.window {
            check = checkValue(of: window)
            self.window = window
        }
    }

    /// The window that the row holds, with its check value put right.
    ///
    /// A worker killed between the last two stores leaves the check value of the window that it was about to store,
    /// beside the window before it. That older window is right: the request was never answered. It is told from damage
    /// because the window that was about to be stored can be worked out.
    ///
    /// - Returns: The window; nil if the row is damaged.
    func recoveredWindow() -> Window? {
        let window = window
        if check == checkValue(of: window) {
            return window
        }
        guard possibleSteps(from: window).contains(where: { checkValue(of: $0) == check }) else {
            return nil
        }
        check = checkValue(of: window)
        return window
    }

    /// Makes the row one that was never used; when that was is kept.
    func clear() {
        window = .neverOpened
        check = checkValue(of: .neverOpened)
    }

    /// What the check value may be made for while the row still holds `window`: what a request at the time last used
    /// makes of it, refused or allowed. Besides, the window one request before: that is no kill but a power cut, which
    /// may have caught the stores on their way to the disk in any order.
    private func possibleSteps(from window: Window) -> [Window] {
        let refused = window.at(Int64(clamping: lastUsed))
        return [
            refused,
            Window(start: refused.start, count: refused.count &+ 1),
            Window(start: window.start, count: window.count &- 1),
        ]
    }

    /// The value that stands beside a window: 0 for a row never used, else bound to the row's number as well, so that
    /// a row's bytes in another row's place are noticed.
    private func checkValue(of window: Window) -> UInt64 {
        window == .neverOpened ? 0 : Self.mix(window.word ^ Self.mix(UInt64(number)))
    }

    /// Spreads every bit over all 64: the step and the finishing of the generator SplitMix64.
    private static func mix(_ value: UInt64) -> UInt64 {
        var mixed = value &+ 0x9E37_79B9_7F4A_7C15
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
