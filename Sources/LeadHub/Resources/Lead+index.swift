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

    /// Looks whether each lead that is not deleted stands in the index and nothing else does, and whether each piece of
    /// their texts is there and is found. (FTS5's own integrity-check needs the writers' lock, and without the texts at
    /// hand notices neither an index that is empty nor one in which nothing is found any more.)
    ///
    /// - Parameter database: within a transaction: leads and index must be of one moment.
    /// - Returns: what is wrong; nil where nothing is.
    /// - Throws: `DatabaseError` where the database cannot be read.
    package static func findSearchProblem(_ database: Database) throws -> String? {
        // A row for each piece of three characters, with how often it stands in the index
        // (https://www.sqlite.org/fts5.html#the_fts5vocab_virtual_table_module).
        try database.execute(
            sql: "CREATE VIRTUAL TABLE IF NOT EXISTS temp.lead_search_piece USING fts5vocab (main, lead_search, row)"
        )
        let live = "SELECT workspace_id << \(searchRowBits) | id FROM lead WHERE deleted_at IS NULL"
        let wrong = """
            SELECT (SELECT count(*) FROM (\(live) EXCEPT SELECT id FROM lead_search_docsize))
                + (SELECT count(*) FROM (SELECT id FROM lead_search_docsize EXCEPT \(live))),
                (SELECT total(max(0, length(search_text) - 2)) FROM lead WHERE deleted_at IS NULL)
                    <> (SELECT total(cnt) FROM lead_search_piece),
                (SELECT count(*) FROM lead_search_piece AS listed
                    LEFT JOIN lead_search_piece AS found ON found.term = listed.term WHERE found.cnt IS NOT listed.cnt)
            """
        do {
            guard let row = try Row.fetchOne(database, sql: wrong) else { return nil }
            let (leads, isOfOtherTexts, pieces): (Int, Bool, Int) = (row[0], row[1], row[2])
            if leads > 0 { return "\(leads) leads are missing or too many" }
            return isOfOtherTexts || pieces > 0 ? "it does not have all that the leads' texts have" : nil
        } catch let error as DatabaseError where [.SQLITE_CORRUPT, .SQLITE_ERROR].contains(error.resultCode) {
            return error.message ?? "it is damaged"
        }
    }

    /// Makes the index anew from the texts that stand in the leads.
    ///
    /// - Parameter database: within a write; other writers wait for it, some 2 s for each 100,000 leads.
    /// - Returns: how many leads stand in it.
    /// - Throws: `DatabaseError`.
    package static func rebuildSearchIndex(_ database: Database) throws -> Int {
        // What FTS5 itself has in a new one: a damaged one cannot even be asked to begin anew.
        try database.withoutDefense {
            try database.execute(
                sql: """
                    DELETE FROM lead_search_data;
                    DELETE FROM lead_search_idx;
                    DELETE FROM lead_search_docsize;
                    INSERT INTO lead_search_data (id, block) VALUES (1, x''), (10, x'00000000000000');
                    INSERT OR REPLACE INTO lead_search_config (k, v) VALUES ('version', 4);
                    """
            )
        }
        // Forgets what this connection remembers of the damaged one. Then by row: others would be written one by one.
        try database.execute(
            sql: """
                INSERT INTO lead_search (lead_search) VALUES ('delete-all');
                INSERT INTO lead_search (lead_search, rank) VALUES ('automerge', 16), ('crisismerge', 64);
                INSERT INTO lead_search (rowid, text)
                    SELECT workspace_id << \(searchRowBits) | id, search_text FROM lead
                    WHERE deleted_at IS NULL ORDER BY workspace_id, id;
                """
        )
        return try Int.fetchOne(database, sql: "SELECT count(*) FROM lead_search_docsize") ?? 0
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
