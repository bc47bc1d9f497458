import Hummingbird
import Logging
import SobreModel
import SobreSQLite
import SobreSettings
import SobreStore
import TestFolders

@testable import SobreHTTP
@testable import SobreIntake

/// The routes of the server.
enum ServedRoutes {
    /// Each as its method and path, such as `GET /v1/messages/{id}`.
    static func all() async throws -> Set<String> {
        let folder = TemporaryFolder()
        let store = try SQLiteStore.open(directory: folder.path)
        let services = APIServices(
            intake: Intake(store: store, catalogue: NoTemplates()), store: store, metrics: PrometheusFactory())
        let router = APIRouter(
            services: services, limits: HTTPLimits(), keys: KeyRing(store: store, clock: SystemTime()),
            traffic: HTTPTraffic(limits: HTTPLimits(), metrics: services.metrics), logger: Logger(label: "test")
        ).make()
        let served = Set(router.routes.map { "\($0.method.rawValue) \($0.path.description)" })
        await store.close()
        return served
    }
}

/// A catalogue without templates.
private struct NoTemplates: IntakeCatalogue {
    var templateNames: [String] { [] }
    var categories: [String] { [] }
    func template(_ name: String) -> TemplateDefaults? { nil }
    func capFlags(of category: String) -> (obeys: Bool, counts: Bool) { (true, true) }
}
