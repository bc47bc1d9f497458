import HistoryChecker
import SobreModel
import Synchronization

/// Everything outside of the node: simulated time, the wall clock, the providers, the data directory, and the
/// observations. Runs on the scheduler; see ``HistoryScheduler`` for why it is `@unchecked Sendable`.
final class World: @unchecked Sendable {
    let history: History
    let mutation: Mutation?
    let scheduler: HistoryScheduler
    /// The executor of clients and providers. Each node has its own.
    let outside: HistoryScheduler.ProcessExecutor
    private(set) var observations: [(moment: Moment, what: Observation)] = []
    /// The rare events that occurred, and how often.
    private(set) var reached: [String: Int] = [:]
    private var random: Seeded
    let traces: Bool

    /// How far the wall clock is ahead of simulated time, in milliseconds.
    private(set) var clockAhead: Int64 = 0
    /// True once no more faults are injected, so that everything must come to rest.
    var isCalm = false
    var node: HistoryNode?
    /// How many nodes were started.
    var starts = 0
    var directory: String
    private let root: String
    private var directories = 1
    var requests = 0
    /// True when an operator may have something paused.
    var isPaused = false
    /// True when receipts may be waiting in the inbox.
    var hasReceipts = false
    /// The number of actions outside of the pipeline that are still running: calls of clients and receipts of
    /// providers.
    var outstanding = 0
    /// True when the last node has ended for good.
    var hasStopped = false
    /// True when the history has been checked.
    var isOver = false
    /// Why the simulation cannot continue.
    var failure: String?

    /// Crashes that are armed for a point.
    private var armed: [(point: History.Point, down: Int64)] = []
    private var failures: [History.StoreCall: Int] = [:]
    private var lostAnswers: Set<History.StoreCall> = []
    private var stalls: [History.StoreCall: Int64] = [:]
    var storms: [String: (fate: Fate, until: Int64)] = [:]
    /// The message of each submitted letter, by its number in the history.
    var messages: [Int: MessageID] = [:]
    var drafts: [MessageID: MessageDraft] = [:]
    var known: [String: Profile] = [:]
    var policyNumber: Int
    /// Requests for which receipts can be sent: those that were accepted, and those with an unclear answer.
    var asked: [Asked] = []
    /// For the mutation that acknowledges too early: the directory before the last message.
    var imageBeforeLastMessage: String?

    init(_ history: History, mutation: Mutation?, root: String, traces: Bool) {
        self.history = history
        self.mutation = mutation
        self.root = root
        self.traces = traces
        scheduler = HistoryScheduler(seed: history.seed, jobLimit: 400_000)
        outside = scheduler.newExecutor()
        random = Seeded(history.seed, 0x574f_524c)
        directory = root + "/0"
        policyNumber = history.firstPolicy
    }

    var now: Int64 { scheduler.now }

    func observe(_ what: Observation) {
        if isOver { return }
        let moment = Moment(at: scheduler.now, order: observations.count)
        observations.append((moment, what))
        if traces { trace("\(what)") }
    }

    func trace(_ text: @autoclosure () -> String) {
        guard traces, !isOver else { return }
        print("\(scheduler.now) ms  \(clock)  \(text())")
    }

    func reach(_ what: String) { reached[what, default: 0] += 1 }

    // MARK: Clocks

    /// The clock readings of the node's machine.
    func reading() -> SteadyClock.Reading {
        // Read once, because a slow thread of the store must not get two times for one moment.
        let now = scheduler.now
        return SteadyClock.Reading(
            wall: (History.beginsAt.milliseconds + now + clockAhead) * 1_000_000,
            monotonic: (1_000_000 + now) * 1_000_000)
    }

    func setClock(ahead: Int64) {
        if let node, node.inFlight > 0, ahead != clockAhead { reach("clock jump while in flight") }
        clockAhead = ahead
        observe(.clockSet(ahead: ahead))
    }

    // MARK: Faults

    func arm(_ point: History.Point, down: Int64) { armed.append((point, down)) }

    func fail(_ call: History.StoreCall, times: Int) { failures[call, default: 0] += times }

    func loseAnswer(_ call: History.StoreCall) { lostAnswers.insert(call) }

    func stall(_ call: History.StoreCall, for milliseconds: Int64) { stalls[call] = milliseconds }

    func endFaults() {
        isCalm = true
        armed = []
        failures = [:]
        lostAnswers = []
        stalls = [:]
        storms = [:]
        if clockAhead != 0 { setClock(ahead: 0) }
    }

    func takesFailure(_ call: History.StoreCall) -> Bool {
        guard let count = failures[call], count > 0 else { return false }
        failures[call] = count - 1
        return true
    }

    func takesLostAnswer(_ call: History.StoreCall) -> Bool { lostAnswers.remove(call) != nil }

    /// How long a call waits before or after its commit, in milliseconds.
    func latency(_ call: History.StoreCall) -> Int64 {
        if let stall = stalls.removeValue(forKey: call) {
            reach("store call stalled")
            return stall
        }
        if isCalm { return 0 }
        let roll = random.next() % 100
        if roll < 70 { return 0 }
        if roll < 95 { return random.number(1...30) }
        return random.number(30...300)
    }

    /// Marks a point and triggers a crash that is armed for it.
    func pass(_ point: History.Point) {
        guard let index = armed.firstIndex(where: { $0.point == point }), let node, node.isUp else { return }
        let down = armed.remove(at: index).down
        reach("crash at \(point.rawValue)")
        if point == .took || point == .requested { reach("crash between call and record") }
        node.crash(down: down)
    }

    func number(_ range: ClosedRange<Int64>) -> Int64 { random.number(range) }

    // MARK: Disk

    /// Copies the data directory as a crash leaves it, with committed data only.
    func imageOfDisk() -> String {
        let image = root + "/\(directories)"
        directories += 1
        Files.copy(directory, to: image)
        return image
    }

    /// Runs a task that belongs to no node.
    func spawn(_ body: @escaping @Sendable () async -> Void) {
        Task(executorPreference: outside) { await body() }
    }
}
