/// What a key's counter says to one request.
package struct Verdict: Equatable, Sendable {
    package let isAllowed: Bool
    /// How many requests the window allows.
    package let limit: UInt32
    /// How many of them are left after this one.
    package let remaining: UInt32
    /// When the window ends: Unix time in seconds.
    package let resetsAt: Int64

    package init(isAllowed: Bool, limit: UInt32, remaining: UInt32, resetsAt: Int64) {
        self.isAllowed = isAllowed
        self.limit = limit
        self.remaining = remaining
        self.resetsAt = resetsAt
    }
}
