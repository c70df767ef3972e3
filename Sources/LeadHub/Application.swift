import Foundation
import GRDB
import HTTP
import HTTPTypes
import Logging
import RateLimit
import Store

/// The API: takes a request, gives the answer. One for each worker.
package final class Application {
    private let connection: Connection
    private let counters: CounterTable
    private let settings: Settings
    private let log: Logger
    private let secrets: Result<Secrets, SecretsError>
    private let routes = RouteTable()

    package init(connection: Connection, counters: CounterTable, settings: Settings, log: Logger) {
        self.connection = connection
        self.counters = counters
        self.settings = settings
        self.log = log
        secrets = Secrets.read(settings.secretKeyFile)
        if case .failure(let error) = secrets {
            log.warning("secrets can be neither kept nor used: \(error); \(SecretsError.advice)")
        }
        connection.database.add(function: .unsealed(by: secrets, log))
        connection.database.add(function: .folded)
    }

    /// How long the database may work for one request.
    private static let databaseTime = Duration.seconds(5)

    /// False once this process must answer no more: what it wrote may not be on the disk.
    package var isFit: Bool { !connection.isUnsynced }

    /// The whole way of a request; an error is made into an answer here and nowhere else. `now` is in Unix
    /// seconds.
    package func respond(to request: Request, now: Int64) -> Response {
        let began = ContinuousClock.now
        connection.limit(to: Application.databaseTime)
        var trail = Trail()
        var response: Response
        do {
            response = try answer(request, now: now, &trail)
        } catch {
            response = refusal(error, &trail).response
        }
        // Also an answer that wrote nothing may vouch for what another worker has committed and not yet
        // synced: a refusal, a duplicate, a record already gone.
        if !request.isSafe {
            do { try connection.sync() } catch { response = refusal(error, &trail).response }
        }
        finish(&response, request, trail, now: now)
        settings.crossOrigin.allow(&response, to: request)
        write(trail, response, request, took: began.duration(to: .now))
        return response
    }

    private func answer(_ request: Request, now: Int64, _ trail: inout Trail) throws -> Response {
        let match = Result { () throws(HTTPError) in try routes.match(request.target) }
        if let allow = try? match.get().allow, let preflight = settings.crossOrigin.preflight(request, allow: allow) {
            return preflight
        }
        let principal = try authenticate(request, try? match.get(), now: now)
        trail.principal = principal
        if principal.keyID > 0 { try count(principal, now: now, &trail) }

        let found = try match.get()
        if request.method == .options && !found.routes.isEmpty {
            return Response(status: .noContent, fields: [.allow: found.allow])
        }
        let route = try found.route(for: request.method)
        trail.route = route
        guard route.isOpen(to: principal.grants) else {
            throw HTTPError.forbidden(missing: route.scopes.map(\.rawValue).joined(separator: " or "))
        }
        let call = Call(
            request: request, route: route, values: found.values, principal: principal, connection: connection,
            origin: settings.baseURL ?? request.origin ?? "http://localhost", secrets: secrets, now: now,
        )
        return try route.isInbound ? route.handler(call) : call.once(route.handler)
    }

    /// By the key that came, or where the path needs none by the token in it.
    private func authenticate(_ request: Request, _ match: RouteTable.Match?, now: Int64) throws -> Principal {
        guard let match, match.isOpen else {
            guard let token = request.bearerToken,
                let principal = try Principal.find(token: token, connection.database, now: now)
            else { throw HTTPError.unauthorized }
            return principal
        }
        guard let token = match.values["token"] else { return .anyone }
        // A method that the path does not take is refused before the token is looked up.
        if request.method != .options { _ = try match.route(for: request.method) }
        guard let principal = try Principal.find(address: token, connection.database, now: now) else {
            throw HTTPError.unknownAddress
        }
        return principal
    }

    private func count(_ principal: Principal, now: Int64, _ trail: inout Trail) throws {
        let verdict = try counters.count(key: principal.keyID, limit: principal.rateLimit, now: now)
        trail.verdict = verdict
        guard verdict.isAllowed else {
            throw HTTPError.rateLimited(retryAfter: max(1, verdict.resetsAt - now))
        }
    }

    /// What the client is told of an error, and what the log is told beside.
    private func refusal(_ error: any Error, _ trail: inout Trail) -> HTTPError {
        switch error {
        case let error as HTTPError:
            return error
        case StoreError.busy:
            trail.failure = "\(error)"
            return .serviceUnavailable("The server is busy; the request was not carried out.")
        case StoreError.unsynced:
            trail.failure = "\(error)"
            return .serviceUnavailable("The disk failed; whether the request was carried out is not known.")
        case let error as SecretsError:
            trail.failure = "\(error)"
            return .serviceUnavailable("The server has no key that fits its secrets; the request was not carried out.")
        case let error as DatabaseError:
            trail.failure = Explanation.text(error)
            return HTTPError(error)
        case is StoreError, is CounterError:
            trail.failure = "\(error)"
            return .serviceUnavailable("The server cannot reach its files; the request was not carried out.")
        default:
            trail.failure = "\(error)"
            return .serverError
        }
    }

    private func finish(_ response: inout Response, _ request: Request, _ trail: Trail, now: Int64) {
        response.fields[.xRequestID] = request.id
        if trail.route?.scope != nil || trail.principal?.workspaceID ?? 0 > 0 || response.status == .unauthorized {
            response.fields[.cacheControl] = "private, no-cache"
        }
        if let verdict = trail.verdict { response.fields.append(verdict, now: now) }
    }

    /// One line for each request, at its end: never a token, a body, a query or a personal datum.
    private func write(_ trail: Trail, _ response: Response, _ request: Request, took: Duration) {
        let level: Logger.Level = response.status.code >= 500 ? .error : .info
        log.log(level: level, "request", metadata: trail.metadata(response, request, took: took))
    }
}

/// What is known of a request once it is answered, for its headers and its line in the log.
private struct Trail {
    var principal: Principal?
    var route: Route?
    var verdict: Verdict?
    /// Why it failed, for the log only.
    var failure: String?

    func metadata(_ response: Response, _ request: Request, took: Duration) -> Logger.Metadata {
        var metadata: Logger.Metadata = [
            "method": "\(request.method.rawValue)",
            "route": "\(route?.path ?? "-")",
            "status": .stringConvertible(Int64(response.status.code)),
            "microseconds": .stringConvertible(Int64(took / .microseconds(1))),
            "request_id": "\(request.id)",
        ]
        if let principal, principal.workspaceID > 0 {
            metadata["workspace"] = .stringConvertible(principal.workspaceID)
            if principal.keyID > 0 { metadata["key"] = .stringConvertible(principal.keyID) }
        }
        if let failure { metadata["failure"] = "\(failure)" }
        return metadata
    }
}

extension HTTPFields {
    /// The headers of the reference, and those of the IETF's draft (draft-ietf-httpapi-ratelimit-headers).
    fileprivate mutating func append(_ verdict: Verdict, now: Int64) {
        self[.xRateLimitLimit] = String(verdict.limit)
        self[.xRateLimitRemaining] = String(verdict.remaining)
        self[.xRateLimitReset] = String(verdict.resetsAt)
        self[.rateLimitPolicy] = "\"default\";q=\(verdict.limit);w=\(CounterTable.windowInSeconds)"
        self[.rateLimit] = "\"default\";r=\(verdict.remaining);t=\(Swift.max(0, verdict.resetsAt - now))"
    }
}
