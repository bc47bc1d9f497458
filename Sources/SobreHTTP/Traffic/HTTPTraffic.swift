import Metrics
public import SobreSettings
public import SobreWire

/// What a server has open and holds in memory for its clients, with the bounds of both kinds of callers.
///
/// A caller is known by a valid key, or, while no key exists, as a program on this machine. What providers, mail clients
/// and health checks call without a key is unknown until a signature proves otherwise, which needs the body. Unknown
/// callers have budgets of their own, so that they cannot use up what known ones need.
public final class HTTPTraffic: Sendable {
    let connections: ConnectionRegistry
    let refusals: Refusals
    let limits: HTTPLimits
    private let knownBodies: BodyBudget
    private let unknownBodies: BodyBudget
    private let unknownRequests: RequestGate
    private let factory: PrometheusFactory

    /// Makes the bounds of a server that has no connections yet.
    ///
    /// - Parameters:
    ///   - limits: the bounds.
    ///   - metrics: receives the number of connections, bodies and refusals.
    public init(limits: HTTPLimits, metrics: PrometheusFactory) {
        self.limits = limits
        factory = metrics
        refusals = Refusals(factory: metrics)
        connections = ConnectionRegistry(limits: limits, refusals: refusals)
        knownBodies = BodyBudget(bytes: limits.maxBufferedBytes)
        unknownBodies = BodyBudget(bytes: limits.maxUnknownBufferedBytes)
        unknownRequests = RequestGate(places: limits.maxUnknownRequests)
    }

    /// The present state.
    public var load: NodeCondition.HTTPLoad {
        let (all, unknown) = connections.counts
        return NodeCondition.HTTPLoad(
            connections: all, unknownConnections: unknown, bufferedBytes: knownBodies.inUse,
            unknownBufferedBytes: unknownBodies.inUse, refused: refusals.all)
    }

    /// Sets the gauges of `GET /metrics`.
    func showLoad() {
        let load = load
        set(
            "sobre_http_connections", known: load.connections - load.unknownConnections,
            unknown: load.unknownConnections)
        set("sobre_http_buffered_bytes", known: load.bufferedBytes, unknown: load.unknownBufferedBytes)
    }

    private func set(_ label: String, known: Int, unknown: Int) {
        for (caller, value) in [("known", known), ("unknown", unknown)] {
            Meter(label: label, dimensions: [("caller", caller)], factory: factory).set(value)
        }
    }

    func makeShare(isKnown: Bool) -> BodyShare {
        BodyShare(of: isKnown ? knownBodies : unknownBodies, free: limits.maxFormBytes)
    }

    /// Handles a complete request, of an unknown caller when its turn has come. One that has its turn keeps it: to wait
    /// for a second one could last for ever.
    func handle<Result>(_ context: APIContext, _ body: () async throws -> Result) async rethrows -> Result {
        if context.isKnown || context.hasTurn { return try await body() }
        let connection = connections.connection(of: context.channel)
        return try await unknownRequests.run {
            connection?.hasTurn = true
            defer { connection?.hasTurn = false }
            return try await body()
        }
    }
}
