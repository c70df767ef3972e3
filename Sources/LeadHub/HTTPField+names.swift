import HTTPTypes

extension HTTPField.Name {
    package static let xRequestID = known("X-Request-Id")
    package static let idempotencyKey = known("Idempotency-Key")
    package static let idempotencyReplayed = known("Idempotency-Replayed")
    static let webhookID = known("webhook-id")
    static let xRateLimitLimit = known("X-RateLimit-Limit")
    static let xRateLimitRemaining = known("X-RateLimit-Remaining")
    static let xRateLimitReset = known("X-RateLimit-Reset")
    static let rateLimitPolicy = known("RateLimit-Policy")
    static let rateLimit = known("RateLimit")

    /// For names written in this file, which are valid ones.
    private static func known(_ name: String) -> HTTPField.Name {
        guard let known = HTTPField.Name(name) else { preconditionFailure("\(name) is no header's name") }
        return known
    }
}
