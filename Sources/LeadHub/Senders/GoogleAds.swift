import Foundation
import HTTP

extension Sender {
    /// Google Ads posts each lead of a lead form as JSON, with the advertiser's key in it
    /// (https://developers.google.com/google-ads/webhook/docs/implementation). It signs nothing, so the key is all that
    /// proves who sent it: it is compared before anything else is looked at, and kept nowhere.
    static let googleAds = Sender(verify: GoogleAds.verify, kept: GoogleAds.kept, read: GoogleAds.read)
}

private enum GoogleAds {
    private static let mask = "********"

    /// Google's names of what it asks for itself; others are the advertiser's own questions.
    private static let fields = [
        "FULL_NAME": "full_name", "FIRST_NAME": "first_name", "LAST_NAME": "last_name", "EMAIL": "email",
        "WORK_EMAIL": "email", "PHONE_NUMBER": "phone", "WORK_PHONE": "phone", "COMPANY_NAME": "company",
        "JOB_TITLE": "job_title", "COUNTRY": "country",
    ]

    static func verify(_ delivery: Delivery) throws(HTTPError) {
        let body: JSONObject
        do { body = try delivery.request.serviceObject() } catch {
            // JSON that is no object has no key.
            throw error.status == .unprocessableContent ? .wrongKey : error
        }
        guard let key = delivery.setting("google_key"), case .string(let given) = body["google_key"],
            Signature.isSame(given, as: key)
        else { throw .wrongKey }
    }

    static func read(_ delivery: Delivery) throws(HTTPError) -> Message {
        let body = try delivery.request.serviceObject()
        let isTest = body["is_test"].flatMap(Intake.text)?.lowercased() ?? ""
        if ["true", "1"].contains(isTest) { return .test }
        var details: [Detail] = []
        for (index, item) in try body.list("user_column_data").enumerated() {
            let path = "user_column_data.\(index)"
            details += column(try JSONObject.object(item, at: path), at: path)
        }
        let others = Detail.all(in: body.without("google_key", "user_column_data"))
        return .lead(details + others, id: body["lead_id"]?.identifier)
    }

    private static func column(_ column: JSONObject, at path: String) -> [Detail] {
        let (id, title) = (column["column_id"]?.filledIn, column["column_name"]?.filledIn)
        let names = [id, title, path].compactMap { $0 }
        let more = Detail.all(in: column.without("column_id", "column_name", "string_value"), at: names[0])
        guard let value = column["string_value"] else { return more }
        return [Detail(names[0], or: Array(names.dropFirst()), as: id.flatMap { fields[$0] }, value)] + more
    }

    /// The body with asterisks for the key, and else as it came, byte for byte where that can be told.
    static func kept(_ delivery: Delivery) -> [UInt8] {
        guard let body = try? delivery.request.serviceObject() else { return unreadable(delivery) }
        guard body["google_key"] != nil else { return delivery.bytes }
        var request = delivery.request
        request.body = .complete(masking(delivery.bytes))
        let object = try? request.serviceObject()
        if object == JSONObject(body.map { ($0.name, $0.name == "google_key" ? .string(mask) : $0.value) }) {
            return request.completeBytes
        }
        return Array(JSONValue.object(body).with(("google_key", .string(mask))).minified.utf8)
    }

    /// What cannot be read is kept too; the key may be anywhere in it.
    private static func unreadable(_ delivery: Delivery) -> [UInt8] {
        let bytes = Data(masking(delivery.bytes))
        guard let key = delivery.setting("google_key") else { return Array(bytes) }
        return Array(bytes.replacing(Array(key.utf8), with: Array(mask.utf8)))
    }

    /// Puts asterisks for the text behind the first `"google_key":`.
    private static func masking(_ bytes: [UInt8]) -> [UInt8] {
        let name = Array(#""google_key""#.utf8)
        guard let start = bytes.firstRange(of: name)?.upperBound else { return bytes }
        let spaces: [UInt8] = [0x20, 0x09, 0x0A, 0x0D, UInt8(ascii: ":")]
        let value = bytes[start...].drop { spaces.contains($0) }
        guard value.first == UInt8(ascii: "\""), let end = value.dropFirst().firstIndex(of: UInt8(ascii: "\"")) else {
            return bytes
        }
        return Array(bytes[...value.startIndex]) + Array(mask.utf8) + Array(bytes[end...])
    }
}
