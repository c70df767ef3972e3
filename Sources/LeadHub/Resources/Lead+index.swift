import Crypto
import Foundation
import GRDB
import HTTP

extension Lead {
    /// What is kept beside a lead's fields so that it is found by them.
    struct Derived {
        let company: DatabaseValue
        /// Folded: the names, the address and the telephone's digits, a line each, with a space before each word. Two
        /// characters of a query then make a trigram with that space, and find beginnings of words in every script.
        let searchText: String

        /// - Parameter text: gives the value of a text field.
        init(_ text: (String) -> String?) {
            company = text("company").map(Text.folded).databaseValue
            let names = [text("first_name"), text("last_name")].compactMap { $0 }.joined(separator: " ")
            let lines = [names, text("email"), text("phone").map(Text.phoneDigits)].compactMap { $0 }
            searchText = lines.map { " " + Lead.words($0) }.joined(separator: "\n")
        }
    }

    /// A text folded, with one space between two words.
    static func words(_ text: String) -> String {
        Text.folded(text).split(whereSeparator: \.isWhitespace).joined(separator: " ")
    }

    /// The text that the lead stands under in the index: to be taken out, it must be given exactly as it was.
    static func searchText(of id: Int64, workspace: Int64, _ database: Database) throws -> String {
        let statement = try database.cachedStatement(
            sql: "SELECT search_text FROM lead WHERE workspace_id = ? AND id = ?"
        )
        return try String.fetchOne(statement, arguments: [workspace, id]) ?? ""
    }

    /// What a lead is found by beside its columns.
    struct Indexed {
        var text: String?
        var customFields: Set<Data> = []

        /// Of a lead that is not to be found, or not yet.
        static let nothing = Indexed(text: nil)
    }

    /// What a lead of these columns and this search text is found by.
    static func indexed(_ lead: Row, _ text: String) -> Indexed {
        Indexed(text: text, customFields: Set(customFieldDigests(lead)))
    }

    /// Takes a lead out of what it was found by, and puts it into what it is found by now.
    static func reindex(
        _ id: Int64, from old: Indexed, to new: Indexed, workspace: Int64, _ database: Database,
    ) throws {
        let row = searchRow(id, workspace: workspace)
        if let text = old.text, text != new.text {
            try database.cachedStatement(
                sql: "INSERT INTO lead_search (lead_search, rowid, text) VALUES ('delete', ?, ?)"
            ).execute(arguments: [row, text])
        }
        if let text = new.text, text != old.text {
            try database.cachedStatement(sql: "INSERT INTO lead_search (rowid, text) VALUES (?, ?)")
                .execute(arguments: [row, text])
        }
        let remove = try database.cachedStatement(
            sql: "DELETE FROM lead_custom_field WHERE workspace_id = ? AND digest = ? AND lead_id = ?"
        )
        for digest in old.customFields.subtracting(new.customFields) {
            try remove.execute(arguments: [workspace, digest, id])
        }
        let add = try database.cachedStatement(
            sql: "INSERT INTO lead_custom_field (workspace_id, digest, lead_id) VALUES (?, ?, ?)"
        )
        for digest in new.customFields.subtracting(old.customFields) {
            try add.execute(arguments: [workspace, digest, id])
        }
    }

    /// Takes one small step towards an index in few pieces, which is searched faster.
    ///
    /// - Parameter database: within a write.
    /// - Returns: whether there is more to do (https://www.sqlite.org/fts5.html#the_merge_command).
    /// - Throws: `DatabaseError`.
    package static func mergeSearchIndex(_ database: Database) throws -> Bool {
        let before = database.totalChangesCount
        try database.execute(sql: "INSERT INTO lead_search (lead_search, rank) VALUES ('merge', 100)")
        return database.totalChangesCount - before >= 2
    }

    /// A lead's row in the index: the workspace stands in the high bits, so that a search reads its own part only.
    static func searchRow(_ id: Int64, workspace: Int64) -> Int64 {
        workspace << searchRowBits | id
    }

    static let searchRowBits: Int64 = 40

    /// Stands for a custom field and its value as text: they may be too long for a key.
    ///
    /// - Returns: half a SHA-256.
    static func customFieldDigest(_ key: String, _ value: String) -> Data {
        Data(SHA256.hash(data: Data("\(key)\0\(value)".utf8)).prefix(16))
    }

    private static func customFieldDigests(_ lead: Row) -> [Data] {
        guard case .object(let object) = JSONObject(lead, fields)["custom_fields"] else { return [] }
        return object.map { member in
            switch member.value {
            case .string(let text), .number(let text): customFieldDigest(member.name, text)
            case .boolean(let isTrue): customFieldDigest(member.name, isTrue ? "true" : "false")
            default: customFieldDigest(member.name, "")
            }
        }
    }
}
