import HTTP
import HTTPTypes

/// What the API says of itself: a document for programs, and a page for people.
enum Documentation: Resource {
    static let routes: [Route] = [
        Route(
            .get, "/openapi.json", nil, "Get the OpenAPI document", about: "This document, in OpenAPI 3.1.",
            parameters: nil, gives: .document("application/json"),
        ) { call in
            answer(call, Document.json(origin: call.origin), "application/json; charset=utf-8")
        },
        Route(
            .get, "/docs", nil, "Read the documentation", about: "This document as a page for people.",
            parameters: nil, gives: .document("text/html"),
        ) { call in
            answer(
                call, DocumentationPage.html(origin: call.origin), "text/html; charset=utf-8",
                [.contentSecurityPolicy: DocumentationPage.contentSecurityPolicy, .xContentTypeOptions: "nosniff"],
            )
        },
    ]

    /// The same bytes as long as the program is the same, so that a client that has them is told so.
    private static func answer(_ call: Call, _ body: [UInt8], _ type: String, _ more: HTTPFields = [:]) -> Response {
        let entityTag = EntityTag.of(body)
        var fields = more
        fields[.eTag] = entityTag
        fields[.cacheControl] = "no-cache"
        if call.request.alreadyHas(entityTag) { return Response(status: .notModified, fields: fields) }
        var response = Response(status: .ok, fields: fields, json: body)
        response.fields[.contentType] = type
        return response
    }
}
