/// How long a job waits after an attempt that failed.
enum Backoff {
    /// In seconds, after the first attempt, the second, ...; after all others the last.
    private static let waits: [Int64] = [10, 60, 300, 1_800, 7_200, 21_600, 43_200]
    /// What else a service may ask us to wait: not for so long that what it has is gone by then.
    private static let longest: Int64 = 86_400

    /// - Parameters:
    ///   - attempt: which one failed, from 1.
    ///   - retryAfter: how many seconds the service asks to wait.
    ///   - jitter: from 0 to 1; so that what failed together does not come again together.
    /// - Returns: seconds.
    static func wait(after attempt: Int64, retryAfter: Int64? = nil, jitter: Double) -> Int64 {
        let wait = waits[Int(min(max(attempt, 1), Int64(waits.count))) - 1]
        let asked = min(max(retryAfter ?? 0, 0), longest)
        return max(wait, asked) + Int64(Double(wait) * jitter / 5)
    }
}
