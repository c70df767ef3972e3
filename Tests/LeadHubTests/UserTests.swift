import HTTP
import HTTPTypes
import Testing

@testable import LeadHub

/// What is special about users; `RecordTests` has what they share with the others.
@Suite struct UserTests {
    private static let later = Workbench.now + 60

    @Test func beginsWithTheContractsDefaults() throws {
        try Workbench.run { bench in
            let expected = """
                {"id":1,"name":"Ann","email":"Ann@Example.com","role":"agent","status":"invited","last_login_at":null,\
                "created_at":"2026-09-21T14:13:20+00:00","updated_at":"2026-09-21T14:13:20+00:00"}
                """
            #expect(try bench.data("/users", #"{"name": "Ann", "email": " Ann@Example.com "}"#).minified == expected)
            for (number, role) in ["admin", "manager", "agent", "read_only"].enumerated() {
                let body = #"{"name": "B", "email": "b\#(number)@example.com", "role": "\#(role)", "status": "active"}"#
                let user = try bench.data("/users", body)
                #expect(user["role"] == .string(role))
                #expect(user["status"] == "active")
            }
        }
    }

    // MARK: - The address

    @Test func keepsItsAddress() throws {
        try Workbench.run { bench in
            _ = try bench.data("/users", #"{"name": "Ann", "email": "Ann@Example.com"}"#)
            let contents = try bench.contents()
            for email in [#""other@example.com""#, #""ann@example.com""#, "null", #""""#, "5", #""x""#] {
                let answer = try bench.ask(.patch, "/users/1", "{\"name\": \"B\", \"email\": \(email)}")
                #expect(answer.status == 422, "\(email)")
                #expect(answer["errors"]?.minified == #"{"email":["The email field cannot be changed."]}"#)
            }
            #expect(try bench.contents() == contents)
            for email in ["Ann@Example.com", " Ann@Example.com\\n"] {
                let answer = try bench.ask(.put, "/users/1", "{\"name\": \"B\", \"email\": \"\(email)\"}")
                #expect(answer.status == 200, "\(answer.text)")
                #expect(answer["data", "email"] == "Ann@Example.com")
            }
        }
    }

    @Test(arguments: [
        "ann", "ann@example", "@example.com", "a b@example.com", "a@b@example.com", "a\\u0000@example.com",
    ])
    func needsAnAddress(email: String) throws {
        try Workbench.run { bench in
            let answer = try bench.ask(.post, "/users", "{\"name\": \"Ann\", \"email\": \"\(email)\"}")
            #expect(answer.status == 422)
            let rule = email.contains("\\u") ? "not contain control characters." : "be a valid email address."
            #expect(answer["errors"]?.minified == "{\"email\":[\"The email field must \(rule)\"]}")
            #expect(try bench.number("SELECT count(*) FROM workspace_user") == 0)
        }
    }

    @Test func isFoundByNameAndAddress() throws {
        try Workbench.run { bench in
            _ = try bench.data("/users", #"{"name": "Zoë", "email": "first@example.com"}"#)
            _ = try bench.data("/users", #"{"name": "Adam", "email": "Müller@example.org"}"#)
            for (search, names) in [
                ("ZOE", ["Zoë"]), ("example", ["Adam", "Zoë"]), ("FIRST@", ["Zoë"]), ("mÜller", ["Adam"]),
                ("adam", ["Adam"]), ("none", []),
            ] {
                #expect(try bench.names("/users?search=\(search.escaped)") == names, "\(search)")
            }
        }
    }

    // MARK: - Suspended

    @Test func isAssignedToNoLeadWhileSuspended() throws {
        try Workbench.run { bench in
            _ = (try bench.user("a@example.com"), try bench.user("b@example.com"))
            _ = try bench.lead(#"{"first_name": "A", "assigned_user_id": 1}"#)
            _ = try bench.lead(#"{"first_name": "B"}"#)
            let suspended = try bench.ask(.patch, "/users/1", #"{"status": "suspended"}"#)
            #expect(suspended["data", "status"] == "suspended")
            try expectNotAssignable(bench)
            try expectLeadKeepsItsUser(bench)
            #expect(try bench.ask(.patch, "/users/1", #"{"status": "active"}"#).status == 200)
            #expect(try bench.send(.patch, lead: 2, "", #"{"assigned_user_id": 1}"#).status == 200)
        }
    }

    // MARK: - Deleted

    @Test func leavesItsIdWithItsLeadsWhenDeleted() throws {
        try Workbench.run { bench in
            _ = (try bench.user("a@example.com"), try bench.user("b@example.com"))
            _ = try bench.lead(#"{"first_name": "A", "assigned_user_id": 1}"#)
            _ = try bench.lead(#"{"first_name": "B"}"#)
            #expect(try bench.ask(.delete, "/users/1").status == 204)
            let users = try bench.ask(.get, "/users")
            #expect(users.ids == [2])
            #expect(users["meta", "total"] == 1)
            #expect(try bench.ask(.get, "/users?search=a%40example").ids == [])
            #expect(try bench.ask(.get, "/users/1").status == 404)
            try expectNotAssignable(bench)
            try expectLeadKeepsItsUser(bench)

            // The address is free again; a new user of it is another one.
            let again = try bench.data("/users", #"{"name": "A", "email": "A@example.com"}"#)
            #expect(again["id"] == 3)
            #expect(try bench.record(1)["assigned_user_id"] == 1)
            #expect(try bench.ask(.delete, "/users/3").status == 204)
            #expect(try bench.data("/users", #"{"name": "A", "email": "a@example.com"}"#)["id"] == 4)
        }
    }

    private func expectNotAssignable(_ bench: Workbench) throws {
        let contents = try bench.contents()
        let errors = #"{"assigned_user_id":["The selected assigned user id is invalid."]}"#
        let new = try bench.ask(.post, "/leads", #"{"first_name": "C", "assigned_user_id": 1}"#)
        let other = try bench.send(.patch, lead: 2, "", #"{"assigned_user_id": 1}"#)
        for answer in [new, other] {
            #expect(answer.status == 422)
            #expect(answer["errors"]?.minified == errors)
        }
        #expect(try bench.contents() == contents)
    }

    /// The lead 1 keeps the user 1, also when all that was read is sent back; once it has let go, it does not get the
    /// user again.
    private func expectLeadKeepsItsUser(_ bench: Workbench) throws {
        #expect(try bench.found("assigned_user_id=1") == [1])
        let read = try bench.record(1)
        #expect(read["assigned_user_id"] == 1)
        let changed = read.replacing([("last_name", "Changed")])
        let answer = try bench.send(.put, lead: 1, "", changed.minified, now: Self.later)
        #expect(answer.status == 200, "\(answer.text)")
        #expect(answer["data", "last_name"] == "Changed")
        #expect(answer["data", "assigned_user_id"] == 1)
        let undo = read.minified
        #expect(try bench.send(.put, lead: 1, "", undo).status == 200)
        let (kept, counted) = try bench.counts()
        #expect(kept == counted)
    }
}
