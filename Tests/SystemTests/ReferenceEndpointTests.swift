import HTTP
import Testing

extension SystemTests {
    /// Every endpoint of the reference, in its order, through nginx and several workers: with the statuses and the
    /// shapes that it shows.
    @Suite struct ReferenceEndpointTests {
        @Test func everyEndpointAnswersAsItReads() throws {
            let stack = try Stack()
            // The example of a new lead names the user 5.
            for number in 1...5 {
                try stack.leadhub(
                    "user", "create", "--workspace", "demo", "--name", "User \(number)",
                    "--email", "user\(number)@example.com", "--status", "active",
                )
            }
            let reader = Reader(client: stack.client(try stack.demoKey), base: stack.base)
            try reader.health()
            try reader.leads()
            try reader.tagsOfALead()
            try reader.pipelines()
            try reader.stages()
            try reader.tags()
            try reader.users()
        }
    }
}

/// Calls endpoints as somebody does who reads the reference from its top to its end.
private struct Reader {
    let client: Client
    let base: String

    /// Sends a request, and expects the status.
    ///
    /// - Returns: the answer's body; nil where there is none.
    @discardableResult
    private func ask(_ method: String, _ target: String, _ body: String? = nil, _ status: Int) throws -> JSONValue? {
        let answer = try client.send(method, target, body: body)
        try #require(answer.status == status, "\(method) \(target): \(String(decoding: answer.body, as: UTF8.self))")
        #expect(answer.body.isEmpty == (status == 204))
        for name in ["x-ratelimit-limit", "x-ratelimit-remaining", "x-ratelimit-reset"] where target != "/health" {
            #expect(answer.headers[name].flatMap { Int($0) } != nil, "\(method) \(target): \(name)")
        }
        return answer.json
    }

    /// One record: `data` and nothing beside it.
    private func record(
        _ method: String, _ target: String, _ body: String? = nil, _ status: Int = 200,
    ) throws -> JSONObject {
        guard case .object(let answer) = try ask(method, target, body, status), answer.map(\.name) == ["data"],
            case .object(let record) = answer["data"]
        else { throw Client.Failure.malformed("\(method) \(target)") }
        return record
    }

    /// A list: its `data`, with `meta` and `links` as the reference shows them.
    private func list(_ target: String) throws -> [JSONValue] {
        guard case .object(let answer) = try ask("GET", target, nil, 200), case .array(let data) = answer["data"],
            case .object(let meta) = answer["meta"], case .object(let links) = answer["links"]
        else { throw Client.Failure.malformed("GET \(target)") }
        #expect(answer.map(\.name) == ["data", "meta", "links"])
        #expect(meta.map(\.name) == ["current_page", "last_page", "per_page", "total", "from", "to"])
        #expect(meta["current_page"] == .number("1"))
        #expect(links.map(\.name) == ["first", "last", "prev", "next", "self"])
        #expect(links["prev"] == .null)
        for name in ["first", "last", "self"] {
            guard case .string(let link) = links[name] else { throw Client.Failure.malformed("\(name) of \(target)") }
            #expect(link.hasPrefix("http://localhost:") && link.contains("/api/v1" + target))
        }
        return data
    }

    /// The life of a record at a path: listed, made, read, changed by PUT and by PATCH, deleted.
    private func expectLife(_ path: String, body: String, fields: [String]) throws {
        let before = try list(path).count
        let made = try record("POST", path, body, 201)
        #expect(made.map(\.name) == fields)
        guard case .number(let id) = made["id"] else { throw Client.Failure.malformed("POST \(path)") }
        let own = "\(path)/\(id)"
        #expect(try list(path).contains(.object(made)))
        #expect(try record("GET", own) == made)
        #expect(try record("PUT", own, #"{"name": "Put"}"#)["name"] == .string("Put"))
        #expect(try record("PATCH", own, #"{"name": "Patched"}"#)["name"] == .string("Patched"))
        #expect(try record("GET", own)["name"] == .string("Patched"))
        try ask("DELETE", own, nil, 204)
        #expect(try list(path).count == before)
        try expectError("GET", own, nil, 404, "NOT_FOUND")
        try expectError("POST", path, "{}", 422, "VALIDATION_FAILED")
    }

    /// The envelope of errors.
    private func expectError(
        _ method: String, _ target: String, _ body: String?, _ status: Int, _ code: String,
    ) throws {
        guard case .object(let answer) = try ask(method, target, body, status) else {
            throw Client.Failure.malformed("\(method) \(target)")
        }
        #expect(answer.map(\.name) == ["status", "message", "code"] + (status == 422 ? ["errors"] : []))
        #expect(answer["status"] == .string("error"))
        #expect(answer["code"] == .string(code))
    }

    // MARK: - The reference's sections

    func health() throws {
        guard case .object(let health) = try ask("GET", "/health", nil, 200) else {
            throw Client.Failure.malformed("health")
        }
        #expect(health.map(\.name) == ["status", "version", "timestamp"])
        #expect(health["status"] == .string("ok"))
    }

    func leads() throws {
        #expect(try list("/leads").count == 3)
        for filter in [
            "source=website", "status=new", "pipeline_id=1", "stage_id=2", "assigned_user_id=5", "tag=hot-lead",
            "search=sarah", "created_after=2026-03-28", "created_before=2026-03-28T09:15:00%2B00:00", "starred=true",
            "sort=last_name&direction=asc",
        ] { _ = try list("/leads?\(filter)") }

        let body = """
            {
            "first_name": "Sarah",
            "last_name": "Johnson",
            "email": "sarah@example.com",
            "phone": "+14155551234",
            "source": "website",
            "status": "new",
            "pipeline_id": 1,
            "pipeline_stage_id": 2,
            "assigned_user_id": 5,
            "notes": "Interested in the enterprise plan.",
            "custom_fields": {
            "budget": "10000"
            },
            "tags": ["hot-lead", "enterprise"]
            }
            """
        let made = try record("POST", "/leads", body, 201)
        guard case .object(let sent) = try JSONValue(parsing: Array(body.utf8)) else { return }
        for member in sent { #expect(made[member.name] == member.value, "\(member.name)") }
        #expect(made["id"] == .number("4"))
        #expect(try record("GET", "/leads/4") == made)
        #expect(try list("/leads?tag=enterprise&search=sarah&stage_id=2") == [.object(made)])
        #expect(try record("PUT", "/leads/4", #"{"status": "contacted"}"#)["status"] == .string("contacted"))
        let patched = try record("PATCH", "/leads/4", #"{"starred": true}"#)
        #expect(patched["starred"] == .boolean(true))
        #expect(patched["status"] == .string("contacted"))
        try expectError("POST", "/leads", #"{"first_name": "A", "email": "x"}"#, 422, "VALIDATION_FAILED")
        try ask("DELETE", "/leads/4", nil, 204)
        try expectError("GET", "/leads/4", nil, 404, "NOT_FOUND")
    }

    func tagsOfALead() throws {
        let tagged = try record("POST", "/leads/1/tags", #"{ "tag": "vip-client" }"#)
        guard case .array(let tags) = tagged["tags"] else { throw Client.Failure.malformed("tags") }
        #expect(tags.contains(.string("vip-client")))
        try ask("DELETE", "/leads/1/tags/vip-client", nil, 204)
        try expectError("DELETE", "/leads/1/tags/vip-client", nil, 404, "NOT_FOUND")
    }

    func pipelines() throws {
        try expectLife(
            "/pipelines", body: #"{"name": "Partners", "stages": [{"name": "New"}, {"name": "Won", "is_won": true}]}"#,
            fields: [
                "id", "name", "description", "is_default", "stages", "leads_count", "created_at", "updated_at",
            ],
        )
        try expectError("DELETE", "/pipelines/1", nil, 409, "CONFLICT")
    }

    func stages() throws {
        try expectLife(
            "/pipelines/1/stages", body: #"{"name": "Waiting", "sort_order": 2}"#,
            fields: [
                "id", "pipeline_id", "name", "color", "is_won", "is_lost", "sort_order", "leads_count", "created_at",
                "updated_at",
            ],
        )
    }

    func tags() throws {
        try expectLife(
            "/tags", body: #"{"name": "Trade fair"}"#,
            fields: ["id", "name", "color", "leads_count", "created_at", "updated_at"],
        )
    }

    func users() throws {
        try expectLife(
            "/users", body: #"{"name": "Ann", "email": "ann@example.com", "role": "manager"}"#,
            fields: ["id", "name", "email", "role", "status", "last_login_at", "created_at", "updated_at"],
        )
    }
}
