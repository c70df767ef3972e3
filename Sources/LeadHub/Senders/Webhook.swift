import HTTP

extension Sender {
    /// Anything that posts JSON or a form: everything in it is a detail, named by its dotted path. What has a secret
    /// must be signed with it: HMAC-SHA256 of the body in hexadecimal, bare or as GitHub writes it behind `sha256=`
    /// (https://docs.github.com/en/webhooks/using-webhooks/validating-webhook-deliveries).
    static let webhook = Sender { delivery throws(HTTPError) in
        let body = try delivery.request.completeBody()
        guard let secret = delivery.setting("signing_secret") else { return }
        let header = delivery.header(delivery.setting("signature_header") ?? "X-Signature") ?? ""
        let code = header.hasPrefix("sha256=") ? header.dropFirst("sha256=".count) : header[...]
        guard let signature = Signature(hexadecimal: code), signature.isValid(for: body, secret: secret) else {
            throw .forged
        }
    } read: { delivery throws(HTTPError) in
        .lead(Detail.all(in: try delivery.request.serviceObject()), id: nil)
    }
}
