internal import Liquid
import Synchronization

/// A renderer with its data, used by one render at a time.
final class RenderWorker {
    let renderer = Renderer()
    let data = TemplateData()
    /// Units of work that the current message may still do.
    var workLeft = 0
}

/// Keeps workers between renders, so that rendering allocates little memory.
final class RenderWorkerPool: Sendable {
    /// A worker in the pool.
    ///
    /// `@unchecked Sendable` is right: the pool gives each worker to one caller, who returns it after the render. No
    /// one else holds it in between.
    private struct Parked: @unchecked Sendable { let worker: RenderWorker }

    /// The number of idle workers that are kept. More can be in use at once.
    private static let kept = 16
    private let idle = Mutex<[Parked]>([])

    /// Runs `body` with exclusive use of a worker.
    func withWorker<R>(_ body: (RenderWorker) -> R) -> R {
        let parked = idle.withLock { $0.popLast() } ?? Parked(worker: RenderWorker())
        defer {
            parked.worker.data.reset()
            idle.withLock { if $0.count < Self.kept { $0.append(parked) } }
        }
        return body(parked.worker)
    }
}
