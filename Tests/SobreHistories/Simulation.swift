public import HistoryChecker
public import SobreModel
import SobreSQLite
import SobreStore

/// Runs one history and checks it.
public enum Simulation {
    public struct Verdict: Sendable {
        public var history: History
        public var violations: [Violation]
        /// The rare events that occurred, and how often.
        public var reached: [String: Int]
        /// A hash of all observations. It is equal for equal seeds.
        public var fingerprint: UInt64
        public var observations: Int
    }

    /// Runs a history and blocks the calling thread until it ends.
    ///
    /// - Parameters:
    ///   - history: The history to run.
    ///   - mutation: A safeguard that is broken on purpose.
    ///   - traces: Print all observations.
    /// - Returns: The checker's verdict.
    public static func play(_ history: History, mutation: Mutation? = nil, traces: Bool = false) -> Verdict {
        let root = Files.temporaryDirectory()
        defer { Files.remove(root) }
        let world = World(history, mutation: mutation, root: root, traces: traces)
        let director = Director(world)
        EmptyStore.put(into: world.directory)
        world.startNode()
        world.spawn { await director.direct() }
        let hasEnded = world.scheduler.play { director.isDone || world.failure != nil }
        var violations: [Violation] = []
        if let failure = world.failure { violations.append(Violation(.endsInBoundedTime, failure)) }
        if let end = director.end {
            let testimony = Testimony(
                observations: world.observations, end: end, beganAt: History.beginsAt,
                longestCall: HistoryNode.longestCall, maxAttempts: HistoryNode.maxAttempts)
            violations += Checker.judge(testimony)
        } else if world.failure == nil {
            violations.append(
                Violation(
                    .endsInBoundedTime, at: world.now,
                    hasEnded ? "the history came to no end" : "nothing can go on, or it goes on for ever"))
        }
        let verdict = Verdict(
            history: history, violations: violations, reached: world.reached, fingerprint: fingerprint(world),
            observations: world.observations.count)
        // Sleeping tasks would keep all of this in memory.
        world.isOver = true
        world.scheduler.end()
        // The node's clock refers to the world.
        world.node = nil
        return verdict
    }

    private static func fingerprint(_ world: World) -> UInt64 {
        var hash = StableHash()
        for (moment, what) in world.observations {
            hash.combine(KeyHash(rawValue: UInt64(bitPattern: moment.at)))
            switch what {
            case .admitted(let intent): hash.combine(KeyHash(rawValue: UInt64(bitPattern: intent.ledgerID)))
            case .requested(let request): hash.combine(request.reference)
            case .refused(let refusal): hash.combine(refusal.reason)
            case .recorded(let ending): hash.combine(ending.reason)
            default: break
            }
        }
        return hash.keyHash.rawValue
    }
}

/// Performs the steps of a history and then waits until everything is at rest. Runs on the scheduler.
private final class Director: @unchecked Sendable {
    private unowned let world: World
    private(set) var isDone = false
    private(set) var end: EndState?
    /// How long everything may take to come to rest, in seconds.
    private static let patience = 900

    init(_ world: World) { self.world = world }

    func direct() async {
        for person in 0..<world.history.people { await put(profile(person)) }
        for step in world.history.steps {
            await world.scheduler.sleep(step.at - world.now)
            world.trace("-- \(step.action)")
            world.outstanding += 1
            world.spawn { [self] in
                await perform(step.action)
                world.outstanding -= 1
            }
        }
        // Time for held and retried deliveries.
        await world.scheduler.sleep(30_000)
        world.endFaults()
        while world.outstanding > 0 { await world.scheduler.sleep(100) }
        if world.isPaused {
            await world.persist { store async throws(StoreError) in try await store.resume { _ in true } }
        }
        await world.scheduler.sleep(30_000)
        end = await rest()
        world.node?.stop(down: -1)
        while !world.hasStopped, world.failure == nil { await world.scheduler.sleep(10) }
        isDone = true
    }

    // MARK: Steps

    private func perform(_ action: History.Action) async {
        switch action {
        case .send(let batch): await send(batch)
        case .change(let person, let consents, let other, let hasPhone, let hasTablet):
            await put(
                profile(person, consents: consents, mailboxOf: other, hasPhone: hasPhone, hasTablet: hasTablet))
        case .share(let person, let channel, let other, let moves): await share(person, channel, of: other, moves)
        case .wish(let person, let wish):
            guard var profile = world.known["p\(person)"] else { return }
            profile.caps = caps(of: wish)
            await put(profile)
        case .suppress(let person, let byAddress, let channel, let category):
            let profile = profile(person)
            let suppression = Suppression(
                subject: byAddress ? profile.addresses[0].subject : .recipient(profile.id), label: profile.id,
                reason: .manual, channel: channel, category: category, source: "test", at: History.beginsAt)
            await world.persist { store async throws(StoreError) in try await store.suppress(suppression) }
        case .lift(let person):
            await world.persist { store async throws(StoreError) in try await store.lift("p\(person)") }
        case .cancel(let letter):
            guard let id = world.messages[letter] else { return }
            await world.persist { store async throws(StoreError) in try await store.cancel(id) }
        case .merge(let from, let into):
            await world.persist { store async throws(StoreError) in try await store.merge("p\(from)", into: "p\(into)")
            }
        case .pause(let filter, let length):
            await world.persist { store async throws(StoreError) in try await store.pause(filter, for: length) }
        case .resume(let filter):
            await world.persist { store async throws(StoreError) in try await store.resume { $0 == filter } }
        case .policy(let number):
            for _ in 0..<1000 {
                if let node = world.node, node.isUp, !node.executor.isFrozen {
                    do {
                        try await node.policy.replace(number: number, at: node.store, world)
                        return
                    } catch {}
                }
                await world.scheduler.sleep(200)
            }
        case .crash(let down): world.node?.crash(down: down)
        case .crashAt(let point, let down): world.arm(point, down: down)
        case .restart(let down): world.node?.stop(down: down)
        case .freeze(let length): world.node?.freeze(for: length)
        case .setClock(let ahead): world.setClock(ahead: ahead)
        case .storm(let provider, let fate, let length):
            world.storms[provider] = (fate, world.now + length)
        case .failStore(let call, let times): world.fail(call, times: times)
        case .loseAnswer(let call): world.loseAnswer(call)
        case .stall(let call, let length): world.stall(call, for: length)
        case .receipts(let copies):
            await world.report(world.receipts(of: world.asked, copies: copies))
        }
    }

    /// Gives a recipient an address that another one holds. Devices are added, other addresses take the place of the
    /// recipient's own.
    private func share(_ person: Int, _ channel: Channel, of other: Int, _ moves: Bool) async {
        guard var giver = world.known["p\(other)"], let address = giver.addresses.last(where: { $0.channel == channel })
        else { return }
        if moves {
            giver.addresses.removeAll { $0.subject == address.subject }
            await put(giver)
        }
        guard var taker = world.known["p\(person)"] else { return }
        taker.addresses.removeAll { $0.channel == channel && channel != .push || $0.subject == address.subject }
        taker.addresses.append(address)
        await put(taker)
        world.reach(moves ? "address moved" : "address shared")
    }

    private func caps(of wish: History.Wish) -> RecipientCaps {
        RecipientCaps(
            pauses: wish.pause.map { pause in
                [.init(until: world.clock + .milliseconds(pause), category: wish.category, channel: wish.channel)]
            } ?? [],
            limits: wish.rule.map { [.init(rule: $0, limit: wish.limit)] } ?? [], percent: wish.percent)
    }

    private func send(_ batch: [History.Letter]) async {
        let now = Instant(milliseconds: History.beginsAt.milliseconds + world.now)
        let letters = batch.map { letter in
            let draft = MessageDraft(
                recipient: "p\(letter.person)", template: letter.template, campaign: letter.campaign,
                category: letter.category, channels: letter.channels, route: letter.route, priority: letter.priority,
                sendAt: letter.sendAfter.map { now + .milliseconds($0) },
                expiresAt: letter.expiresAfter.map { now + .milliseconds($0) }, dedupKey: letter.dedupKey,
                data: Array("{\"n\":\(letter.words)}".utf8),
                escalation: Escalation(after: .milliseconds(letter.escalatesAfter), until: letter.escalatesUntil),
                bestTimeWithin: letter.bestTimeWithin.map { .milliseconds($0) }, tenant: letter.tenant,
                isTest: letter.isTest, capFlags: letter.capFlags)
            return (
                index: letter.number,
                submission: Submission(
                    draft: draft, idempotencyKey: letter.key, requestHash: KeyHash("\(letter.hashValueOfText)"))
            )
        }
        let keyed = letters.filter { $0.submission.idempotencyKey != nil }
        let bare = letters.filter { $0.submission.idempotencyKey == nil }
        if !keyed.isEmpty {
            await world.persist { store async throws(StoreError) in try await store.enqueue(keyed) }
            // Impatient clients send everything twice.
            if keyed[0].index % 5 == 0 {
                await world.persist { store async throws(StoreError) in try await store.enqueue(keyed) }
            }
        }
        // A client without a key must not repeat a request whose result it does not know.
        if !bare.isEmpty, let node = world.node, node.isUp, !node.executor.isFrozen {
            try? await node.store.enqueue(bare)
        }
    }

    private func put(_ profile: Profile) async {
        await world.persist { store async throws(StoreError) in try await store.put(profile) }
    }

    private func profile(
        _ person: Int, consents: Bool = true, mailboxOf other: Int? = nil, hasPhone: Bool = true,
        hasTablet: Bool? = nil
    ) -> Profile {
        let mailbox = other.map { $0 == person ? person : $0 } ?? person
        var addresses = [Address(channel: .email, value: "P\(mailbox)@Example.com")]
        if hasPhone { addresses.append(Address(channel: .sms, value: "+4420794601\(10 + person)")) }
        addresses.append(Address(channel: .push, value: "token-\(person)"))
        if hasTablet ?? (person == 1) { addresses.append(Address(channel: .push, value: "tablet-\(person)")) }
        return Profile(
            id: "p\(person)", timezone: "UTC", addresses: addresses,
            consents: [
                Consent(
                    category: "marketing", granted: consents,
                    at: Instant(milliseconds: History.beginsAt.milliseconds + world.now))
            ])
    }

    // MARK: End

    /// Waits until nothing runs by itself any more, and reads the tables.
    private func rest() async -> EndState? {
        for _ in 0..<Self.patience {
            await world.scheduler.sleep(1000)
            guard let node = world.node, node.isUp, !node.executor.isFrozen else { continue }
            guard let depth = try? await node.store.depth(), depth.inFlight == 0, depth.claimed == 0 else { continue }
            let dueAt = try? await node.store.nextDueAt()
            if let dueAt, dueAt <= node.clock.now() { continue }
            // Receipts that arrived before their outcome are retried with growing pauses.
            if world.hasReceipts { continue }
            return await tables(node.store, isAtRest: true)
        }
        guard let node = world.node, node.isUp else { return nil }
        return await tables(node.store, isAtRest: false)
    }

    private func tables(_ store: NodeStore, isAtRest: Bool) async -> EndState? {
        var end = EndState(
            logs: [:], messages: [], ledger: [:], open: 0, clock: store.clock.now(), isAtRest: isAtRest)
        do {
            end.open = try await store.depth().inFlight
            for id in world.drafts.keys.sorted() {
                let (message, log) = try await world.scheduler.outside { () async throws(StoreError) in
                    (try await store.inner.message(id), try await store.inner.history(of: id))
                }
                if message != nil { end.messages.insert(id) }
                for entry in log { end.logs[entry.delivery, default: []].append(entry) }
            }
            for person in 0..<world.history.people {
                let facts = try await world.scheduler.outside { () async throws(StoreError) in
                    try await store.inner.facts(recipient: "p\(person)", horizon: .seconds(86_400 * 400))
                }
                for entry in facts.ledger where entry.state != .released { end.ledger[entry.id] = entry }
            }
            return end
        } catch {
            world.failure = "the tables cannot be read: \(error)"
            return nil
        }
    }
}

extension History.Letter {
    /// Equal for equal requests.
    fileprivate var hashValueOfText: String {
        "\(person) \(category) \(campaign) \(template) \(words) \(channels) \(route) \(priority) \(dedupKey ?? "")"
            + " \(tenant ?? "") \(isTest) \(bestTimeWithin ?? 0)"
    }
}
