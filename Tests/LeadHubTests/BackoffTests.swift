import Testing

@testable import LeadHub

@Suite struct BackoffTests {
    @Test(
        arguments: [
            (1, 10), (2, 60), (3, 300), (4, 1_800), (5, 7_200), (6, 21_600), (7, 43_200), (8, 43_200), (1_000, 43_200),
        ] as [(Int64, Int64)])
    func waitsLongerAfterEachAttempt(attempt: Int64, seconds: Int64) {
        #expect(Backoff.wait(after: attempt, jitter: 0) == seconds)
        #expect(Backoff.wait(after: attempt, jitter: 1) == seconds + seconds / 5)
    }

    @Test(
        arguments: [
            (5, 10), (30, 30), (0, 10), (-1, 10), (86_400, 86_400), (86_401, 86_400), (Int64.max, 86_400),
        ] as [(Int64, Int64)])
    func waitsAsLongAsItIsAskedTo(retryAfter: Int64, seconds: Int64) {
        #expect(Backoff.wait(after: 1, retryAfter: retryAfter, jitter: 0) == seconds)
    }

    @Test(arguments: [Int64.min, -1, 0])
    func takesNoAttemptForTheFirst(attempt: Int64) {
        #expect(Backoff.wait(after: attempt, jitter: 0) == 10)
    }
}
