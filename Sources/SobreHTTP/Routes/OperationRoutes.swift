import HTTPTypes
import Hummingbird
import JSON
import SobreStore
import SobreWire
import Synchronization

/// `/health/*`, `/metrics` and `/v1/status`, for operators.
struct OperationRoutes: Sendable {
    let services: APIServices
    let readiness: ReadinessProbe

    func add(open: RouterGroup<APIContext>, reading: RouterGroup<APIContext>) {
        open.get("health/live") { _, _ in
            Response.json { writer in
                writer.object { writer in
                    writer.key("status")
                    writer.value("live")
                }
            }
        }
        open.get("health/ready", use: ready)
        reading.get("metrics", use: metrics)
        reading.get("v1/status", use: status)
    }

    @Sendable private func ready(_ request: Request, _ context: APIContext) async throws -> Response {
        if let reason = await readiness.reason() {
            var problem = Problem(.serviceUnavailable, "not_ready", reason)
            problem.headers[.retryAfter] = "1"
            throw problem
        }
        // How many: what they are is for those with a key.
        let warnings = await services.condition().warnings.count
        return .json { writer in
            writer.object { writer in
                writer.key("status")
                writer.value("ready")
                writer.key("warnings")
                writer.value(warnings)
            }
        }
    }

    @Sendable private func status(_ request: Request, _ context: APIContext) async throws -> Response {
        let condition = await services.condition()
        return .json { Wire.write(condition, to: &$0) }
    }

    @Sendable private func metrics(_ request: Request, _ context: APIContext) async throws -> Response {
        let headers: HTTPFields = [.contentType: "text/plain; version=0.0.4; charset=utf-8", .cacheControl: "no-store"]
        let text = services.metrics.render()
        return Response(status: .ok, headers: headers, body: .init(byteBuffer: ByteBuffer(string: text)))
    }
}

/// Checks whether the store is writable. The result is cached for a second, because a check costs a write to disk.
final class ReadinessProbe: Sendable {
    private let services: APIServices
    private let last = Mutex<(at: ContinuousClock.Instant, reason: String?)?>(nil)

    init(services: APIServices) { self.services = services }

    /// The reason why the node is not ready, as a sentence; nil if it is ready.
    func reason() async -> String? {
        let now = ContinuousClock.now
        if let last = last.withLock({ $0 }), now - last.at < .seconds(1) { return last.reason }
        let reason = await ask()
        last.withLock { $0 = (now, reason) }
        return reason
    }

    private func ask() async -> String? {
        do { try await services.store.checkWritable() } catch { return error.message }
        return nil
    }
}
