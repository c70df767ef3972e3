import Foundation
import HTTP
import HTTPTypes

/// The OpenAPI document (https://spec.openapis.org/oas/v3.1.1) of all routes: made from what validates and answers, so
/// that it cannot say anything else.
enum Document {
    /// In the order of the scopes, which is the reference's; what needs none comes last.
    static let operations: [Operation] = {
        let all = RouteTable().routes.map(Operation.init)
        func rank(_ group: String) -> Int {
            let scopes = all.filter { $0.group == group }.compactMap(\.route.scope)
            return scopes.compactMap { Scope.allCases.firstIndex(of: $0) }.max() ?? Scope.allCases.count
        }
        let ranked = all.enumerated().map { (rank($0.element.group), $0.element.route.path, $0.offset, $0.element) }
        return ranked.sorted { ($0.0, $0.1, $0.2) < ($1.0, $1.1, $1.2) }.map(\.3)
    }()

    /// All of it but the servers, which depend on the request.
    static let parts: JSONObject = JSONObject([
        ("openapi", "3.1.1"), ("info", info), ("tags", tags), ("paths", paths), ("components", components),
        ("security", [["apiKey": []]]),
    ])

    /// The document in JSON, for clients that reach this server at `origin`.
    static func json(origin: String) -> [UInt8] {
        var writer = JSONWriter(reserving: 500_000)
        writer.beginObject()
        for (name, json) in minified {
            writer.key(name)
            writer.raw(json)
        }
        writer.key("servers")
        writer.value([["url": .string(origin)]])
        writer.endObject()
        return writer.bytes
    }

    private static let minified = parts.map { (name: $0.name, json: $0.value.minified) }

    private static let info: JSONValue = [
        "title": "LeadHub API",
        "version": .string(version),
        "summary": "Leads, and what belongs to them, of one workspace.",
        "description": .string(rules.joined(separator: "\n\n")),
        "license": ["name": "MIT", "identifier": "MIT"],
    ]

    /// What holds of all operations, a paragraph each.
    static let rules = [
        """
        Every request needs an API key, `Authorization: Bearer lh_...`, but those of the group Service and those to an \
        address that ends in a token. A key belongs to one workspace and has scopes; each operation says which one it \
        needs. `read:*`, `write:*`, `delete:*` and `*` are wildcards.
        """,
        """
        A key may make so many requests in an hour, by default 1,000; `X-RateLimit-Remaining` and `RateLimit` say how \
        many are left. Past that the answer is 429, with `Retry-After`.
        """,
        """
        Bodies are JSON in UTF-8, up to 1 MiB. Text is trimmed and put into Unicode's form C, secrets are \
        not; an empty text is no value, as null is. Members that an operation does not know are refused; those that the server sets are \
        ignored, so that a record that was read can be sent back.
        """,
        """
        Lists come in pages: `page` counts from 1, `per_page` is 15 by default and at most 100. What does not do is \
        refused with 422, and `errors` says for each field why.
        """,
        """
        A POST with an `Idempotency-Key` can be sent again and is done once. An update or removal with `If-Match` is \
        done only while the record is what the client has read.
        """,
        "Every path that takes GET takes HEAD too, and every path answers OPTIONS with the methods that it takes.",
    ]

    private static let tags: JSONValue = {
        var groups: [String] = []
        for operation in operations where !groups.contains(operation.group) { groups.append(operation.group) }
        return .array(
            groups.map { group in
                let scopes = operations.filter { $0.group == group }.flatMap(\.route.scopes)
                let names = Scope.allCases.filter(scopes.contains).map { "`\($0.rawValue)`" }
                let description = names.isEmpty ? "No API key is needed." : "Scopes: \(names.joined(separator: ", "))."
                return ["name": .string(group), "description": .string(description)]
            }
        )
    }()

    private static let paths: JSONValue = {
        var paths: [String] = []
        for operation in operations where !paths.contains(operation.route.path) { paths.append(operation.route.path) }
        return .object(
            JSONObject(
                paths.map { path in
                    let here = operations.filter { $0.route.path == path }
                    let items = here.map { operation in
                        (
                            name: operation.route.method.rawValue.lowercased(),
                            value: operation.object(among: operations)
                        )
                    }
                    return (path, .object(JSONObject(items)))
                }
            )
        )
    }()

    private static let components: JSONValue = [
        "securitySchemes": [
            "apiKey": [
                "type": "http", "scheme": "bearer", "bearerFormat": "lh_ and 40 letters and digits",
                "description": "An API key of the workspace, made with `leadhub key create`.",
            ]
        ],
        "parameters": Operation.sharedParameters,
        "headers": .object(JSONObject(DocumentedHeader.all.map { ($0.name, $0.component) })),
        "responses": JSONValue.object(JSONObject(DocumentedRefusal.all.map { ($0.name, $0.response) })).with(
            (
                "NotModified",
                [
                    "description": "The client has it already.",
                    "headers": DocumentedHeader.references(["ETag", "X-Request-Id"] + DocumentedHeader.rateLimit),
                ]
            )
        ),
        "schemas": schemas,
    ]

    private static let schemas: JSONValue = {
        var schemas: [JSONObject.Member] = []
        for schema in (operations.flatMap(\.schemas) + listSchemas + DocumentedRefusal.schemas).flatMap(split)
        where !schemas.contains(where: { $0.name == schema.name }) {
            schemas.append(schema)
        }
        return .object(JSONObject(schemas.sorted { $0.name < $1.name }))
    }()

    /// The cases of a schema by names of their own: generators of clients lose those that have none.
    private static func split(_ schema: JSONObject.Member) -> [JSONObject.Member] {
        guard case .array(let cases) = schema.value["oneOf"] else { return [schema] }
        let named = cases.map { item -> JSONObject.Member in
            let words = item["title"].flatMap { if case .string(let title) = $0 { title } else { nil } } ?? ""
            let name = schema.name + words.split(separator: "_").map(\.capitalized).joined()
            return (name, item.with(("title", .string(name))))
        }
        let all: JSONValue = ["oneOf": .array(named.map { JSONSchema.reference($0.name) })]
        return named + [(schema.name, all)]
    }

    private static let listSchemas: [JSONObject.Member] = {
        let count: JSONValue = ["type": "integer", "format": "int64", "minimum": 0]
        let countOrNull: JSONValue = ["type": ["integer", "null"], "format": "int64", "minimum": 1]
        let address: JSONValue = ["type": "string", "format": "uri"]
        let addressOrNull: JSONValue = ["type": ["string", "null"], "format": "uri"]
        func object(_ description: String, _ properties: JSONValue) -> JSONValue {
            [
                "type": "object", "description": .string(description), "properties": properties,
                "required": .array(properties.objectNames.map { .string($0) }),
            ]
        }
        return [
            (
                "PageMeta",
                object(
                    "Where in the list the page is.",
                    [
                        "current_page": count, "last_page": count, "per_page": count, "total": count,
                        "from": countOrNull, "to": countOrNull,
                    ],
                )
            ),
            (
                "PageLinks",
                object(
                    "Other pages of the list.",
                    [
                        "first": address, "last": address, "prev": addressOrNull, "next": addressOrNull,
                        "self": address,
                    ],
                )
            ),
            (
                "PartMeta",
                object("Where the list goes on.", ["per_page": count, "next_cursor": ["type": ["string", "null"]]])
            ),
            (
                "PartLinks",
                object("This part of the list and the next.", ["self": address, "next": addressOrNull])
            ),
        ]
    }()
}

extension JSONValue {
    /// An object's names, in their order.
    var objectNames: [String] {
        if case .object(let object) = self { object.map(\.name) } else { [] }
    }
}
