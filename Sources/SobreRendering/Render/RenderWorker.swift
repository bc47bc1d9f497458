internal import Liquid
import Synchronization

/// One renderer with its data: the scratch memory of one render at a time.
final class RenderWorker {
    let renderer = Renderer()
    let data = TemplateData()
}

/// Keeps workers between renders, so that rendering allocates little.
final class RenderWorkerPool: Sendable {
    /// A worker on its way into or out of the pool.
    ///
    /// `@unchecked Sendable` is right: the pool hands each worker to one caller, who gives it back when the render has
    /// ended; between the two nobody else holds it.
    private struct Parked: @unchecked Sendable { let worker: RenderWorker }

    /// Workers kept at rest; more can be out at once.
    private static let kept = 16
    private let idle = Mutex<[Parked]>([])

    /// Runs `body` with a worker of its own.
    func withWorker<R>(_ body: (RenderWorker) -> R) -> R {
        let parked = idle.withLock { $0.popLast() } ?? Parked(worker: RenderWorker())
        defer {
            parked.worker.data.reset()
            idle.withLock { if $0.count < Self.kept { $0.append(parked) } }
        }
        return body(parked.worker)
    }
}
