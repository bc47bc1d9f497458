import Logging
import ServiceLifecycle
import SobreHTTP
import SobreIntake
import SobreModel
import SobreSQLite
import SobreSettings
import SobreStore
import SobreStoreConformance

/// A server on a free port with its own store.
struct TestServer: Sendable {
    let client: RawClient
    let store: SQLiteStore
    let metrics: PrometheusFactory
    /// The address that the server listens on.
    let host: String
    let group: ServiceGroup
    /// The server's keys for unsubscribe links.
    static let links = LinkKeys(secrets: [Array("new".utf8), Array("old".utf8)])

    /// Runs `body` while a server is running, then stops the server gracefully and waits for its end.
    static func run(
        limits: HTTPLimits = HTTPLimits(), host: String = "127.0.0.1", port: Int = 0,
        intakeLimits: IntakeLimits = IntakeLimits(), storeLimits: StoreLimits = StoreLimits(),
        keys: [APIKeyRecord] = [], dryRun: DryRun? = nil, receipts: (any ReceiptRegistry)? = nil,
        _ body: (TestServer) async throws -> Void
    ) async throws {
        try await withTemporaryDirectory { directory in
            try await run(
                in: directory, limits: limits, host: host, port: port, intakeLimits: intakeLimits,
                storeLimits: storeLimits,
                keys: keys,
                dryRun: dryRun, receipts: receipts, body)
        }
    }

    private static func run(
        in directory: String, limits: HTTPLimits, host: String, port: Int, intakeLimits: IntakeLimits,
        storeLimits: StoreLimits,
        keys: [APIKeyRecord], dryRun: DryRun?, receipts: (any ReceiptRegistry)?,
        _ body: (TestServer) async throws -> Void
    ) async throws {
        let store = try SQLiteStore.open(
            directory: directory, configuration: SQLiteConfiguration(limits: storeLimits))
        for key in keys { try await store.add(key: key) }
        let metrics = PrometheusFactory()
        let (addresses, continuation) = AsyncStream<(String, Int)>.makeStream()
        var logger = Logger(label: "test")
        logger.logLevel = .critical
        let server = HTTPServer(
            settings: .init(host: host, port: port, limits: limits),
            services: APIServices(
                intake: Intake(store: store, catalogue: TestCatalogue(), limits: intakeLimits), store: store,
                dryRun: dryRun, metrics: metrics, receipts: receipts,
                optOuts: OptOuts(store: store, keys: links, time: SystemTime()) {
                    OptOutTerms(keywords: OptOutKeywords(adding: ["Kein SMS"]))
                }),
            logger: logger
        ) { host, port in continuation.yield((host, port)) }
        let group = ServiceGroup(configuration: .init(services: [server], logger: logger))
        let running = Task {
            defer { continuation.finish() }
            try await group.run()
        }
        var iterator = addresses.makeAsyncIterator()
        guard let (boundHost, port) = await iterator.next() else {
            try await running.value
            throw RawClient.Failure(description: "the server did not start")
        }
        let test = TestServer(
            client: RawClient(port: port), store: store, metrics: metrics, host: boundHost, group: group)
        let result: Result<Void, any Error>
        do {
            try await body(test)
            result = .success(())
        } catch {
            result = .failure(error)
        }
        await group.triggerGracefulShutdown()
        try await running.value
        await store.close()
        try result.get()
    }
}

struct TestCatalogue: IntakeCatalogue {
    func template(_ name: String) -> TemplateDefaults? {
        switch name {
        case "order-confirmed":
            TemplateDefaults(channels: [.email, .sms], category: "transactional", campaign: "order-confirmed")
        case "thank-you": TemplateDefaults(channels: [.push, .email])
        default: nil
        }
    }

    var templateNames: [String] { ["order-confirmed", "thank-you"] }
    var categories: [String] { [] }
    func capFlags(of category: String) -> (obeys: Bool, counts: Bool) { (true, true) }
}
