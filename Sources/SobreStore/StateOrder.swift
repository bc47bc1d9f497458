public import SobreModel

/// An order to retry or to cancel everything that matches a filter.
///
/// It is carried out in steps of a bounded number of messages, each in one transaction, between which other writes run.
/// Only what was in its state before the first step is changed: what fails again meanwhile is not retried again.
public struct StateOrder: Hashable, Sendable {
    public var action: StateAction
    public var filter: StateFilter
    /// Whether everything is only counted.
    public var isDryRun: Bool
    /// Whether what a provider may have accepted is sent again.
    public var repeatsUnknown: Bool

    /// - Parameters:
    ///   - action: What is done.
    ///   - filter: Where it names no states, those that the action is usually meant for: failed deliveries for a retry,
    ///     all that wait for a cancellation.
    ///   - isDryRun: Whether everything is only counted.
    ///   - repeatsUnknown: Whether what a provider may have accepted is sent again.
    public init(_ action: StateAction, _ filter: StateFilter, isDryRun: Bool = false, repeatsUnknown: Bool = false) {
        self.action = action
        self.filter = filter
        self.isDryRun = isDryRun
        self.repeatsUnknown = repeatsUnknown
        if filter.states.isEmpty {
            switch action {
            case .cancel: self.filter.states = action.states
            case .retry: self.filter.states = repeatsUnknown ? [.failed, .unknown] : [.failed]
            }
        }
    }

    /// Why the order cannot be carried out, as a sentence; nil when it can.
    public var objection: String? {
        let others = filter.states.subtracting(action.states)
        if let other = others.min(by: { $0.rawValue < $1.rawValue }) {
            let names = action.states.sorted { $0.rawValue < $1.rawValue }.map(\.description).joined(separator: ", ")
            return "What is \(other) cannot be changed by \(action.rawValue). Choose among \(names)."
        }
        if action == .retry, filter.states.contains(.unknown), !repeatsUnknown {
            return "What is unknown may have been sent. To send it again nevertheless, say so: repeat_unknown."
        }
        return nil
    }

    /// Carries out the next step.
    ///
    /// - Parameters:
    ///   - store: The store.
    ///   - cursor: Where the step before ended; nil for the first one.
    ///   - limit: The number of messages to look at.
    ///   - now: The present time.
    /// - Returns: What was done, and where the next step begins.
    /// - Throws: `cursor` when the cursor is not one of this order; another `StoreError` when nothing was changed in this
    ///   step.
    public func step(
        on store: any StateStore & StateChangeStore, after cursor: StateCursor?, limit: Int, now: Instant
    ) async throws(StoreError) -> StateOrderStep {
        var filter = filter
        let place = try cursor.map { text throws(StoreError) in try Self.parse(text) }
        // What is cancelled cannot come back, so what began to wait in this millisecond is included.
        let until = place?.until ?? (action == .retry ? now : now + .milliseconds(1))
        filter.until = min(filter.until ?? until, until)
        let page = try await store.messages(filter, after: place?.cursor, limit: limit)
        var targets: [(target: StateTarget, last: LogEntry, message: Message)] = []
        for row in page.rows {
            for last in row.last where row.matching.contains(last.delivery) {
                let target = StateTarget(delivery: last.delivery, sequence: last.sequence)
                targets.append((target, last, row.message))
            }
        }
        let results = try await results(for: targets.map { ($0.target, $0.last) }, filter, on: store)
        var step = StateOrderStep()
        for (item, result) in zip(targets, results) {
            step.count(item.last, of: item.message, result)
        }
        step.next = page.next.flatMap { StateCursor("\(until.milliseconds)~\($0)") }
        return step
    }

    private func results(
        for targets: [(target: StateTarget, last: LogEntry)], _ filter: StateFilter,
        on store: any StateStore & StateChangeStore
    ) async throws(StoreError) -> [StateChangeResult] {
        guard !targets.isEmpty else { return [] }
        guard isDryRun else {
            return try await store.apply(
                action, to: targets.map(\.target), selectedBy: filter, repeatingUnknown: repeatsUnknown)
        }
        guard action == .retry, !repeatsUnknown else { return targets.map { _ in .changed } }
        let sent = try await store.possiblySent(targets.map(\.target.delivery))
        return targets.map { target, last in
            sent.contains(target.delivery) || last.possibleDuplicate || last.state == .unknown
                ? .mayHaveBeenSent : .changed
        }
    }

    private static func parse(_ cursor: StateCursor) throws(StoreError) -> (until: Instant, cursor: StateCursor) {
        let parts = cursor.description.split(separator: "~", maxSplits: 1)
        guard parts.count == 2, let until = Int64(parts[0]), let place = StateCursor(String(parts[1])) else {
            throw StoreError(.cursor, "The cursor is not one of a retry or a cancellation; begin without one.")
        }
        return (Instant(milliseconds: until), place)
    }
}

/// What a step of an order did, or would do.
public struct StateOrderStep: Hashable, Sendable {
    /// Deliveries that are alike.
    public struct Group: Hashable, Sendable {
        public var state: DeliveryState
        /// Nil where neither a channel was chosen nor the message has only one.
        public var channel: Channel?
        public var campaign: String?
        public var reason: String

        public init(state: DeliveryState, channel: Channel?, campaign: String?, reason: String) {
            self.state = state
            self.channel = channel
            self.campaign = campaign
            self.reason = reason
        }
    }

    /// The number of deliveries by what became of them.
    public var results: [StateChangeResult: Int]
    /// The deliveries that were changed, or would be, by the state in which they were found.
    public var groups: [Group: Int]
    /// Where the next step begins; nil: this was the last one.
    public var next: StateCursor?

    public init(
        results: [StateChangeResult: Int] = [:], groups: [Group: Int] = [:], next: StateCursor? = nil
    ) {
        self.results = results
        self.groups = groups
        self.next = next
    }

    public var matched: Int { results.values.reduce(0, +) }
    public var changed: Int { results[.changed] ?? 0 }

    /// Adds the numbers of a later step and goes on from its end.
    public mutating func add(_ later: StateOrderStep) {
        results.merge(later.results, uniquingKeysWith: +)
        groups.merge(later.groups, uniquingKeysWith: +)
        next = later.next
    }

    fileprivate mutating func count(_ last: LogEntry, of message: Message, _ result: StateChangeResult) {
        results[result, default: 0] += 1
        guard result == .changed else { return }
        let plan = message.plan(of: last.delivery)
        let group = Group(
            state: last.state, channel: last.channel ?? (plan.count == 1 ? plan[0] : nil),
            campaign: message.draft.campaign, reason: last.reason)
        groups[group, default: 0] += 1
    }
}
