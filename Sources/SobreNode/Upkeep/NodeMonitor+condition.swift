import Files
import SobreAdmission
import SobreDelivery
import SobreDispatch
import SobreModel
import SobreRendering
import SobreSettings
import SobreStore
import SobreWire
import Text

extension NodeMonitor {
    /// The data of `GET /v1/status` and `sobre doctor`. Proves with a write that the store takes more.
    func condition() async -> NodeCondition {
        let now = node.time.now()
        var condition = NodeCondition(
            inFlight: node.dispatcher.inFlight, policyVersion: node.policy.policy.version)
        addClock(to: &condition)
        await addStore(to: &condition)
        addFiles(to: &condition)
        addProviders(to: &condition, at: now)
        addBacklog(to: &condition, at: now)
        await addPauses(to: &condition, at: now)
        await addSubscriptions(to: &condition, at: now)
        await addSources(to: &condition)
        return condition
    }

    private func addSubscriptions(to condition: inout NodeCondition, at now: Instant) async {
        do {
            let settings = node.settings.events
            condition.subscriptions = try await node.subscriptions.statuses(of: settings, in: node.store, at: now)
            condition.warnings += condition.subscriptions.compactMap { $0.warning(settings.limits) }
        } catch {
            condition.warnings.append("The subscriptions to events cannot be read: \(error.message)")
        }
    }

    private func addSources(to condition: inout NodeCondition) async {
        do {
            condition.sources = try await node.sources.statuses(in: node.store)
            for (status, source) in zip(condition.sources, node.settings.sources) {
                if let warning = status.warning(source.limits) { condition.warn(.sources, warning) }
            }
        } catch {
            condition.warn(.sources, "The sources of messages cannot be read: \(error.message)")
        }
    }

    private func addPauses(to condition: inout NodeCondition, at now: Instant) async {
        do {
            condition.pauses = try await node.store.pauses(at: now)
            for status in condition.pauses { condition.warn(.pauses, status.pause.warning) }
        } catch {
            condition.warn(.pauses, "The pauses of sending cannot be read: \(error.message)")
        }
    }

    private func addClock(to condition: inout NodeCondition) {
        let alarm = node.time.alarm
        condition.isClockTrusted = alarm == nil
        condition.clockOffsetSeconds = clockOffsetSeconds
        if let alarm { condition.warn(.clock, "\(alarm) timedatectl shows the system's clock.") }
        if node.policy.restoredAt != nil {
            condition.warn(
                .data,
                "The data was restored: messages that may have been sent since the backup, and messages under caps, are held. "
                    + "Start without --restored to release them.")
        }
    }

    private func addStore(to condition: inout NodeCondition) async {
        let directory = node.settings.data.directory
        condition.freeBytes = node.settings.storeLocation().room
        do {
            try await node.store.checkWritable()
            if let warning = DiskSpace.warning(
                free: condition.freeBytes, low: node.settings.monitor.lowRoomBytes, directory: directory)
            {
                condition.warn(.disk, warning)
            }
        } catch {
            condition.isWritable = false
            condition.warn(.disk, "\(error.message) df -h \(FilePath.forDisplay(directory)) shows the disk.")
        }
        if let fault = DataDirectoryCheck.fault(of: directory) { condition.warn(.data, fault) }
        if let loss = node.loss.words { condition.warn(.data, loss) }
    }

    private func addFiles(to condition: inout NodeCondition) {
        let policy = FilePath.forDisplay(node.settings.paths.policy)
        for (file, why) in node.refusals.all {
            condition.refusedFiles.append(.init(file: file, why: why))
            let command = file == policy ? "sobre policy check" : "sobre doctor"
            condition.warn(.files, "\(file) changed and is not in force: \(why) \(command) checks it.")
        }
        condition.pendingRestart = node.configuration.pendingRestart
        if !condition.pendingRestart.isEmpty {
            condition.warn(
                .restart,
                "\(condition.pendingRestart.joined(separator: ", ")) changed in the settings. Restart sobre serve to put that in "
                    + "force.")
        }
        condition.brokenTemplates = node.checkedTemplates.broken.map(\.name).sorted()
        for name in condition.brokenTemplates {
            condition.warn(
                .templates,
                "The template \(name) is broken; its messages are held. sobre templates shows where.")
        }
    }

    private func addProviders(to condition: inout NodeCondition, at now: Instant) {
        let setup = node.configuration.setup
        for (name, why) in setup.faults.sorted(by: { $0.key < $1.key }) {
            condition.warn(
                .providers,
                "\(name) cannot send: \(Self.sentence(why)) sobre providers check checks it, sobre reload tries it again."
            )
        }
        for (name, why) in setup.receiptFaults.sorted(by: { $0.key < $1.key }) where setup.faults[name] != why {
            condition.warn(
                .providers,
                "Receipts of \(name) cannot be verified and are rejected: \(Self.sentence(why)) sobre doctor checks it, "
                    + "sobre reload tries it again.")
        }
        for status in node.router.statuses(at: now) {
            let word = ProviderState(status.condition)
            var provider = NodeCondition.ProviderStatus(
                name: status.name, channel: status.channel.description, state: word.rawValue, inFlight: status.inFlight)
            provider.share = status.share
            if let why = status.shareReason {
                provider.why = why
                condition.warn(
                    .providers,
                    "\(status.name) keeps \(status.share) % of its traffic, because \(why). The rest goes to other "
                        + "providers of its channel.")
            }
            switch status.condition {
            case .open: break
            case .limited(let until): provider.until = until
            case .broken(let until, let cause, let why):
                provider.until = until
                provider.why = why
                let cure =
                    cause == .account
                    ? " Fix its settings or account; sobre providers check checks them."
                    : " sobre logs --provider "
                        + "\(status.name) shows what it answered."
                condition.warn(
                    .providers, "\(status.name) is broken: \(Self.sentence(why)) It is tried again at \(until).\(cure)")
            }
            condition.providers.append(provider)
        }
    }

    private func addBacklog(to condition: inout NodeCondition, at now: Instant) {
        let (backlog, held, unknown) = counted
        condition.waiting = backlog.items.map {
            .init(channel: $0.channel.description, state: $0.state.description, count: $0.count)
        }
        for (channel, dueAt) in backlog.oldestDue {
            condition.oldestDueSeconds[channel.description] = Double(max(.zero, now - dueAt).milliseconds) / 1000
        }
        condition.held = held.items.map { key, item in
            .init(reason: key.reason, template: key.template, count: item.count, detail: item.detail)
        }.sorted { ($1.count, $0.reason, $0.template ?? "") < ($0.count, $1.reason, $1.template ?? "") }
        for warning in held.warnings { condition.warn(.messages, warning) }
        let limits = node.settings.monitor
        if unknown.growth >= limits.unknownGrowth {
            condition.warn(
                .unknown,
                "\(unknown.growth) deliveries more than \(DurationText.words(limits.unknownWindow)) ago have an unknown outcome, "
                    + "\(unknown.total) in all. sobre logs --state unknown shows the providers and why. Receipts resolve them."
            )
        }
    }

    private static func sentence(_ text: String) -> String { text.hasSuffix(".") ? text : text + "." }
}
