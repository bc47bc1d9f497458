import CCurl
import CurlShims
import DequeModule
import Glibc
import Threads

/// The loop itself, created and used only on its own thread. ``CurlLoop`` describes its rules.
final class LoopThread {
    private let configuration: CurlLoopConfiguration
    private let inbox: LoopInbox<Submission>

    /// `CURLM *`.
    private let multi: UnsafeMutableRawPointer
    private let watch: SocketWatch

    /// Transfers inside the multi handle. Each knows its index.
    private var running: [Transfer] = []

    /// Free transfers, ready for the next request.
    private var pool: [Transfer] = []

    /// Waiting requests, by origin.
    private var origins: [UInt64: OriginQueue] = [:]

    /// Origins with a waiting request and a free slot, each once. Served in turn.
    private var line: Deque<OriginQueue> = []

    private var waiting = 0

    /// The number of requests that stopped waiting since the inbox was last told.
    private var left = 0
    private var lastSweep = MonotonicTime(nanoseconds: 0)
    private var stopsAt: MonotonicTime?

    init(configuration: CurlLoopConfiguration, inbox: LoopInbox<Submission>) {
        self.configuration = configuration
        self.inbox = inbox
        guard let multi = curl_multi_init() else {
            fatalError("libcurl cannot make a multi handle: the process is out of memory.")
        }
        self.multi = multi
        watch = SocketWatch(of: multi)
        curl_shim_multi_set_long(multi, CURLMOPT_MAX_HOST_CONNECTIONS.rawValue, configuration.maxConnectionsPerHost)
        curl_shim_multi_set_long(
            multi, CURLMOPT_MAX_CONCURRENT_STREAMS.rawValue, configuration.maxStreamsPerConnection)
        curl_shim_multi_set_long(multi, CURLMOPT_MAX_TOTAL_CONNECTIONS.rawValue, configuration.maxConnections)
        curl_shim_multi_set_long(multi, CURLMOPT_MAXCONNECTS.rawValue, configuration.maxConnections)
        let wakeup = watch.wakeup
        inbox.open { eventfd_write(wakeup, 1) }
    }

    deinit {
        // Easy handles are freed before the multi handle that holds their connections, and that before the watch.
        pool = []
        curl_multi_cleanup(multi)
    }

    /// Runs until the inbox is closed and the transfers are done or out of time.
    func run() {
        while true {
            accept(inbox.take(left: left))
            let now = MonotonicTime.now()
            sweep(now)
            startWaiting(now)
            if let stopsAt, running.isEmpty || stopsAt <= now { break }
            watch.runTimer()
            finishDone()
            watch.wait(atMost: patience)
            finishDone()
        }
        stop()
    }

    // MARK: - Requests in

    private func accept(_ batch: LoopInbox<Submission>.Batch) {
        left = 0
        for submission in batch.entries { enqueue(submission) }
        for id in batch.cancellations { cancel(id) }
        guard let time = batch.stopsAt, stopsAt == nil || time < stopsAt! else { return }
        stopsAt = time
        refuseWaiting { _ in
            true
        } as: { _ in
            .shutDown
        }
    }

    private func enqueue(_ submission: Submission) {
        let origin: OriginQueue
        if let known = origins[submission.originKey] {
            origin = known
        } else {
            // Idle origins are removed from time to time, to bound the table.
            if origins.count >= 4_096 { origins = origins.filter { !$0.value.waiting.isEmpty || $0.value.running > 0 } }
            origin = OriginQueue()
            origins[submission.originKey] = origin
        }
        origin.waiting.append(submission)
        waiting += 1
        putInLine(origin)
    }

    private func putInLine(_ origin: OriginQueue) {
        let places = origin.places(atMost: configuration.maxInFlightPerHost)
        guard !origin.isInLine, !origin.waiting.isEmpty, origin.running < places else {
            return
        }
        origin.isInLine = true
        line.append(origin)
    }

    /// Starts as many waiting requests as there are free slots, one from each origin in turn.
    private func startWaiting(_ now: MonotonicTime) {
        while running.count < configuration.maxInFlight, let origin = line.popFirst() {
            origin.isInLine = false
            if let submission = origin.waiting.popFirst() {
                waiting -= 1
                left += 1
                start(submission, of: origin, now)
            }
            putInLine(origin)
        }
    }

    private func start(_ submission: Submission, of origin: OriginQueue, _ now: MonotonicTime) {
        guard submission.deadline > now else {
            submission.refuse(.timedOutWaiting)
            return
        }
        guard submission.mayBegin else { return submission.refuse(.notPermitted) }
        let transfer = pool.popLast() ?? makeTransfer()
        transfer.prepare(submission, defaultTLS: configuration.tls, now: now)
        let result = curl_multi_add_handle(multi, transfer.easy)
        precondition(result == CURLM_OK, "libcurl rejected a handle: \(String(cString: curl_multi_strerror(result))).")
        transfer.place = running.count
        running.append(transfer)
        origin.running += 1
    }

    private func makeTransfer() -> Transfer {
        let transfer = Transfer(proxy: configuration.proxy, maxIdleTime: configuration.maxIdleTime)
        watch.follow(transfer.easy)
        return transfer
    }

    // MARK: - Work

    private func finishDone() {
        var easy: UnsafeMutableRawPointer?
        var code: Int32 = 0
        while curl_shim_next_finished(multi, &easy, &code) == 1 {
            guard let easy else { continue }
            var context: UnsafeMutableRawPointer?
            curl_shim_get_pointer(easy, CURLINFO_PRIVATE.rawValue, &context)
            guard let context else { continue }
            finish(Unmanaged<Transfer>.fromOpaque(context).takeUnretainedValue(), code: Int(code))
        }
    }

    /// Removes a transfer from the multi handle and completes it. The only place that does so.
    private func finish(_ transfer: Transfer, code: Int, stopped: TransferFailure.Reason? = nil) {
        curl_multi_remove_handle(multi, transfer.easy)
        let last = running.removeLast()
        if last !== transfer {
            running[transfer.place] = last
            last.place = transfer.place
        }
        let (submission, result) = transfer.finish(code: code, stopped: stopped)
        if let origin = origins[submission.originKey] {
            origin.running -= 1
            origin.note(responseTime: result.totalTime)
            putInLine(origin)
        }
        if pool.count < configuration.maxInFlight { pool.append(transfer) }
        submission.completion(result)
    }

    /// How many milliseconds the loop may sleep when nothing happens.
    private var patience: Int {
        if running.count < configuration.maxInFlight, !line.isEmpty { return 0 }
        let most = waiting > 0 || !running.isEmpty ? Self.sweepInterval : 1_000
        guard let stopsAt else { return most }
        return running.isEmpty ? 0 : min(most, MonotonicTime.now().milliseconds(until: stopsAt))
    }

    // MARK: - Requests out before their time

    private func cancel(_ id: TransferID) {
        if let transfer = running.first(where: { $0.submission?.id == id }) {
            finish(transfer, code: 0, stopped: .cancelled)
        } else {
            refuseWaiting {
                $0.id == id
            } as: { _ in
                .cancelledWaiting
            }
        }
    }

    private static let sweepInterval = 250

    /// Rejects waiting requests whose time is over, because their origin may have no free slot for longer than that.
    /// Also ends transfers that wait for a connection, because libcurl does not check their timeout.
    private func sweep(_ now: MonotonicTime) {
        guard waiting > 0 || !running.isEmpty, now >= lastSweep.advanced(byMilliseconds: Self.sweepInterval) else {
            return
        }
        lastSweep = now
        refuseWaiting {
            $0.deadline <= now
        } as: { _ in
            .timedOutWaiting
        }
        refuseWaiting {
            !$0.mayBegin
        } as: { _ in
            .notPermitted
        }
        // All other transfers are ended by libcurl's own timeout, whose result has more details.
        let forgotten = running.filter { transfer in
            transfer.submission.map { $0.deadline.advanced(byMilliseconds: Self.sweepInterval) <= now } ?? false
        }
        for transfer in forgotten { finish(transfer, code: Int(CURLE_OPERATION_TIMEDOUT.rawValue)) }
    }

    private func refuseWaiting(
        where isGone: (Submission) -> Bool, as failure: (Submission) -> TransferFailure
    ) {
        guard waiting > 0 else { return }
        for origin in origins.values where !origin.waiting.isEmpty {
            for submission in origin.waiting.extract(where: isGone) {
                waiting -= 1
                left += 1
                submission.refuse(failure(submission))
            }
        }
    }

    /// Ends everything that still runs, then disconnects the inbox.
    private func stop() {
        while let transfer = running.last { finish(transfer, code: 0, stopped: .shutDown) }
        // The closed inbox rejected all requests that arrived meanwhile. Only cancellations can be left, and they have
        // nothing to cancel.
        _ = inbox.take(left: left)
        inbox.disconnect()
    }
}

extension TransferFailure {
    static let timedOutWaiting = TransferFailure(
        .timedOutWaiting, .notSent,
        "The request's total time passed while it waited for a free slot, so nothing was sent; submit more slowly.")

    static let notPermitted = TransferFailure(
        .notPermitted, .notSent, "The permission to begin ended before the first byte was sent; nothing was sent.")

    static let cancelledWaiting = TransferFailure(
        .cancelled, .notSent, "The request was cancelled before it was started: nothing was sent.")
}
