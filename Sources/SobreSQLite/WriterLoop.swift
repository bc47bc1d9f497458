import GRDB
import SobreModel
import SobreSettings
import SobreStore
import Threads

/// The loop of the writer thread.
struct WriterLoop {
    let queue: DatabaseQueue
    let core: Core
    let inbox: ThreadInbox<Writer.Job>
    let configuration: SQLiteConfiguration

    /// Processes calls until the store is closed.
    ///
    /// - Returns: The calls that wait for the store to close.
    func run() -> [Writer.Job] {
        var failure: StoreError?
        while true {
            let cleaning = failure == nil ? core.logCleaning.deadline : nil
            let deadline = [core.nextWakeup(), cleaning].compactMap { $0 }.min()
            let jobs = inbox.take(
                configuration.limits.maxGroup, until: deadline.map { MonotonicTime(nanoseconds: $0) })
            let closing = jobs.filter { $0.kind == .closes }
            let calls = closing.isEmpty ? jobs : jobs.filter { $0.kind != .closes }
            if let failure {
                for job in calls { job.finish(failure) }
            } else if !calls.isEmpty {
                failure = runGroup(calls, mayStopEarly: closing.isEmpty)
            } else {
                queue.inDatabase { _ in core.cleanLog() }
            }
            core.wake(all: !closing.isEmpty || failure != nil)
            if !closing.isEmpty {
                if failure == nil { queue.inDatabase { _ in core.finish() } }
                return closing
            }
        }
    }

    /// Runs a group of calls in one transaction and answers them.
    ///
    /// - Returns: An error after which nothing more may be written.
    private func runGroup(_ jobs: [Writer.Job], mayStopEarly: Bool) -> StoreError? {
        // The connection belongs to GRDB and may be used only within its own access.
        let errors = queue.inDatabase { _ in
            let errors = transact(jobs, mayStopEarly: mayStopEarly)
            // Before the calls are answered: an erasure is complete when it returns.
            core.cleanLog()
            return errors
        }
        var fatal: StoreError?
        for error in errors {
            if let error, [.io, .corrupt].contains(error.code) { fatal = error }
        }
        if let fatal { configuration.onFatal(fatal) }
        for (job, error) in zip(jobs, errors) { job.finish(fatal ?? error) }
        return fatal
    }

    /// Runs calls in one transaction.
    ///
    /// - Parameters:
    ///   - jobs: the calls.
    ///   - mayStopEarly: whether the rest goes back to the inbox when an urgent call arrives, which then has to wait for
    ///     one call and one commit at most.
    /// - Returns: the errors of the calls that were made.
    private func transact(_ jobs: [Writer.Job], mayStopEarly: Bool = false) -> [StoreError?] {
        var jobs = jobs[...]
        do throws(StoreError) {
            // A pause ends by itself with the first transaction after its time.
            let endsPauses = core.hasPausesToEnd
            let writes = endsPauses || jobs.contains { $0.kind == .writes }
            try core.begin(writing: writes)
            if endsPauses { try core.endPauses() }
            for index in jobs.indices {
                if mayStopEarly, index > 0, !jobs[index].isUrgent, inbox.hasUrgent {
                    inbox.putBack(jobs[index...])
                    jobs = jobs[..<index]
                    break
                }
                try jobs[index].run(core)
            }
            let begun = MonotonicTime.now().nanoseconds
            try core.commit()
            if writes {
                configuration.onCommit(.nanoseconds(Int64(MonotonicTime.now().nanoseconds - begun)), jobs.count)
            }
            return Array(repeating: nil, count: jobs.count)
        } catch {
            core.rollback()
            // It is unknown whether a failed COMMIT took effect.
            if jobs.count == 1 || error.code == .io || error.code == .corrupt {
                return Array(repeating: error, count: jobs.count)
            }
            return jobs.map { transact([$0])[0] }
        }
    }
}
