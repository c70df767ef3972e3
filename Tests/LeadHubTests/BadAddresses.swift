import HTTP
import HTTPTypes
import Testing

@testable import LeadHub

/// Addresses that lead nowhere and queries that will not do; `BadInputTests` asks them.
enum BadAddresses {
    typealias Case = BadInputTests.Case

    private static let nothing = "There is nothing at this path."
    private static let noRecord = "The requested record does not exist."
    private static let broken = "The address holds a broken percent-escape or a byte that must be escaped."

    private static let routes: [(method: HTTPRequest.Method, more: String)] = [
        (.get, ""), (.head, ""), (.put, ""), (.patch, ""), (.delete, ""), (.get, "/activities"), (.post, "/tags"),
        (.delete, "/tags/vip"),
    ]

    /// What names no lead of the workspace, what is no id, and what is no address.
    private static let absent = ["2", "3", "4", "99", "9223372036854775807"]
    private static let odd = [
        "0", "-1", "+1", "01", "1.0", "1e0", "0x1", "9223372036854775808", "99999999999999999999", "one", "%EF%BC%91",
        "%D9%A1", "1%20", "%201", "1%00", "1;2", "1,3", "1'%20OR%20'1'='1", "*", "null", "1%0D%0AX:%20y",
    ]
    private static let bad = ["%", "1%", "%3", "%GG", "%FF", "%C0%B1", "%ED%A0%80", "%F4%90%80%80", "é"]

    private static let ids = routes.flatMap { route in
        let said = absent.map { ($0, 404, noRecord) } + odd.map { ($0, 404, nothing) } + bad.map { ($0, 400, broken) }
        let body = route.more == "/tags" ? #"{"tag": "x"}"# : #"{"first_name": "X"}"#
        return said.map { Case(route.method, "/leads/\($0.0)\(route.more)", body, $0.1, $0.2) }
    }

    private static let elsewhere: [Case] = [
        Case(.get, "/leads/", 404, nothing), Case(.get, "//leads", 404, nothing), Case(.get, "/./leads", 404, nothing),
        Case(.get, "/leads/../leads", 404, nothing), Case(.get, "/leads%2F1", 404, nothing),
        Case(.get, "/Leads", 404, nothing), Case(.get, "/leads/1/", 404, nothing),
        Case(.get, "/leads/1/tag", 404, nothing), Case(.delete, "/leads/1/tags/a/b", 404, nothing),
        Case(.delete, "/leads/1/tags/%2E", 404, nothing), Case(.get, "/leads.json", 404, nothing),
        Case(.delete, "/leads", 405, method), Case(.put, "/leads", "{}", 405, method),
        Case(.post, "/leads/1", "{}", 405, method), Case(.get, "/leads/1/tags", 405, method),
        Case(.put, "/leads/1/tags", "{}", 405, method), Case(.delete, "/leads/1/tags", 405, method),
        Case(.get, "/leads/1/tags/vip", 405, method), Case(.post, "/leads/1/activities", "{}", 405, method),
        Case(.trace, "/leads", 405, method),
    ]

    static let paths = ids + elsewhere

    private static let method = "This path does not take that method."

    /// A query, the parameter that will not do, and why.
    private static let parameters: [(query: String, name: String, rule: String)] = [
        ("page=0", "page", "field must be at least 1."),
        ("page=-9223372036854775809", "page", "field must be at least 1."),
        ("page=1.5", "page", "field must be an integer."), ("page=0x1", "page", "field must be an integer."),
        ("page=1%00", "page", "field must be an integer."), ("page=%D9%A1", "page", "field must be an integer."),
        ("page=NaN", "page", "field must be an integer."),
        ("page=1;DROP%20TABLE%20lead", "page", "field must be an integer."),
        ("page[]=1", "page[]", "parameter is unknown."), ("page=1&page=2", "page", "parameter comes more than once."),
        ("per_page=-5", "per_page", "field must be at least 1."),
        ("per_page=all", "per_page", "field must be an integer."),
        ("pipeline_id=0", "pipeline_id", "field must be at least 1."),
        ("stage_id=x", "stage_id", "field must be an integer."),
        ("assigned_user_id=null", "assigned_user_id", "field must be an integer."),
        ("assigned_user_id=1,2", "assigned_user_id", "field must be an integer."),
        ("starred=1", "starred", "field must be true or false."),
        ("starred=TRUE", "starred", "field must be true or false."),
        ("starred=", "starred", "field must be true or false."),
        ("created_after=yesterday", "created_after", "field must be a valid date."),
        ("created_after=2026-02-30", "created_after", "field must be a valid date."),
        ("created_before=2026-01-01T25:00:00Z", "created_before", "field must be a valid date."),
        ("updated_after=1790000000", "updated_after", "field must be a valid date."),
        ("updated_before=", "updated_before", "field must be a valid date."),
        ("email=x", "email", "field must be a valid email address."), ("email=", "email", "field is required."),
        ("phone=123", "phone", "field must have at least 5 digits."), ("company=%20", "company", "field is required."),
        ("tag=", "tag", "field is required."), ("tag=a%00", "tag", "field must not contain control characters."),
        ("search=", "search", "field is required."), ("search=a", "search", "field must be at least 2 characters."),
        ("search=%F0%9F%94%A5", "search", "field must be at least 2 characters."),
        ("search=ab%00", "search", "field must not contain control characters."),
        ("search=a%0D%0Ab", "search", "field must not contain control characters."),
        ("search=ab&search=cd", "search", "parameter comes more than once."),
        ("source=,", "source", "field is required."), ("custom_fields=a", "custom_fields", "parameter is unknown."),
        ("custom_fields[a]=1&custom_fields[a]=2", "custom_fields[a]", "parameter comes more than once."),
        ("Status=new", "Status", "parameter is unknown."), ("id=1", "id", "parameter is unknown."),
        ("limit=5", "limit", "parameter is unknown."), ("tags=vip", "tags", "parameter is unknown."),
        ("%27%20OR%201=1", "' OR 1", "parameter is unknown."),
        ("cursor=x&page=1", "cursor", "field cannot be used together with page."),
    ]

    private static let choices: [(query: String, name: String)] = [
        ("sort=id", "sort"), ("sort=created_at%20DESC;--", "sort"), ("sort=(SELECT%201)", "sort"),
        ("direction=sideways", "direction"),
        ("status=open", "status"), ("status=new,%27", "status"), ("cursor=x", "cursor"),
        ("cursor=%F0%9F%94%A5", "cursor"),
        ("cursor=W10", "cursor"), ("cursor=WyIiLDEsMV0", "cursor"),
        ("cursor=" + String(repeating: "A", count: 5_000), "cursor"),
    ]

    private static let escapes = [
        "%", "search=%", "search=%2", "search=%zz", "search=%FF", "search=%C0%AF", "custom_fields[%]=1", "é=1",
    ]

    private static let others: [Case] = [
        Case(.post, "/leads?x=1", #"{"first_name": "A"}"#, 422, said("x", "parameter is unknown.")),
        Case(.get, "/leads/1?include=tags", 422, said("include", "parameter is unknown.")),
        Case(.put, "/leads/1?page=1", "{}", 422, said("page", "parameter is unknown.")),
        Case(.patch, "/leads/1?%", "{}", 400, broken),
        Case(.delete, "/leads/1?force=true", 422, said("force", "parameter is unknown.")),
        Case(.post, "/leads/1/tags?tag=a", #"{"tag": "a"}"#, 422, said("tag", "parameter is unknown.")),
        Case(.delete, "/leads/1/tags/vip?all", 422, said("all", "parameter is unknown.")),
        Case(.get, "/leads/1/activities?sort=id", 422, said("sort", "parameter is unknown.")),
    ]

    static let queries: [Case] = {
        let byRule = parameters.map { Case(.get, "/leads?\($0.query)", 422, said($0.name, $0.rule)) }
        let byChoice = choices.map { item in
            Case(.get, "/leads?\(item.query)", 422, "{\"\(item.name)\":[\"The selected \(item.name) is invalid.\"]}")
        }
        let byEscape = escapes.map { Case(.get, "/leads?\($0)", 400, broken) }
        return byRule + byChoice + byEscape + others
    }()

    private static func said(_ name: String, _ rule: String) -> String {
        "{\"\(name)\":[\"The \(name.replacing("_", with: " ")) \(rule)\"]}"
    }
}
