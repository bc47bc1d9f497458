import HistoryChecker
import SobreDelivery
import SobreModel

/// The simulated providers. They record what arrives and answer according to its fate. This is the only evidence of
/// what recipients got. Runs on the scheduler.
final class SimulatedTransport: Transport, @unchecked Sendable {
    private unowned let world: World
    private unowned let node: HistoryNode
    private var waiting: [Int: @Sendable (HTTPAnswer) -> Void] = [:]
    private var heldBack: [(number: Int, answer: HTTPAnswer)] = []
    private var isCut = false
    private static let lost = HTTPAnswer.failure(TransportFault(.unknown, code: 28, "no answer came in time"))

    init(_ world: World, _ node: HistoryNode) {
        self.world = world
        self.node = node
    }

    func mail(_ call: MailCall, completion: @escaping @Sendable (MailAnswer) -> Void) {
        preconditionFailure("the simulation's providers speak HTTP")
    }

    func call(_ call: HTTPCall, completion: @escaping @Sendable (HTTPAnswer) -> Void) {
        // A dead process makes no calls, whatever its tasks still do.
        guard !isCut else { return }
        guard call.mayBegin?() ?? true else {
            return completion(.failure(TransportFault(.notSent, "the permission to begin ended")))
        }
        let number = world.nextRequest()
        waiting[number] = completion
        let timeout = call.timeout.milliseconds
        world.spawn { [self] in
            await world.scheduler.sleep(timeout)
            answer(number, Self.lost)
        }
        let headers = Dictionary(call.headers.map { ($0.name, $0.value) }) { first, _ in first }
        world.spawn { [self] in await take(number, call, headers, timeout: timeout) }
    }

    /// Closes the sockets of a dead node. Its pending calls fail.
    func cut() {
        isCut = true
        heldBack = []
        for number in waiting.keys.sorted() { waiting.removeValue(forKey: number)?(Self.lost) }
    }

    /// Delivers all answers that arrived while the process was frozen.
    func thaw() {
        let held = heldBack
        heldBack = []
        for (number, answer) in held { waiting.removeValue(forKey: number)?(answer) }
    }

    private func answer(_ number: Int, _ answer: HTTPAnswer) {
        guard waiting[number] != nil, !heldBack.contains(where: { $0.number == number }) else { return }
        if node.executor.isFrozen {
            heldBack.append((number, answer))
        } else {
            waiting.removeValue(forKey: number)?(answer)
        }
    }

    private func take(_ number: Int, _ call: HTTPCall, _ headers: [String: String], timeout: Int64) async {
        let provider = headers["provider"] ?? ""
        let reference = headers["reference"] ?? ""
        let attempt = Int(headers["attempt"] ?? "") ?? 0
        var random = Seeded(
            world.history.seed, 0x4641_5445, KeyHash(reference).rawValue, UInt64(attempt), KeyHash(provider).rawValue)
        let fate = world.fate(of: provider, &random)
        await world.scheduler.sleep(random.number(0...15))
        if fate == .unreachable {
            return answer(number, .failure(TransportFault(.notSent, code: 7, "connection refused")))
        }
        world.observe(
            .requested(
                Request(
                    number: number, provider: provider, reference: reference, attempt: attempt,
                    channel: Channel(name: headers["channel"] ?? "") ?? .email, address: headers["to"] ?? "",
                    words: String(decoding: call.body, as: UTF8.self),
                    saysPossibleDuplicate: headers["duplicate"] == "yes", answersPlainly: fate.isPlain,
                    blamesAddress: fate == .noSuchRecipient || fate == .recipientGone)))
        world.pass(.requested)
        // The whole request has arrived. Acceptance happens before the caller's timeout.
        let patience = max(1, timeout - 40)
        await world.scheduler.sleep(
            min(patience, fate == .acceptsSlowly ? random.number(500...4_500) : random.number(1...250)))
        if let delivery = DeliveryID(reference), fate.takes || !fate.isPlain {
            let asked = Asked(delivery: delivery, provider: provider, number: number, isTaken: fate.takes)
            world.asked.append(asked)
            if world.history.isTalkative { world.reportLater(asked) }
        }
        if fate.takes {
            world.observe(.took(request: number))
            world.pass(.took)
        }
        await world.scheduler.sleep(random.number(0...20))
        if let reply = Self.reply(fate, number) { answer(number, reply) }
    }

    /// Nil when no answer comes.
    private static func reply(_ fate: Fate, _ number: Int) -> HTTPAnswer? {
        func response(_ status: Int, _ headers: [(name: String, value: String)] = [], _ body: String = "") -> HTTPAnswer
        {
            .response(status: status, headers: headers, body: Array(body.utf8))
        }
        switch fate {
        case .accepts, .acceptsSlowly: return response(202, [], "id-\(number)")
        case .acceptsSilently, .silent: return nil
        case .acceptsAndResets, .resets: return .failure(TransportFault(.unknown, code: 56, "connection reset"))
        case .acceptsAndFails, .fails: return response(500)
        case .unavailable: return response(503)
        case .throttles: return response(429, [("retry-after", "2")])
        case .acceptsWithGarbage, .garbage: return response(200, [], "<html>")
        case .unreachable: return nil
        case .noSuchRecipient: return response(404)
        case .recipientGone: return response(410)
        case .refusesContent: return response(400)
        case .unauthorised: return response(401)
        }
    }
}

extension World {
    /// Numbers the requests of all nodes.
    func nextRequest() -> Int {
        requests += 1
        return requests
    }

    /// The fate of a request: the storm's while there is one, otherwise random and mostly good.
    func fate(of provider: String, _ random: inout Seeded) -> Fate {
        if let storm = storms[provider], storm.until > now {
            reach("storm")
            return storm.fate
        }
        if isCalm || history.isKind { return random.chance(900) ? .accepts : .acceptsSlowly }
        let roll = Int(random.next() % 1000)
        var sum = 0
        for (fate, share) in Self.shares {
            sum += share
            if roll < sum { return fate }
        }
        return .accepts
    }

    private static let shares: [(Fate, Int)] = [
        (.acceptsSlowly, 80), (.acceptsSilently, 30), (.silent, 20), (.acceptsAndResets, 30), (.resets, 20),
        (.acceptsAndFails, 15), (.fails, 15), (.unavailable, 30), (.throttles, 30), (.acceptsWithGarbage, 10),
        (.garbage, 10), (.unreachable, 25), (.noSuchRecipient, 6), (.recipientGone, 4), (.refusesContent, 6),
        (.unauthorised, 2),
    ]
}
