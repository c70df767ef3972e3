import Foundation
import GRDB
import HTTP
import HTTPTypes
import Outgoing
import Store

/// Fetches what a lead says that Meta has announced by its id, and takes it in.
struct LeadFetch {
    let integration: Int64
    private let id: String
    private let announced: JSONObject
    private let job: Job.Lease

    /// Reads what `Job.add` has written; nil where it was not written by it.
    init?(_ job: Job.Lease) {
        guard case .number(let integration) = job.payload["integration_id"], let integration = Int64(integration),
            case .string(let id) = job.payload["id"], case .object(let announced) = job.payload["details"]
        else { return nil }
        (self.integration, self.id, self.announced, self.job) = (integration, id, announced, job)
    }

    /// Meta keeps what its leads say for about 90 days.
    private static let secondsUntilGivenUp: Int64 = 90 * 86_400

    /// Asks Meta, with no transaction open.
    ///
    /// - Parameters:
    ///   - secrets: what opens the access token.
    ///   - database: to be read.
    ///   - send: sends a request.
    ///   - clock: gives Unix seconds.
    /// - Returns: what writes that which came of it.
    /// - Throws: `JobFailure`, `OutgoingError.stopped`, `DatabaseError`.
    func perform(
        _ secrets: Result<Secrets, SecretsError>, _ database: Database,
        _ send: (OutgoingRequest) throws(OutgoingError) -> OutgoingAnswer, clock: () -> Int64,
    ) throws -> (Database) throws -> Void {
        guard let source = try source(secrets, database) else { return { _ in } }
        let answer = try answer(to: request(source), send)
        let object = try GraphAnswer.lead(answer)
        let entry = entry(of: FacebookLeadAds.fetched(answer.body, id, announced), now: clock())
        do {
            let announced = JSONValue.object(JSONObject([("leadgen_id", .string(id))] + announced))
            let lead = JSONObject(Array(object.without("announced")) + [("announced", announced)])
            let take = try Inbound.taking(FacebookLeadAds.lead(lead), from: source, entry)
            return { _ = try take($0) }
        } catch let error as HTTPError where error.status.kind == .clientError {
            return { try refuse(entry, error.text, $0) }
        }
    }

    /// Lets the lead wait, and says why where its integration is looked at; or gives it up, where Meta has it no more.
    func fail(_ failure: JobFailure, _ database: Database, now: Int64) throws {
        guard now - job.createdAt < LeadFetch.secondsUntilGivenUp else {
            try job.finish(database)
            let body = FacebookLeadAds.announcing(id, announced)
            return try refuse(entry(of: Array(body.minified.utf8), now: now), "Given up: \(failure.reason)", database)
        }
        let wait = Backoff.wait(after: job.attempt, retryAfter: failure.retryAfter, jitter: .random(in: 0...1))
        try job.postpone(to: now + wait, error: failure.reason, database)
        if failure.isGeneral { try job.postponeOthers(of: integration, to: now + wait, database) }
        try Integration.note(failure: failure.reason, integration, workspace: job.workspace, database)
    }

    /// - Returns: nil where the integration is gone.
    private func source(
        _ secrets: Result<Secrets, SecretsError>, _ database: Database,
    ) throws -> Integration.Source? {
        do {
            let source = try Integration.source(integration, workspace: job.workspace, secrets, database)
            guard source.isActive else { throw JobFailure("The integration is switched off.") }
            return source
        } catch let error as HTTPError where error.status == .notFound {
            return nil
        } catch is SecretsError {
            throw JobFailure("The access token cannot be read: the server has no key that fits its secrets.")
        }
    }

    /// The token goes into a header, where no log of a proxy or server keeps it. Meta's own pages show it so, as at
    /// https://developers.facebook.com/documentation/business-messaging/whatsapp/embedded-signup/onboarding-customers-as-a-solution-partner/
    private func request(_ source: Integration.Source) throws(JobFailure) -> OutgoingRequest {
        guard case .string(let base) = source.config["graph_url"],
            case .string(let token) = source.config["access_token"],
            let node = id.addingPercentEncoding(withAllowedCharacters: .alphanumerics)
        else { throw JobFailure("The integration has no access token.") }
        let address = base.hasSuffix("/") ? String(base.dropLast()) : base
        return OutgoingRequest(
            .get, "\(address)/\(node)?\(FacebookLeadAds.query)",
            fields: [("Authorization", "Bearer \(token)"), ("Accept", "application/json")],
        )
    }

    private func answer(
        to request: OutgoingRequest, _ send: (OutgoingRequest) throws(OutgoingError) -> OutgoingAnswer,
    ) throws -> OutgoingAnswer {
        do {
            return try send(request)
        } catch .stopped {
            throw OutgoingError.stopped
        } catch {
            throw JobFailure("Meta could not be asked: \(error).", isGeneral: error != .tooLong)
        }
    }

    /// What came, as the ledger keeps it.
    private func entry(of body: [UInt8], now: Int64) -> Inbound.Entry {
        let request = Request(
            method: .post, target: Target(""), fields: [.contentType: "application/json"], body: .complete(body),
            id: "job-\(job.id)",
        )
        return Inbound.Entry(workspace: job.workspace, way: .integration(integration), request: request, now: now)
    }

    private func refuse(_ entry: Inbound.Entry, _ reason: String, _ database: Database) throws {
        try entry.keep(.refused, error: reason, database)
        try Integration.note(integration, error: reason, entry, database)
    }
}

/// Why an attempt failed, in plain words for whoever owns the integration. No secret is in it, and nothing that a service
/// has said.
struct JobFailure: Error, Equatable {
    let reason: String
    /// Whether it would be the same for all leads of the integration.
    let isGeneral: Bool
    /// In seconds, where the service says.
    let retryAfter: Int64?

    init(_ reason: String, isGeneral: Bool = true, retryAfter: Int64? = nil) {
        (self.reason, self.isGeneral, self.retryAfter) = (reason, isGeneral, retryAfter)
    }
}

extension Integration {
    /// Shows what is wrong with it while nothing came.
    static func note(failure: String, _ id: Int64, workspace: Int64, _ database: Database) throws {
        let statement = try database.cachedStatement(
            sql: "UPDATE integration SET last_error = ? WHERE workspace_id = ? AND id = ?"
        )
        try statement.execute(arguments: [Text.first(1_000, of: failure), workspace, id])
    }
}
