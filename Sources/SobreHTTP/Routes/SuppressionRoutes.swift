import HTTPTypes
import Hummingbird
import JSON
import SobreIntake
import SobreModel
import SobreSettings
import SobreStore
import SobreWire

/// `/v1/suppressions`: suppressions of recipients and addresses.
struct SuppressionRoutes: Sendable {
    let services: APIServices
    let limits: HTTPLimits
    let traffic: HTTPTraffic

    func add(administering: RouterGroup<APIContext>, reading: RouterGroup<APIContext>) {
        administering.post("suppressions", use: add)
        administering.delete("suppressions", use: lift)
        reading.get("suppressions", use: list)
        reading.get("suppressions/history", use: history)
    }

    /// Adds one suppression, or an array of them (all or none), or NDJSON (line by line). They are in force from the
    /// next decision on.
    @Sendable private func add(_ request: Request, _ context: APIContext) async throws -> Response {
        if try request.bodyForm() == .ndjson {
            let now = services.clock.now()
            return try await request.batch(limits, services.intake.limits, traffic, context) { lines in
                await services.intake.takeSuppressions(lines, now: now)
            } json: { _ in
                []
            }
        }
        let depth = services.intake.limits.maxDepth
        let now = services.clock.now()
        let suppressions = try await request.withJSON(upTo: limits.maxBodyBytes, depth: depth, traffic, context) {
            ref in
            do {
                return try await services.intake.takeSuppressions(ref, now: now)
            } catch let problem as IntakeProblem { throw Problem(problem) }
        }
        return .json(.created) { write(suppressions, to: &$0) }
    }

    /// The newest suppressions: all, or those of an address, or those of a recipient with its addresses.
    @Sendable private func list(_ request: Request, _ context: APIContext) async throws -> Response {
        let query = try QueryReader(request, known: ["recipient", "channel", "address", "limit", "before"])
        let limit = try query.int("limit", default: 100, in: 1...1_000)
        let before = try query.text("before").map { text throws(Problem) in
            guard let place = SuppressionPlace(cursor: text) else {
                throw QueryReader.problem(
                    "before", "\"before\" is not a cursor of this list.", "\"next_before\" of a page")
            }
            return place
        }
        let subject = try filter(query)
        var subjects = subject.map { [$0.keyHash] }
        if let id = query.text("recipient") {
            // Those of the recipient's addresses stop messages to the recipient as well.
            for address in try await services.store.profile(id)?.addresses ?? [] {
                if subject?.scope == nil || address.channel == subject?.scope { subjects?.append(address.subject) }
            }
        }
        let found = try await services.store.suppressions(of: subjects, before: before, limit: limit)
        return .json { write(found, next: found.count == limit ? found.last : nil, to: &$0) }
    }

    /// The history of suppressions, newest first, of a recipient, an address, or all.
    @Sendable private func history(_ request: Request, _ context: APIContext) async throws -> Response {
        let query = try QueryReader(request, known: ["recipient", "channel", "address", "before", "limit"])
        let limit = try query.int("limit", default: 100, in: 1...1_000)
        let before = try query.sequence("before")
        let subject = try filter(query)?.keyHash
        let records = try await services.store.suppressionHistory(of: subject, before: before, limit: limit)
        return .json { writer in
            writer.object { writer in
                writer.key("history")
                writer.array { writer in for record in records { Wire.write(record, to: &writer) } }
                if records.count == limit, let last = records.last {
                    writer.key("next_before")
                    writer.value(last.sequence)
                }
            }
        }
    }

    /// Lifts the suppressions of a recipient or an address, for one channel and category or for all. `source` and
    /// `evidence` are recorded in the history. With `addresses=true` those of the recipient's addresses are lifted too;
    /// without, the answer lists them, because they still stop messages to the recipient.
    @Sendable private func lift(_ request: Request, _ context: APIContext) async throws -> Response {
        let query = try QueryReader(
            request, known: ["recipient", "channel", "address", "category", "source", "evidence", "addresses"])
        let includesAddresses = try query.flag("addresses")
        let subject = try subject(query)
        let word = SuppressionLifting(
            source: try query.text("source", atMost: services.intake.limits.maxNameBytes) ?? "api",
            at: services.clock.now(),
            evidence: try query.text("evidence", atMost: services.intake.limits.maxEvidenceBytes))
        let lifted = try await services.store.lift(
            subject, category: query.text("category"), includingAddresses: includesAddresses, by: word)
        var left: [Suppression] = []
        if let id = subject.recipient {
            left = try await services.store.addressSuppressions(of: id, on: subject.scope).flatMap(\.suppressions)
        }
        return .json { writer in
            writer.object { writer in
                writer.key("lifted")
                writer.value(lifted)
                guard !left.isEmpty else { return }
                writer.key("addresses")
                writer.array { writer in for suppression in left { Wire.write(suppression, to: &writer) } }
            }
        }
    }

    /// The subject of a list; nil: everybody's suppressions are asked for.
    private func filter(_ query: QueryReader) throws(Problem) -> SuppressionSubject? {
        let isOfChannel = try channel(query) != nil
        let isFiltered = isOfChannel || query.text("recipient") != nil || query.text("address") != nil
        return isFiltered ? try subject(query) : nil
    }

    private func channel(_ query: QueryReader) throws(Problem) -> Channel? {
        try query.choice("channel", known: Channel.names) { Channel(name: $0.lowercased()) }
    }

    private func subject(_ query: QueryReader) throws(Problem) -> SuppressionSubject {
        let channel = try channel(query)
        do {
            return try SuppressionSubject(
                recipient: query.text("recipient"), channel: channel, address: query.text("address"))
        } catch { throw Problem(error) }
    }

    private func write(_ suppressions: [Suppression], next: Suppression? = nil, to writer: inout JSONWriter) {
        writer.object { writer in
            writer.key("suppressions")
            writer.array { writer in for suppression in suppressions { Wire.write(suppression, to: &writer) } }
            writer.member("next_before", ifPresent: next.map { SuppressionPlace(of: $0).cursor })
        }
    }
}
