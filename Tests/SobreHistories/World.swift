import HistoryChecker
import SobreModel
import Synchronization

/// Everything outside of the node: true time, the wall clock, the far end, the data directory, and the record of what was
/// seen. On the scheduler; see ``HistoryScheduler`` for why it may be shared.
final class World: @unchecked Sendable {
    let history: History
    let mutation: Mutation?
    let scheduler: HistoryScheduler
    /// What clients and the far end run on; each node has its own.
    let outside: HistoryScheduler.ProcessExecutor
    private(set) var observations: [(moment: Moment, what: Observation)] = []
    /// Rare things that were reached, and how often.
    private(set) var reached: [String: Int] = [:]
    private var random: Seeded
    let traces: Bool

    /// How far the wall clock stands ahead of the truth.
    private(set) var clockAhead: Int64 = 0
    /// Faults come to an end, so that everything else must too.
    var isCalm = false
    var node: HistoryNode?
    var directory: String
    private let root: String
    private var directories = 1
    var requests = 0
    /// Receipts came that may wait in the inbox.
    var hasReceipts = false
    /// What goes on beside the line: clients' calls, providers' tellings.
    var outstanding = 0
    /// The last node has ended for good.
    var hasStopped = false
    /// The history has been judged.
    var isOver = false
    /// Why the simulation itself cannot go on.
    var failure: String?

    /// Crashes that wait for their point.
    private var armed: [(point: History.Point, down: Int64)] = []
    private var failures: [History.StoreCall: Int] = [:]
    private var lostAnswers: Set<History.StoreCall> = []
    private var stalls: [History.StoreCall: Int64] = [:]
    var storms: [String: (fate: Fate, until: Int64)] = [:]
    /// What became of each letter that was sent in, by its place in the history.
    var messages: [Int: MessageID] = [:]
    var drafts: [MessageID: MessageDraft] = [:]
    var known: [String: Profile] = [:]
    var policyNumber: Int
    /// Requests that were taken, and those of which nobody knows that they were not: for receipts.
    var asked: [Asked] = []
    /// For the mutation that acknowledges too early: the directory as it was before the last message.
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

    /// What the node's machine reads.
    func reading() -> SteadyClock.Reading {
        // Once: a thread of the store that is late must not read two times of one moment.
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

    /// How long a call waits before or after its commit.
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

    /// Something happened at which a crash may have been waiting.
    func pass(_ point: History.Point) {
        guard let index = armed.firstIndex(where: { $0.point == point }), let node, node.isUp else { return }
        let down = armed.remove(at: index).down
        reach("crash at \(point.rawValue)")
        if point == .took || point == .requested { reach("crash between call and record") }
        node.crash(down: down)
    }

    func number(_ range: ClosedRange<Int64>) -> Int64 { random.number(range) }

    // MARK: The disk

    /// The data directory as a crash leaves it: what was committed, and nothing else.
    func imageOfDisk() -> String {
        let image = root + "/\(directories)"
        directories += 1
        Files.copy(directory, to: image)
        return image
    }

    /// Runs something that belongs to no node.
    func spawn(_ body: @escaping @Sendable () async -> Void) {
        Task(executorPreference: outside) { await body() }
    }
}
