import HTTP

extension Sender {
    /// The WordPress plugin CF7 to Webhook sends a form of Contact Form 7 as one JSON object of the fields' names, with
    /// lists for what has several choices (https://wordpress.org/plugins/cf7-to-zapier/, `modules/cf7`). Names are the
    /// form's own, `your-email` and `tel-533` by default; files come as addresses, or in Base64 where its user wants
    /// that. It signs nothing and has no id of its own.
    static let contactForm7 = Sender { delivery throws(HTTPError) in
        .lead(Detail.all(in: try delivery.request.serviceObject()), id: nil)
    }
}
