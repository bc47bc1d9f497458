import SobreAdmission
import SobreIntake
public import SobreModel
import SobreNode
import SobreRendering
public import SobreStore
public import SobreSettings
public import SobreSimulation
import TerminalOutput

/// The input of a simulation: the requests, the recipients, and the two policies.
public struct SimulationInput: Sendable {
    public var log: RequestLog
    public var population: Population
    public var before: SimulatedPolicy
    public var after: SimulatedPolicy
    /// The channels that take a free text only for a while after the recipient's last message. Nil: none does, or the
    /// recipients' messages are not known.
    public var replyWindows: ReplyWindows?
    /// The number of requests with a repeated idempotency key.
    public var repeated = 0
    /// The number of invalid lines.
    public var leftOut = 0

    /// Reads requests and profiles from files.
    public static func file(
        _ path: String, profiles: String?, timezone: String?, settings: Settings, before: SimulatedPolicy,
        after: SimulatedPolicy
    ) throws -> SimulationInput {
        let catalogue = SimulationCatalogue(
            templates: try? settings.templateCatalogue(), before: before.policy,
            after: after.policy)
        var log = RequestLog()
        var requests = RequestFile(path, catalogue: catalogue)
        try requests.read(into: &log)
        log.seal()
        requests.problems.printErrors(in: path, consequence: "left out; the others are simulated.")
        var population = Population(
            missingProfiles: .reachable(timezone: timezone), maxAddressHolders: settings.store.maxAddressHolders)
        var input = SimulationInput(
            log: log, population: population, before: before, after: after, repeated: requests.repeated,
            leftOut: requests.problems.count)
        if let profiles {
            var people = ProfileFile(profiles)
            try people.read(into: &population, for: log)
            people.problems.printErrors(in: profiles, consequence: "left out.")
            input.population = population
            input.leftOut += people.problems.count
        }
        return input
    }

    /// Reads requests and recipients from a data directory.
    public static func recorded(
        _ reader: any StoreReader, settings: Settings, before: SimulatedPolicy, after: SimulatedPolicy
    ) async throws -> SimulationInput {
        let history = RecordedHistory(reader: reader)
        var log = RequestLog()
        try await history.requests(into: &log)
        log.seal()
        let population = try await history.people(of: log, maxAddressHolders: settings.store.maxAddressHolders)
        return SimulationInput(
            log: log, population: population, before: before, after: after,
            replyWindows: try settings.replyWindows())
    }

    /// Replays under both policies, in parallel on two threads.
    public func replayed(from: Instant?, to: Instant?, naming people: Int) async -> SimulationReport {
        let replay = Replay(
            log, population: population, conditions: AdmissionConditions(replyWindows: replyWindows),
            from: from ?? .distantPast, to: to ?? .distantFuture)
        async let old = Self.run(replay, under: before, isShown: false)
        async let new = Self.run(replay, under: after, isShown: true)
        return await SimulationReport(
            replay, before: (before.name, old), after: (after.name, new), naming: people, repeated: repeated)
    }

    @concurrent private static func run(_ replay: Replay, under policy: SimulatedPolicy, isShown: Bool) async -> Tally {
        guard isShown else { return replay.run(under: policy.policy) }
        var bar = ProgressBar("Simulating", total: replay.scope.requests)
        let tally = replay.run(under: policy.policy) { bar.update($0) }
        bar.clear()
        return tally
    }
}
