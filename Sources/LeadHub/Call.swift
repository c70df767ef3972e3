import GRDB
import HTTP
import HTTPTypes
import Store

/// One request on its way through a handler: what was asked, by whom, and the database.
struct Call {
    let request: Request
    /// The ids in the path, by the names that the route gives them.
    let ids: [String: Int64]
    let query: Query
    let principal: Principal
    let connection: Connection
    /// Scheme and authority of this server as the client knows it.
    let origin: String
    /// Unix seconds: one moment for the whole request.
    let now: Int64

    var workspace: Int64 { principal.workspaceID }

    var actor: Actor { .key(principal.keyID) }

    /// The id in the path.
    ///
    /// - Throws: 404 where the route has none of that name.
    func id(_ name: String = "id") throws(HTTPError) -> Int64 {
        guard let id = ids[name] else { throw .notFound }
        return id
    }

    /// The body, checked against a resource's fields and, where it refers to other records, against the
    /// database: everything that is wrong at once, and before any lock is taken.
    ///
    /// - Parameters:
    ///   - fields: the resource's.
    ///   - isNew: whether a record is made from it.
    ///   - check: adds what only this resource knows to be wrong.
    /// - Returns: what came, ready for the columns.
    /// - Throws: 400, 413, 415, 422.
    func input(
        _ fields: [Field], isNew: Bool, check: (Input, Database, inout Problems) throws -> Void = { _, _, _ in },
    ) throws -> Input {
        var problems = Problems()
        let input = Input(try request.jsonObject(), fields: fields, isNew: isNew, problems: &problems)
        try connection.read { database in
            try input.checkReferences(of: fields, workspace: workspace, database, problems: &problems)
            try check(input, database, &problems)
        }
        guard problems.isEmpty else { throw HTTPError.validationFailed(problems) }
        return input
    }

    /// 200 with one record.
    func ok(_ row: Row, _ fields: [Field]) -> Response {
        Response(status: .ok, json: record(row, fields))
    }

    /// 201 with one record and its address.
    func created(_ row: Row, _ fields: [Field]) -> Response {
        let id: Int64 = row["id"]
        let location = "\(origin)\(request.target.path)/\(id)"
        return Response(status: .created, fields: [.location: location], json: record(row, fields))
    }

    private func record(_ row: Row, _ fields: [Field]) -> [UInt8] {
        var writer = JSONWriter(reserving: 1_024)
        writer.beginObject()
        writer.key("data")
        writer.record(row, fields)
        writer.endObject()
        return writer.bytes
    }
}
