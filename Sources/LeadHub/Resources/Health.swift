import GRDB
import HTTP

/// Whether this server can be reached and can read its database.
enum Health: Resource {
    static let fields: [Field] = [
        .choice("status", ["ok"], default: "ok", about: "That the database can be read."),
        .text("version", 1...255, .required, about: "The program's version."),
        Field("timestamp", .time, .required, about: "The server's time."),
    ]

    static let routes: [Route] = [
        // A monitor may add what it likes to the address, as a number against caches.
        Route(
            .get, "/health", nil, "Get the health of the server", parameters: nil, gives: .object("Health", fields),
            show,
        )
    ]

    private static func show(_ call: Call) throws -> Response {
        do {
            // Reads the file, not only what this process remembers of it.
            _ = try Row.fetchOne(call.connection.database, sql: "SELECT id FROM workspace LIMIT 1")
        } catch {
            throw HTTPError.serviceUnavailable("The database cannot be read.")
        }
        var writer = JSONWriter(reserving: 128)
        writer.beginObject()
        writer.member("status", "ok")
        writer.member("version", version)
        writer.member("timestamp", Timestamp.text(call.now))
        writer.endObject()
        return Response(status: .ok, json: writer.bytes)
    }
}

/// The program's version.
package let version = "0.1.0"
