import HTTP

extension Sender {
    /// The action POST of Webhooks by Zapier sends what its user puts together, as JSON or a form
    /// (https://zapier.com/apps/webhook/integrations: "Payload Type", "Wrap Request In Array", "Unflatten"). With
    /// "Unflatten" a name like `contact__email` comes as an object, without as it is: both are `contact.email` here. It
    /// signs nothing and has no id of its own.
    static let zapier = Sender { delivery throws(HTTPError) in
        let details = Detail.all(in: try delivery.request.serviceObject()).map { detail in
            guard detail.name.utf8.contains(UInt8(ascii: "_")) else { return detail }
            let steps = detail.name.split(separator: "__")
            guard steps.count > 1 else { return detail }
            return Detail(steps.joined(separator: "."), or: [detail.name], detail.value)
        }
        return .lead(details, id: nil)
    }
}
