import Logging
import SobreSettings
import SobreStore
import SobreWire

/// The sources of a running node, with what their readers do.
struct SourceRegistry: Sendable {
    private let setup: SourceSetup
    private let progress: [String: SourceProgress]
    private let settings: Settings

    init(_ settings: Settings, environment: Environment, logger: Logger) {
        self.settings = settings
        setup = SourceSetup(settings, environment: environment)
        progress = Dictionary(
            uniqueKeysWithValues: settings.sources.map { ($0.name, SourceProgress($0.name, logger: logger)) })
        for (name, why) in setup.faults.sorted(by: { $0.key < $1.key }) { progress[name]?.become(.broken, why) }
    }

    /// The sources that can be read.
    var readable: [(SourceSetup.Ready, SourceProgress)] {
        setup.ready.compactMap { ready in progress[ready.source.name].map { (ready, $0) } }
    }

    /// All of them, in the order of the settings.
    ///
    /// - Parameter store: has the rejected records and the positions.
    /// - Returns: one status for each.
    /// - Throws: `StoreError` when it cannot be read.
    func statuses(in store: any SourceHistory) async throws(StoreError) -> [SourceStatus] {
        try await SourceStatus.all(of: settings, in: store) { progress[$0]?.status }
    }
}

extension SourceStatus {
    /// The sources of the settings, with what the store knows of them.
    ///
    /// - Parameters:
    ///   - settings: name the sources.
    ///   - store: has the rejected records and the positions.
    ///   - live: what a reader does; nil: none runs.
    /// - Returns: one status for each, in the order of the settings.
    /// - Throws: `StoreError` when the store cannot be read.
    static func all(
        of settings: Settings, in store: any SourceHistory, _ live: (String) -> SourceStatus? = { _ in nil }
    ) async throws(StoreError) -> [SourceStatus] {
        if settings.sources.isEmpty { return [] }
        let rejects = try await store.rejectCounts()
        var statuses: [SourceStatus] = []
        for source in settings.sources {
            var status = live(source.name) ?? SourceStatus(name: source.name, condition: .stopped)
            status.rejects = rejects[source.name] ?? 0
            let read = Set(status.partitions.map(\.place))
            let stored = try await store.positions(of: source.name).filter { !read.contains($0.key) }
            status.partitions += stored.map { Partition(place: $0.key, next: $0.value) }
            status.partitions.sort { $0.place < $1.place }
            statuses.append(status)
        }
        return statuses
    }

    /// What an operator must know, with the command that helps; nil: nothing.
    func warning(_ limits: SourceLimits) -> String? {
        let reason = why.map { $0.hasSuffix(".") ? $0 : $0 + "." } ?? ""
        switch condition {
        case .broken: return "The source \(name) is not read: \(reason) sobre doctor checks it."
        case .failing:
            return "The source \(name) fails and is tried again: \(reason) sobre sources shows it."
        case .paused: return "The source \(name) is paused: \(reason) Its records wait at the brokers."
        case .starting, .reading, .stopped:
            guard lag > limits.lagWarning else { return nil }
            return "The source \(name) is \(lag) records behind. sobre sources shows its partitions."
        }
    }
}
