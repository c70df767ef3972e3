/// What is read in the place of a secret: eight asterisks and its last four characters.
package enum Mask {
    private static let cover = "********"
    private static let most = 4

    /// Of a short secret less is shown, never more than a quarter.
    package static func of(_ secret: String) -> String {
        cover + secret.suffix(min(most, secret.count / 4))
    }

    /// Whether a text may be one; no secret can be that.
    package static func isMask(_ text: String) -> Bool {
        text.hasPrefix(cover) && text.count <= cover.count + most
    }
}
