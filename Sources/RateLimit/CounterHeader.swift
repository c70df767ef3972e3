/// The two words that a counter file begins with, by which it is known as one.
struct CounterHeader {
    /// The bytes `LHCOUNT\n`, the first of them lowest.
    private static let magic: UInt64 = 0x0A54_4E55_4F43_484C
    private static let version: UInt32 = 1

    static let ours = CounterHeader(magic: magic, layout: UInt64(CounterRow.sizeInBytes) << 32 | UInt64(version))

    let magic: UInt64
    /// The version in the low 32 bits, the size of a row in bytes in the high ones.
    let layout: UInt64

    /// The header's row as it stands in a file.
    var row: [UInt64] { [magic.littleEndian, layout.littleEndian, 0, 0] }

    /// What is wrong with the header, in words for the log; nil if nothing is.
    var fault: String? {
        if magic != Self.ours.magic {
            return "has a damaged header"
        }
        if layout == Self.ours.layout {
            return nil
        }
        let version = UInt32(truncatingIfNeeded: layout)
        if version != Self.version {
            return "is of version \(version), not \(Self.version)"
        }
        return "has rows of \(layout >> 32) bytes, not \(CounterRow.sizeInBytes)"
    }
}
