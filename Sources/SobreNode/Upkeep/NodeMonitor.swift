import Files
import Logging
import Metrics
import SobreAdmission
import SobreDelivery
import SobreDispatch
import SobreModel
import SobreRendering
import SobreSettings
import SobreStore
import SobreWire
import Synchronization

/// Watches a running node for its operators. Sets the gauges of `GET /metrics` and logs the beginning and end of
/// conditions that operators must know of.
///
/// Observes once every `monitor.interval`. Counting reads the whole backlog, so it runs less often and takes at most a
/// twentieth of the time.
final class NodeMonitor: Sendable {
    private struct State {
        var alarm: ClockAlarm?
        var providers: [String: (state: ProviderState, channel: Channel)] = [:]
        var countsAt: ContinuousClock.Instant?
        var backlog: Set<Backlog.Item.Key> = []
        var counted = Backlog()
        var held = HeldSummary()
        var unknown = UnknownGrowth()
        /// Whether the disk was low at the last look.
        var isLow = false
    }

    let node: Node
    private let logger: Logger
    private let state = Mutex(State())
    private let clockAlarm = Meter(label: "sobre_clock_alarm")
    private let clockOffset = Meter(label: "sobre_clock_offset_seconds")
    private let inFlight = Meter(label: "sobre_in_flight")
    private let broken = Meter(label: "sobre_templates_broken")
    private let policyVersion = Meter(label: "sobre_policy_version")
    private let refusedFiles = Meter(label: "sobre_files_refused")
    private let pauses = Meter(label: "sobre_pauses")
    private let pendingRestart = Meter(label: "sobre_settings_pending_restart")
    private let providerFaults = Meter(label: "sobre_provider_faults")
    private let freeBytes = Meter(label: "sobre_disk_free_bytes")
    private let databaseBytes = Meter(label: "sobre_store_bytes", dimensions: [("file", "database")])
    private let logBytes = Meter(label: "sobre_store_bytes", dimensions: [("file", "wal")])

    init(node: Node, logger: Logger) {
        self.node = node
        self.logger = logger
        Meter(label: "sobre_build_info", dimensions: [("version", ProgramVersion.current)]).set(1)
    }

    func observe() async {
        let now = node.time.now()
        observeClock()
        observeProviders(at: now)
        inFlight.set(node.dispatcher.inFlight)
        broken.set(node.checkedTemplates.broken.count)
        policyVersion.set(node.policy.policy.version)
        refusedFiles.set(node.refusals.all.count)
        pendingRestart.set(node.configuration.pendingRestart.count)
        providerFaults.set(
            Set(node.configuration.setup.faults.keys).union(node.configuration.setup.receiptFaults.keys).count)
        pauses.set(node.store.pausesInForce.all.count { $0.isInForce(at: now) })
        observeDisk()
        let isTime = state.withLock { $0.countsAt.map { $0 <= .now } ?? true }
        if isTime { await count(at: now) }
    }

    /// How far the system's clock is from the node's, in seconds.
    var clockOffsetSeconds: Double { Double((SystemTime().now() - node.time.now()).milliseconds) / 1000 }

    /// What was counted last.
    var counted: (backlog: Backlog, held: HeldSummary, unknown: UnknownGrowth) {
        state.withLock { ($0.counted, $0.held, $0.unknown) }
    }

    private func observeClock() {
        let alarm = node.time.alarm
        clockAlarm.set(alarm == nil ? 0 : 1)
        clockOffset.set(clockOffsetSeconds)
        let before = state.withLock { state in
            defer { state.alarm = alarm }
            return state.alarm
        }
        switch (before, alarm) {
        case (nil, let alarm?): logger.critical("the clock is not trusted", metadata: ["why": "\(alarm)"])
        case (.some, nil): logger.notice("the clock is trusted again")
        default: break
        }
    }

    private func observeDisk() {
        observeStore()
        guard let free = node.settings.storeLocation().room else { return }
        freeBytes.set(free)
        let warning = DiskSpace.warning(
            free: free, low: node.settings.monitor.lowRoomBytes, directory: node.settings.data.directory)
        let wasLow = state.withLock { state in
            defer { state.isLow = warning != nil }
            return state.isLow
        }
        if let warning, !wasLow { logger.error("the disk is nearly full", metadata: ["why": "\(warning)"]) }
        if warning == nil, wasLow { logger.notice("the disk has room again") }
    }

    /// What the files of the store take. A folder that cannot be read is reported by the store itself.
    private func observeStore() {
        guard let files = try? Folder.entries(in: node.settings.data.directory) else { return }
        databaseBytes.set(Double(files.filter { $0.name.hasSuffix(".db") }.reduce(0) { $0 + $1.size }))
        logBytes.set(Double(files.filter { $0.name.hasSuffix(".db-wal") }.reduce(0) { $0 + $1.size }))
    }

    private func observeProviders(at now: Instant) {
        let statuses = node.router.statuses(at: now)
        forget(providersExcept: Set(statuses.map(\.name)))
        for status in statuses {
            let word = ProviderState(status.condition)
            let labels = [("provider", status.name), ("channel", status.channel.description)]
            for known in ProviderState.allCases {
                Meter(label: "sobre_provider_state", dimensions: labels + [("state", known.rawValue)])
                    .set(known == word ? 1 : 0)
            }
            Meter(label: "sobre_provider_in_flight", dimensions: labels).set(status.inFlight)
            Meter(label: "sobre_provider_share", dimensions: labels).set(Double(status.share) / 100)
            let before = state.withLock { state in
                defer { state.providers[status.name] = (word, status.channel) }
                return state.providers[status.name]?.state
            }
            guard let before, before != word else { continue }
            if case .broken(let until, _, let why) = status.condition {
                logger.error(
                    "a provider is broken",
                    metadata: ["provider": "\(status.name)", "why": "\(why)", "until": "\(until)"])
            } else if before == .broken {
                logger.notice("a provider works again", metadata: ["provider": "\(status.name)"])
            }
        }
    }

    /// Ends the gauges of providers that are not configured any more.
    private func forget(providersExcept kept: Set<String>) {
        let gone = state.withLock { state in
            defer { state.providers = state.providers.filter { kept.contains($0.key) } }
            return state.providers.filter { !kept.contains($0.key) }
        }
        for (name, provider) in gone {
            let labels = [("provider", name), ("channel", provider.channel.description)]
            for known in ProviderState.allCases {
                Meter(label: "sobre_provider_state", dimensions: labels + [("state", known.rawValue)]).set(0)
            }
            Meter(label: "sobre_provider_in_flight", dimensions: labels).set(0)
            Meter(label: "sobre_provider_share", dimensions: labels).set(0)
        }
    }

    private func count(at now: Instant) async {
        let begun = ContinuousClock.now
        do {
            let backlog = try await node.store.backlog(at: now)
            show(backlog, at: now)
            show(try await node.store.heldSummary())
            let subscriptions = try await node.subscriptions.statuses(
                of: node.settings.events, in: node.store, at: now)
            for status in subscriptions { show(status) }
            for status in try await node.sources.statuses(in: node.store) { show(status) }
            let totals = try await node.store.totals()
            let window = node.settings.monitor.unknownWindow
            state.withLock { $0.unknown.add(totals[.unknown] ?? 0, at: now, window: window) }
            for state in DeliveryState.allCases {
                Meter(label: "sobre_deliveries", dimensions: [("state", state.description)]).set(totals[state] ?? 0)
            }
        } catch {
            logger.error("the backlog could not be counted", metadata: ["why": "\(error)"])
        }
        let took = ContinuousClock.now - begun
        state.withLock { $0.countsAt = .now + max(node.settings.monitor.backlogInterval, took * 20) }
    }

    private func show(_ status: EventSubscriptionStatus) {
        let labels = [("subscription", status.name)]
        Meter(label: "sobre_events_behind_seconds", dimensions: labels).set(Double(status.behind.milliseconds) / 1000)
        for condition in EventSubscriptionStatus.Condition.allCases {
            Meter(label: "sobre_events_state", dimensions: labels + [("state", condition.rawValue)])
                .set(status.condition == condition ? 1 : 0)
        }
    }

    private func show(_ status: SourceStatus) {
        let labels = [("source", status.name)]
        Meter(label: "sobre_source_lag_records", dimensions: labels).set(Double(status.lag))
        Meter(label: "sobre_source_rejects", dimensions: labels).set(status.rejects)
        for condition in SourceStatus.Condition.allCases where condition != .stopped {
            Meter(label: "sobre_source_state", dimensions: labels + [("state", condition.rawValue)])
                .set(status.condition == condition ? 1 : 0)
        }
    }

    private func show(_ held: HeldSummary) {
        let before = state.withLock { state in
            defer { state.held = held }
            return state.held
        }
        for key in Set(before.items.keys).union(held.items.keys) { key.meter.set(held.items[key]?.count ?? 0) }
        let fresh = held.unrenderable.filter { template, _ in !before.unrenderable.contains { $0.template == template }
        }
        for (template, item) in fresh {
            logger.error(
                "messages cannot be rendered and are held",
                metadata: ["template": "\(template)", "count": "\(item.count)", "why": "\(item.detail)"])
        }
    }

    private func show(_ backlog: Backlog, at now: Instant) {
        let before = state.withLock { state in
            defer {
                state.backlog = Set(backlog.items.map(\.key))
                state.counted = backlog
            }
            return state.backlog
        }
        for key in before.subtracting(backlog.items.map(\.key)) { key.meter.set(0) }
        for item in backlog.items { item.key.meter.set(item.count) }
        for channel in Channel.allCases {
            let age = backlog.oldestDue[channel].map { max(.zero, now - $0) } ?? .zero
            Meter(label: "sobre_oldest_due_seconds", dimensions: [("channel", channel.description)])
                .set(Double(age.milliseconds) / 1000)
        }
    }
}

/// A provider's health in one word, as in metrics and in `GET /v1/status`.
enum ProviderState: String, CaseIterable {
    case open, limited, broken

    init(_ condition: ProviderHealth.Condition) {
        self =
            switch condition {
            case .open: .open
            case .limited: .limited
            case .broken: .broken
            }
    }
}

extension HeldSummary.Key {
    /// The gauge of a reason; of what cannot be rendered, one for each template.
    fileprivate var meter: Meter {
        Meter(label: "sobre_held", dimensions: [("reason", reason), ("template", template ?? "")])
    }
}

extension Backlog.Item {
    /// Identifies the gauge of an item.
    struct Key: Hashable {
        var channel: Channel
        var state: DeliveryState

        var meter: Meter {
            Meter(
                label: "sobre_backlog", dimensions: [("channel", channel.description), ("state", state.description)])
        }
    }

    var key: Key { Key(channel: channel, state: state) }
}
