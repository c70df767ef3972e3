import Crypto
import Foundation
import GRDB
import HTTP
import HTTPTypes

/// How a message is known that came before, or is taken once more.
extension Inbound {
    /// What makes a repetition of a message known.
    struct RepeatKey {
        let digest: Data
        /// How old the first may be, in seconds; nil for as long as it is kept.
        fileprivate let window: Int64?

        /// How long the same values of an integration are the same message.
        static let secondsOfSameValues: Int64 = 300

        /// The sender's own id: it names one message for good.
        init(id: String) {
            digest = Data(SHA256.hash(data: Data("id\n\(id)".utf8)))
            window = nil
        }

        /// What it says, whatever the order: the same again within five minutes is the same.
        init(values: [Detail]) {
            let lines = values.map { JSONValue.array([.string($0.name), $0.value]).minified }.sorted()
            digest = Data(SHA256.hash(data: Data("values\n\(lines.joined(separator: "\n"))".utf8)))
            window = RepeatKey.secondsOfSameValues
        }

        /// As a row of the ledger has it.
        init(digest: Data) {
            (self.digest, window) = (digest, nil)
        }

        /// The id that came in the header `webhook-id` (Standard Webhooks); nil where that is missing or blank, and for
        /// forms, which have no senders. Two API keys are two senders.
        init?(_ call: Call, _ way: Way) {
            guard let id = call.request.fields[.webhookID].flatMap({ JSONValue.string($0).identifier }) else {
                return nil
            }
            switch way {
            case .leads: self.init(id: "\(call.principal.keyID)/\(id)")
            case .integration: self.init(id: id)
            case .form: return nil
            }
        }
    }
}

extension Inbound.Entry {
    /// What became of the first message with this key. Where only the values are the same, one whose lead has been
    /// deleted since does not count: somebody tries a form out.
    func first(with key: Inbound.RepeatKey, _ database: Database) throws -> Inbound.Taken? {
        let statement = try database.cachedStatement(
            sql: """
                SELECT outcome, lead_id FROM inbound
                WHERE workspace_id = ? AND integration_id IS ? AND repeat_key = ? AND created_at > ?
                    AND outcome IN ('created', 'duplicate')
                    AND (? OR EXISTS (SELECT 1 FROM lead WHERE lead.id = lead_id AND deleted_at IS NULL))
                ORDER BY id LIMIT 1
                """
        )
        let oldest = key.window.map { now - $0 } ?? 0
        let row = try Row.fetchOne(
            statement, arguments: [workspace, way.integration, key.digest, oldest, key.window == nil],
        )
        return row.flatMap(Inbound.Taken.init)
    }

    /// For a message that is taken once more: what became of it, if its lead, or that of another message with the same id
    /// of the sender's, is still there.
    ///
    /// - Parameters:
    ///   - key: what makes a repetition of it known.
    ///   - database: inside the transaction that takes it, so that no two of them make a lead.
    /// - Returns: nil where it is to be taken like a new one.
    /// - Throws: `DatabaseError`.
    func known(_ key: Inbound.RepeatKey?, _ database: Database) throws -> Inbound.Taken? {
        guard let id else { return nil }
        let live = """
            FROM inbound JOIN lead ON lead.workspace_id = inbound.workspace_id AND lead.id = lead_id AND deleted_at IS NULL
            WHERE inbound.workspace_id = ?
            """
        let own = try database.cachedStatement(sql: "SELECT outcome, lead_id \(live) AND inbound.id = ?")
        if let row = try Row.fetchOne(own, arguments: [workspace, id]) { return Inbound.Taken(row) }
        guard let key, key.window == nil else { return nil }
        let other = try database.cachedStatement(
            sql: """
                SELECT 'repeated', lead_id \(live) AND integration_id IS ? AND repeat_key = ?
                    AND outcome IN ('created', 'duplicate') ORDER BY inbound.id LIMIT 1
                """
        )
        return try Row.fetchOne(other, arguments: [workspace, way.integration, key.digest]).flatMap(Inbound.Taken.init)
    }
}

extension Inbound.Taken {
    /// Of an outcome and a lead's id.
    fileprivate init?(_ row: Row) {
        guard let outcome = Inbound.Outcome(rawValue: row[0]) else { return nil }
        self.init(outcome: outcome, lead: row[1])
    }
}
