import HTTP

extension Sender {
    /// The HTTP module of a scenario in Make sends what its user puts together, as JSON, URL-encoded or multipart
    /// (https://apps.make.com/http). It signs nothing and has no id of its own.
    static let make = Sender { delivery throws(HTTPError) in
        .lead(Detail.all(in: try delivery.request.serviceObject()), id: nil)
    }
}
