import HTTPTypes
import Hummingbird
import JSON
import SobreStore
import SobreWire
import Synchronization

/// `/health/*`, `/metrics` and `/v1/status`, for operators.
struct OperationRoutes: Sendable {
    let services: APIServices
    let traffic: HTTPTraffic
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
        let warnings: Int
        let subjects: [String]
        switch await readiness.answer() {
        case .notReady(let reason):
            var problem = Problem(.serviceUnavailable, "not_ready", reason)
            problem.headers[.retryAfter] = "1"
            throw problem
        case .ready(let count, let about):
            warnings = count
            subjects = about.map(\.rawValue).sorted()
        }
        return .json { writer in
            writer.object { writer in
                writer.key("status")
                writer.value("ready")
                writer.key("warnings")
                writer.value(warnings)
                writer.key("about")
                writer.value(subjects)
            }
        }
    }

    @Sendable private func status(_ request: Request, _ context: APIContext) async throws -> Response {
        var condition = await services.condition()
        condition.http = traffic.load
        return .json { Wire.write(condition, to: &$0) }
    }

    @Sendable private func metrics(_ request: Request, _ context: APIContext) async throws -> Response {
        let headers: HTTPFields = [.contentType: "text/plain; version=0.0.4; charset=utf-8", .cacheControl: "no-store"]
        traffic.showLoad()
        let text = services.metrics.render()
        return Response(status: .ok, headers: headers, body: .init(byteBuffer: ByteBuffer(string: text)))
    }
}

/// Checks whether the store is writable, and counts the warnings. The result is cached for a second, because a check
/// costs a write to disk and needs no key.
final class ReadinessProbe: Sendable {
    enum Answer: Sendable {
        /// The reason as a sentence.
        case notReady(String)
        /// How many warnings there are, and what they are about: their words are for those with a key.
        case ready(warnings: Int, about: Set<NodeCondition.WarningSubject>)
    }

    private let services: APIServices
    private let last = Mutex<(at: ContinuousClock.Instant, answer: Answer)?>(nil)

    init(services: APIServices) { self.services = services }

    func answer() async -> Answer {
        let now = ContinuousClock.now
        if let last = last.withLock({ $0 }), now - last.at < .seconds(1) { return last.answer }
        let answer = await ask()
        last.withLock { $0 = (now, answer) }
        return answer
    }

    private func ask() async -> Answer {
        do { try await services.store.checkWritable() } catch { return .notReady(error.message) }
        let condition = await services.condition()
        return .ready(warnings: condition.warnings.count, about: condition.subjects)
    }
}
