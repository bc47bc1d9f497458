import Hummingbird
import JSON
import SobreWire

/// `POST /v1/reload`: read settings, providers, templates and the policy again.
struct ReloadRoutes: Sendable {
    let services: APIServices

    func add(administering: RouterGroup<APIContext>) { administering.post("reload", use: reload) }

    @Sendable private func reload(_ request: Request, _ context: APIContext) async throws -> Response {
        _ = try QueryReader(request, known: [])
        guard let reload = services.reload else {
            throw Problem(.notImplemented, "no_reload", "This server reads its files at the start only.")
        }
        let report = await reload()
        guard report.outcome != .refused else {
            throw Problem(.conflict, "reload_refused", "Nothing was changed. \(report.refusal)")
        }
        return .json { Wire.write(report, to: &$0) }
    }
}
