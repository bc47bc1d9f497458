import SobreModel

extension History {
    /// The history of a seed: few recipients and many conflicts.
    public static func random(_ seed: UInt64) -> History {
        var random = Seeded(seed, 0x4849_5354)
        var history = History(
            seed: seed, people: Int(random.number(2...4)),
            firstPolicy: Int(random.next() % UInt64(PromiseFixtures.count)),
            isKind: random.chance(300), isTalkative: random.chance(450), looksAtMidnight: random.chance(500),
            steps: [])
        // From a generator of its own, so that the rest of a seed's history stays the same.
        var restores = Seeded(seed, 0x5253_5452)
        if restores.chance(120) { history.restoredStart = restores.pick([0, 1, 1, 2]) }
        // A third of the histories have no faults, a third few, a third many, because each kind hides other bugs.
        let faults = random.pick([0, 3, 9])
        let length = random.number(40_000...200_000)
        var letters = 0
        for _ in 0..<Int(random.number(6...16)) {
            var batch: [Letter] = []
            for _ in 0..<random.pick([1, 1, 1, 2, 3]) {
                batch.append(letter(history, letters, &random))
                batch[batch.count - 1].number = letters
                letters += 1
            }
            history.steps.append(Step(at: random.number(0...length), action: .send(batch)))
        }
        // Two sends at the same instant cause the race that caps must handle.
        for index in history.steps.indices where index > 0 && random.chance(250) {
            history.steps[index].at = history.steps[index - 1].at + random.pick([0, 0, 1, 20])
        }
        for _ in 0..<Int(random.number(0...6)) {
            history.steps.append(
                Step(at: random.number(0...length), action: edit(history, letters, &random)))
        }
        for _ in 0..<faults {
            history.steps.append(Step(at: random.number(0...length), action: fault(&random)))
        }
        // From a generator of its own, for the same reason.
        var sharing = Seeded(seed, 0x5348_4152)
        if sharing.chance(400) {
            for _ in 0..<Int(sharing.number(1...4)) {
                let at = sharing.chance(500) ? 0 : sharing.number(0...length)
                history.steps.append(Step(at: at, action: share(history, &sharing)))
            }
        }
        // From a generator of its own, for the same reason.
        var stopping = Seeded(seed, 0x5041_5553)
        if stopping.chance(350) {
            for _ in 0..<Int(stopping.number(1...3)) { history.steps += pause(within: length, &stopping) }
        }
        history.steps.sort { $0.at < $1.at }
        for index in history.steps.indices { history.steps[index].place = index }
        return history
    }

    private static func letter(_ history: History, _ index: Int, _ random: inout Seeded) -> Letter {
        // Most messages go to one recipient, so that cap windows fill up.
        let person = random.chance(600) ? 0 : Int(random.next() % UInt64(history.people))
        let channels: [Channel] = random.pick([
            [.email], [.email], [.sms], [.push], [.email, .sms], [.sms, .email], [.push, .email],
            [.push, .sms, .email],
        ])
        let letter = Letter(
            person: person, category: random.pick(["marketing", "marketing", "marketing", "news", "transactional"]),
            campaign: random.pick(["spring", "spring", "sale"]), template: random.pick(["hello", "offer"]),
            words: random.chance(250) ? 1 : index + 2, channels: channels,
            route: channels.count > 1
                ? random.pick([.first, .first, .all, .best, .best, .escalate, .escalate]) : .first,
            priority: random.pick([.low, .normal, .normal, .high, .critical]),
            dedupKey: random.chance(200) ? "same" : "d\(index)",
            key: random.chance(700) ? (random.chance(120) ? "k0" : "k\(index)") : nil,
            sendAfter: random.chance(150) ? random.number(500...40_000) : nil,
            expiresAfter: random.chance(250) ? random.number(200...40_000) : nil)
        return withOptions(letter, &random)
    }

    /// Sets the options that only some messages use.
    private static func withOptions(_ letter: Letter, _ random: inout Seeded) -> Letter {
        var letter = letter
        letter.escalatesAfter = random.pick([3000, 10_000, 40_000])
        letter.escalatesUntil = random.pick([.delivered, .opened, .opened, .clicked, .converted])
        if random.chance(150) { letter.bestTimeWithin = random.pick([20_000, 60_000, 130_000, 300_000]) }
        letter.tenant = random.pick([nil, nil, nil, nil, "acme", "globex"])
        letter.isTest = random.chance(40)
        if random.chance(80) {
            letter.capFlags = random.pick([
                CapFlags(obeys: false, counts: true, by: "the test"),
                CapFlags(obeys: true, counts: false, by: "the test"),
            ])
        }
        return letter
    }

    private static func wish(_ random: inout Seeded) -> Wish {
        var wish = Wish()
        switch random.next() % 3 {
        case 0: wish.percent = random.pick([1, 34, 50])
        case 1:
            wish.rule = random.pick([
                "two-a-minute", "one", "three", "a-day", "wished", "wished", "reserved", "channel",
            ])
            wish.limit = random.pick([0, 1, 1, 4])
        default:
            wish.pause = random.number(3000...60_000)
            wish.category = random.pick([nil, nil, "marketing"])
            wish.channel = random.pick([nil, nil, .email, .sms])
        }
        return wish
    }

    /// Most messages go to the first recipient, so that one is mostly concerned.
    private static func share(_ history: History, _ random: inout Seeded) -> Action {
        let person = random.chance(600) ? 1 : Int(random.next() % UInt64(history.people))
        let other = person == 0 ? 1 : random.chance(700) ? 0 : (person + 1) % history.people
        return .share(
            person: person, channel: random.pick([.email, .email, .sms, .push]), of: other, moves: random.chance(300))
    }

    /// Most pauses are lifted again within the history. What is still paused at its end is lifted then.
    private static func pause(within length: Int64, _ random: inout Seeded) -> [Step] {
        let filter = random.pick([
            .all, .all, DeliveryFilter(campaign: "spring"), DeliveryFilter(category: "marketing"),
            DeliveryFilter(channel: .email), DeliveryFilter(channel: .sms), DeliveryFilter(provider: "mail-a"),
            DeliveryFilter(provider: "mail-b"), DeliveryFilter(provider: "text-a"), DeliveryFilter(template: "hello"),
            DeliveryFilter(tenant: "acme"), DeliveryFilter(campaign: "spring", channel: .email),
        ])
        let at = random.number(0...length)
        let ends = random.chance(400) ? random.number(1_000...30_000) : nil
        let steps = [Step(at: at, action: .pause(filter, for: ends))]
        guard random.chance(700) else { return steps }
        return steps + [Step(at: at + random.number(200...30_000), action: .resume(filter))]
    }

    private static func edit(_ history: History, _ letters: Int, _ random: inout Seeded) -> Action {
        let person = random.chance(700) ? 0 : Int(random.next() % UInt64(history.people))
        switch random.next() % 10 {
        case 0:
            return .change(
                person: person, consents: random.chance(500), sharesMailboxOf: random.chance(300) ? 1 : nil,
                hasPhone: random.chance(700), hasTablet: random.chance(500))
        case 7, 8: return .wish(person: person, wish(&random))
        case 9: return .receipts(copies: Int(random.number(1...3)))
        case 1, 2:
            return .suppress(
                person: person, byAddress: random.chance(500), channel: random.pick([nil, .email, .sms]),
                category: random.pick([nil, "marketing"]))
        case 3: return .lift(person: person)
        case 4: return .cancel(letter: Int(random.next() % UInt64(max(letters, 1))))
        case 5: return .policy(Int(random.next() % UInt64(PromiseFixtures.count)))
        default:
            let other = Int(random.next() % UInt64(history.people))
            return .merge(from: other == person ? (person + 1) % history.people : other, into: person)
        }
    }

    private static func fault(_ random: inout Seeded) -> Action {
        let down = random.pick([50, 500, 3000, 20_000] as [Int64])
        switch random.next() % 14 {
        case 0: return .crash(down: down)
        case 1, 2, 3: return .crashAt(random.pick(Point.allCases), down: down)
        case 4: return .restart(down: down)
        case 5: return .freeze(for: random.pick([300, 1500, 4000, 25_000]))
        case 6: return .setClock(ahead: random.pick([-3_600_000, -20_000, -3000, 0, 3000, 60_000, 259_200_000]))
        case 7, 8:
            return .storm(
                provider: random.pick(["mail-a", "mail-a", "mail-b", "text-a", "push-a"]),
                random.pick(Fate.allCases), for: random.number(500...20_000))
        case 9: return .failStore(random.pick(StoreCall.allCases), times: Int(random.number(1...4)))
        case 10: return .loseAnswer(random.pick(StoreCall.allCases))
        case 11, 12: return .stall(random.pick(StoreCall.allCases), for: random.pick([200, 2500, 8000, 30_000]))
        default: return .receipts(copies: Int(random.number(1...3)))
        }
    }
}
