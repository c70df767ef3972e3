import HTTP
import HTTPTypes

/// A route as the document describes it.
struct Operation {
    let route: Route

    /// The part of the API that it belongs to: the first word of its path.
    var group: String {
        let name = route.path.split(separator: "/").dropFirst().first { $0 != "v1" } ?? ""
        if route.scopes.isEmpty && pathNames.isEmpty { return "Service" }
        return name.prefix(1).uppercased() + name.dropFirst()
    }

    /// From the summary: "List a pipeline's stages" is `listPipelineStages`. What PATCH calls update is put for PUT.
    var id: String {
        var words = route.summary.replacing("'s", with: "").split { !$0.isLetter && !$0.isNumber }
            .filter { !["a", "an", "the"].contains($0.lowercased()) }
        if route.method == .put { words[0] = "put" }
        let capitalized = words.map { $0.prefix(1).uppercased() + $0.dropFirst() }.joined()
        return capitalized.prefix(1).lowercased() + capitalized.dropFirst()
    }

    /// The Operation Object (OpenAPI 3.1 §4.8.10); `others` are those of the whole API.
    func object(among others: [Operation]) -> JSONValue {
        var object: JSONValue = [
            "operationId": .string(id), "tags": [.string(group)], "summary": .string(route.summary),
        ]
        let scopes = route.scopes.map(\.rawValue)
        let needed = scopes.isEmpty ? "no API key" : "the scope " + scopes.map { "`\($0)`" }.joined(separator: " or ")
        let about = [route.description, "Needs \(needed)."].filter { !$0.isEmpty }.joined(separator: "\n\n")
        object = object.with(("description", .string(about)))
        let parameters = pathParameters + queryParameters + headerParameters
        if !parameters.isEmpty { object = object.with(("parameters", .array(parameters))) }
        if let requestBody { object = object.with(("requestBody", requestBody)) }
        object = object.with(("responses", responses(among: others)))
        // A key with one of them does.
        return object.with(("security", .array(scopes.map { ["apiKey": [.string($0)]] })))
    }

    // MARK: - What it takes

    /// The names in braces.
    private var pathNames: [String] {
        route.segments.filter { $0.hasPrefix("{") }.map { String($0.dropFirst().dropLast()) }
    }

    private var pathParameters: [JSONValue] {
        pathNames.map { name in
            let place = route.segments.firstIndex { $0 == "{\(name)}" } ?? 0
            let owner = route.segments[max(0, place - 1)]
            let singular = owner.hasSuffix("s") ? owner.dropLast() : owner
            let what = name == "id" ? "\(singular)" : name.replacing("_id", with: "")
            let isToken = name == "token"
            let field =
                Route.isID(name)
                ? Field(name, .id, about: "The id of the \(what.replacing("_", with: " ")).")
                : Field.text(
                    name, 1...255, .required,
                    about: isToken ? "What the \(singular)'s address ends in." : "The \(what), percent-encoded.",
                )
            let schema: JSONValue =
                Route.isID(name) ? field.schema(for: .query, example: 1) : ["type": "string", "minLength": 1]
            return [
                "name": .string(name), "in": "path", "required": true, "description": .string(field.description),
                "schema": schema,
                "example": isToken ? .string(Example.token(of: owner)) : field.example(for: .query),
            ]
        }
    }

    private var queryParameters: [JSONValue] {
        (route.parameters ?? []).map { parameter in
            let field = parameter.field
            let value = field.schema(for: .query, example: field.example(for: .query))
            var object: JSONValue = [
                "name": .string(field.name), "in": "query", "description": .string(field.description),
            ]
            if field.rules.contains(.required) { object = object.with(("required", true)) }
            switch parameter.form {
            case .single:
                return object.with(("schema", value))
            case .raw:
                return object.with(("allowEmptyValue", true), ("schema", ["type": "string"]))
            case .list:
                // A comma ends a value.
                let item = value.with(("pattern", .string(JSONSchema.visibleText(atLeast: 1, without: ","))))
                let schema: JSONValue = ["type": "array", "items": value["enum"] == nil ? item : value, "minItems": 1]
                return object.with(("style", "form"), ("explode", false), ("schema", schema))
            case .repeated:
                return object.with(
                    ("style", "form"), ("explode", true), ("schema", ["type": "array", "items": value]),
                )
            case .keyed:
                let schema: JSONValue = ["type": "object", "additionalProperties": ["type": "string"]]
                return object.with(("style", "deepObject"), ("explode", true), ("schema", schema))
            }
        }
    }

    private var headerParameters: [JSONValue] {
        var names: [String] = []
        if route.method == .post { names.append("IdempotencyKey") }
        if case .record = route.outcome, route.method == .get { names.append("IfNoneMatch") }
        if case .document = route.outcome, pathNames.isEmpty { names.append("IfNoneMatch") }
        if [.put, .patch, .delete].contains(route.method) { names.append("IfMatch") }
        return names.map { ["$ref": .string("#/components/parameters/\($0)")] }
    }

    static let sharedParameters: JSONValue = [
        "IdempotencyKey": [
            "name": "Idempotency-Key", "in": "header",
            "description": """
            Any text that is new for each new request. The same request sent again with it is done once: it gets \
            the first answer again, for 24 hours.
            """,
            "schema": ["type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]([ -~]*[!-~])?$"],
        ],
        "IfMatch": [
            "name": "If-Match", "in": "header",
            "description": "`ETag`s, of which one must still be the record's: else 412, and nothing changes.",
            "schema": ["type": "string"],
        ],
        "IfNoneMatch": [
            "name": "If-None-Match", "in": "header",
            "description": "`ETag`s that the client has: where one is still good the answer is 304, without a body.",
            "schema": ["type": "string"],
        ],
    ]

    private var requestBody: JSONValue? {
        switch route.body {
        case .none:
            return nil
        case .new(let resource):
            return json(JSONSchema.reference("New\(resource)"))
        case .changes(let resource):
            return json(JSONSchema.reference("\(resource)Changes"))
        case .object(let name, _):
            return json(JSONSchema.reference(name))
        case .form, .message:
            return values(["type": "object", "additionalProperties": true])
        case .lead:
            let email = Lead.fields.first { $0.name == "email" }.map {
                $0.schema(for: .query, example: "sarah@example.com")
            }
            return values([
                "type": "object", "properties": ["email": email ?? [:]], "required": ["email"],
                "additionalProperties": true,
            ])
        }
    }

    /// What comes in any of the ways in which forms send.
    private func values(_ schema: JSONValue) -> JSONValue {
        let types = ["application/json", "application/x-www-form-urlencoded", "multipart/form-data"]
        let content = types.map { (name: $0, value: ["schema": schema, "example": example() ?? [:]] as JSONValue) }
        return ["required": true, "content": .object(JSONObject(content))]
    }

    private func json(_ schema: JSONValue) -> JSONValue {
        ["required": true, "content": ["application/json": ["schema": schema, "example": example() ?? [:]]]]
    }

    /// A body as the document shows it; to be tried, it must not name other records: nobody knows which there are.
    func example(toTry: Bool = false) -> JSONValue? {
        func shown(_ fields: [Field]) -> [Field] { toTry ? fields.filter { !$0.isFreeReference } : fields }
        return switch route.body {
        case .none: nil
        case .new(let resource): Example.object(shown(resource.fields), for: .new, resource.example)
        case .changes(let resource): Example.object(shown(resource.fields), for: .changes, resource.example)
        case .object(_, let fields): Example.object(shown(fields), for: .new)
        case .form, .message, .lead: ["first_name": "Sarah", "email": "sarah@example.com"]
        }
    }

    // MARK: - What it answers

    private func responses(among others: [Operation]) -> JSONValue {
        var answers: [JSONObject.Member] = [success(among: others)]
        if case .form = route.body { answers += pagesForPeople }
        if case .taken = route.outcome {
            let duplicate = Operation.content("Receipt", Operation.receipt(isDuplicate: true))
            answers.append(("200", answer("The lead was there before.", duplicate)))
        }
        if case .array(let headers) = JSONValue.array(headerParameters),
            headers.contains(where: {
                $0["$ref"] == "#/components/parameters/IfNoneMatch"
            })
        {
            answers.append(("304", ["$ref": "#/components/responses/NotModified"]))
        }
        answers += DocumentedRefusal.of(route).map {
            ($0.status, ["$ref": .string("#/components/responses/\($0.name)")])
        }
        return .object(JSONObject(answers))
    }

    private func success(among others: [Operation]) -> JSONObject.Member {
        switch route.outcome {
        case .page(let resource): ("200", answer("A page of the list.", pages(of: resource)))
        case .list(let resource):
            (
                "200",
                answer(
                    "All there are.",
                    Operation.content("\(resource)List", ["data": [Operation.example(of: resource)]]),
                )
            )
        case .record(let resource): ("200", answer("The record.", one(resource), ["ETag"]))
        case .created(let resource):
            (
                "201",
                answer("The new record.", one(resource), ["ETag", "Location"]).with(("links", links(among: others)))
            )
        case .nothing: ("204", answer("It is done.", nil))
        case .object(let name, let fields):
            ("200", answer("The answer.", Operation.content(name, Example.object(fields, for: .answer))))
        case .taken: ("201", answer("A new lead.", Operation.content("Receipt", Operation.receipt(isDuplicate: false))))
        case .document(let type):
            (
                "200",
                answer(
                    "The document.",
                    .object(
                        JSONObject([(type, ["schema": ["type": type == "application/json" ? "object" : "string"]])])
                    ), pathNames.isEmpty ? ["ETag"] : [],
                )
            )
        }
    }

    private static func receipt(isDuplicate: Bool) -> JSONValue {
        [
            "status": isDuplicate ? "duplicate" : "created", "lead_id": 1842, "is_duplicate": .boolean(isDuplicate),
        ]
    }

    /// What a client that prefers `text/html` gets for a form that it sends.
    private var pagesForPeople: [JSONObject.Member] {
        let page: JSONValue = ["text/html": ["schema": ["type": "string"]]]
        return [
            ("200", answer("The form's `success_message`, as a page.", page)),
            ("303", answer("To the form's `redirect_url`.", nil, ["Location"])),
        ]
    }

    private func answer(_ description: String, _ content: JSONValue?, _ headers: [String] = []) -> JSONValue {
        let counted = route.takesKey ? DocumentedHeader.rateLimit : []
        let replayed = route.method == .post ? ["Idempotency-Replayed"] : []
        let answer: JSONValue = [
            "description": .string(description),
            "headers": DocumentedHeader.references(headers + ["X-Request-Id"] + counted + replayed),
        ]
        return content.map { answer.with(("content", $0)) } ?? answer
    }

    private static func content(_ name: String, _ example: JSONValue) -> JSONValue {
        ["application/json": ["schema": JSONSchema.reference(name), "example": example]]
    }

    private func one(_ resource: any Resource.Type) -> JSONValue {
        Operation.content("\(resource)Record", ["data": Operation.example(of: resource)])
    }

    private static func example(of resource: any Resource.Type) -> JSONValue {
        Example.object(resource.fields, for: .answer, resource.example)
    }

    private func pages(of resource: any Resource.Type) -> JSONValue {
        let page = JSONSchema.reference("\(resource)Page")
        let schema = takesCursor ? ["oneOf": [page, JSONSchema.reference("\(resource)Part")]] : page
        let address = Example.origin + route.path.replacing(/{[^}]*}/, with: "1") + "?page=1"
        let example: JSONValue = [
            "data": [Operation.example(of: resource)],
            "meta": ["current_page": 1, "last_page": 1, "per_page": 15, "total": 1, "from": 1, "to": 1],
            "links": [
                "first": .string(address), "last": .string(address), "prev": .null, "next": .null,
                "self": .string(address),
            ],
        ]
        return ["application/json": ["schema": schema, "example": example]]
    }

    private var takesCursor: Bool { route.parameters?.contains { $0.field.name == "cursor" } ?? false }

    /// What can be done with a new record: every operation whose path goes on with its id.
    private func links(among others: [Operation]) -> JSONValue {
        let links = others.compactMap { other -> JSONObject.Member? in
            guard other.route.path.hasPrefix("\(route.path)/{"), other.pathNames.count == pathNames.count + 1,
                let last = other.pathNames.last, Route.isID(last)
            else { return nil }
            let carried = pathNames.map { (name: $0, value: .string("$request.path.\($0)") as JSONValue) }
            let parameters = JSONObject(carried + [(name: last, value: "$response.body#/data/id")])
            return (other.id, ["operationId": .string(other.id), "parameters": .object(parameters)])
        }
        return .object(JSONObject(links))
    }

    // MARK: - Schemas that it needs

    var schemas: [JSONObject.Member] {
        var schemas: [JSONObject.Member] = []
        func record(_ resource: any Resource.Type) -> [JSONObject.Member] {
            [("\(resource)", JSONSchema.object(resource.fields, for: .answer, example: resource.example))]
        }
        func wrapped(_ resource: any Resource.Type, _ suffix: String, _ members: JSONValue) -> JSONObject.Member {
            let names = members.objectNames
            return (
                "\(resource)\(suffix)",
                ["type": "object", "properties": members, "required": .array(names.map { .string($0) })]
            )
        }
        switch route.body {
        case .new(let resource):
            schemas.append(
                ("New\(resource)", JSONSchema.object(resource.fields, for: .new, example: resource.example)))
        case .changes(let resource):
            schemas.append(
                ("\(resource)Changes", JSONSchema.object(resource.fields, for: .changes, example: resource.example)))
        case .object(let name, let fields):
            schemas.append((name, JSONSchema.object(fields, for: .new)))
        case .none, .form, .lead, .message:
            break
        }
        switch route.outcome {
        case .page(let resource):
            let records: JSONValue = ["type": "array", "items": JSONSchema.reference("\(resource)")]
            let (meta, links) = (JSONSchema.reference("PageMeta"), JSONSchema.reference("PageLinks"))
            schemas += record(resource)
            schemas.append(wrapped(resource, "Page", ["data": records, "meta": meta, "links": links]))
            guard takesCursor else { break }
            let (position, around) = (JSONSchema.reference("PartMeta"), JSONSchema.reference("PartLinks"))
            schemas.append(wrapped(resource, "Part", ["data": records, "meta": position, "links": around]))
        case .list(let resource):
            schemas += record(resource)
            let records: JSONValue = ["type": "array", "items": JSONSchema.reference("\(resource)")]
            schemas.append(wrapped(resource, "List", ["data": records]))
        case .record(let resource), .created(let resource):
            schemas += record(resource)
            schemas.append(wrapped(resource, "Record", ["data": JSONSchema.reference("\(resource)")]))
        case .object(let name, let fields):
            schemas.append((name, JSONSchema.object(fields, for: .answer)))
        case .taken:
            schemas.append(("Receipt", JSONSchema.object(Inbound.receipt, for: .answer)))
        case .nothing, .document:
            break
        }
        return schemas
    }
}

extension Field {
    /// Whether it names another record and can be left out.
    fileprivate var isFreeReference: Bool {
        if case .reference = kind { !rules.contains(.required) } else { false }
    }
}
