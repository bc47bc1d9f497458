import Hummingbird
import Logging
import SobreSettings
import SobreWire

/// Builds the router: the routes and the middleware for metrics, problems and API keys.
struct APIRouter {
    let services: APIServices
    let limits: HTTPLimits
    let keys: KeyRing
    let traffic: HTTPTraffic
    let logger: Logger

    func make() -> Router<APIContext> {
        // Whatever answers GET answers HEAD (RFC 9110 §9.3.2); health checks of many load balancers ask so.
        let router = Router(context: APIContext.self, options: .autoGenerateHeadEndpoints)
        router.add(middleware: RequestMetrics(factory: services.metrics))
        router.add(middleware: RequestID())
        let table = RouteTable()
        router.add(middleware: ProblemMiddleware(limits: limits, routes: table))
        let sending = group(router, .enqueue)
        let reading = group(router, .read)
        let administering = group(router, .admin)
        MessageRoutes(services: services, limits: limits, traffic: traffic).add(sending: sending, reading: reading)
        QueueRoutes(services: services, limits: limits, traffic: traffic).add(reading: reading)
        AuditRoutes(services: services).add(administering: administering)
        StateOrderRoutes(services: services, limits: limits, traffic: traffic).add(administering: administering)
        ProfileRoutes(services: services, limits: limits, traffic: traffic).add(
            sending: sending, reading: reading, administering: administering)
        ConsentRoutes(services: services, limits: limits, traffic: traffic).add(sending: sending, reading: reading)
        let rejections = ReceiptRejections(factory: services.metrics, logger: logger)
        InboundRoutes(services: services, limits: limits, keys: keys, traffic: traffic, rejections: rejections).add(
            open: open(router).group("v1"), reading: reading)
        UnsubscribeRoutes(services: services, limits: limits, traffic: traffic).add(open: open(router))
        LogRoutes(services: services, followers: FollowerGate(limit: limits.maxFollowers)).add(reading: reading)
        DecisionRoutes(services: services, limits: limits, traffic: traffic).add(reading: reading)
        SuppressionRoutes(services: services, limits: limits, traffic: traffic).add(
            administering: administering, reading: reading)
        PauseRoutes(services: services, limits: limits, traffic: traffic, logger: logger).add(
            administering: administering, reading: reading)
        SourceRoutes(services: services).add(reading: reading)
        EventRoutes(services: services, logger: logger).add(administering: administering, reading: reading)
        KeyRoutes(services: services, limits: limits, keys: keys, traffic: traffic).add(administering: administering)
        ReceiptRoutes(
            services: services, limits: limits, keys: keys, traffic: traffic, rejections: rejections
        ).add(open: open(router).group("v1"), reading: reading)
        ReceiptReplayRoutes(services: services).add(administering: administering)
        ReloadRoutes(services: services).add(administering: administering)
        let operating = router.group().add(middleware: authorize(.read))
        OperationRoutes(services: services, traffic: traffic, readiness: ReadinessProbe(services: services)).add(
            open: open(router), reading: operating)
        OpenAPIRoute().add(open: open(router))
        table.fill(from: router)
        return router
    }

    private func group(_ router: Router<APIContext>, _ scope: APIScope) -> RouterGroup<APIContext> {
        router.group("v1").add(middleware: authorize(scope))
    }

    /// Routes that need no key.
    private func open(_ router: Router<APIContext>) -> RouterGroup<APIContext> {
        router.group().add(middleware: AdmitWithoutKey(traffic: traffic))
    }

    private func authorize(_ scope: APIScope) -> Authorize {
        Authorize(keys: keys, scope: scope, connections: traffic.connections)
    }
}
