import GRDB
import SobreModel
import SobreStore

/// What the writer thread does all its life.
struct WriterLoop {
    let queue: DatabaseQueue
    let core: Core
    let inbox: Inbox<Writer.Job>
    let configuration: SQLiteConfiguration

    func run() {
        var failure: StoreError?
        while true {
            let deadline = core.signal.nextDeadline(now: core.now())
            let jobs = inbox.take(configuration.maxGroup, until: deadline)
            if let failure {
                for job in jobs { job.finish(job.kind == .closes ? nil : failure) }
            } else if !jobs.isEmpty {
                failure = runGroup(jobs)
            }
            let isClosing = jobs.contains { $0.kind == .closes }
            core.signal.wake(now: core.now(), all: isClosing || failure != nil)
            if isClosing { return }
        }
    }

    /// Runs a group in one transaction and answers its calls.
    ///
    /// - Returns: an error after which nothing may be written any more.
    private func runGroup(_ jobs: [Writer.Job]) -> StoreError? {
        // The connection is GRDB's: it is touched inside its own access only.
        let errors = queue.inDatabase { _ in transact(jobs) }
        var fatal: StoreError?
        for error in errors {
            if let error, [.io, .corrupt].contains(error.code) { fatal = error }
        }
        if let fatal { configuration.onFatal(fatal) }
        for (job, error) in zip(jobs, errors) { job.finish(fatal ?? error) }
        return fatal
    }

    private func transact(_ jobs: [Writer.Job]) -> [StoreError?] {
        do throws(StoreError) {
            try core.begin(writing: jobs.contains { $0.kind == .writes })
            for job in jobs { try job.run(core) }
            try core.commit()
            return Array(repeating: nil, count: jobs.count)
        } catch {
            core.rollback()
            // Whether a COMMIT that failed has happened cannot be known from here.
            if jobs.count == 1 || error.code == .io || error.code == .corrupt {
                return Array(repeating: error, count: jobs.count)
            }
            return jobs.map { transact([$0])[0] }
        }
    }
}
