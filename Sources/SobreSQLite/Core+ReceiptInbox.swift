import SobreModel
import SobreStore
import SobreStoreColumns

extension Core {
    func append(_ receipts: [Receipt], maxWaiting: Int) throws(StoreError) -> ReceiptIntake {
        let now = now()
        let waiting = try cold("SELECT count(*) FROM receipt WHERE standing = 0")
        defer { waiting.reset() }
        var left = try waiting.step() ? Int64(maxWaiting) - waiting.int(0) : Int64(maxWaiting)
        waiting.reset()
        var intake = ReceiptIntake()
        for receipt in receipts {
            let key = ReceiptColumns.eventKey(receipt)
            if try isKnown(receipt, key: key) {
                intake.repeated += 1
                continue
            }
            guard left > 0 else {
                throw StoreError(
                    .overloaded,
                    "\(maxWaiting) receipts wait in the inbox already (receipts.max_waiting); send them again later.")
            }
            left -= 1
            try cold("INSERT INTO receipt VALUES (NULL, 0, ?, ?, '', ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)")
                .bind(1, now).bind(2, now).bind(3, key).bind(4, receipt.provider).bind(5, receipt.eventID)
                .bind(6, receipt.delivery?.rawValue).bind(7, receipt.providerID).bind(8, Int64(receipt.kind.rawValue))
                .bind(9, receipt.at).bind(10, receipt.detail).bind(11, receipt.isSigned ? 1 : 0)
                .bind(12, receipt.address?.stored).bind(13, receipt.isOneOfSeveral ? 1 : 0).run()
            intake.kept += 1
        }
        return intake
    }

    private func isKnown(_ receipt: Receipt, key: Int64) throws(StoreError) -> Bool {
        let row = try cold("SELECT \(ReceiptColumns.list) FROM receipt WHERE event_key = ?").bind(1, key)
        defer { row.reset() }
        while try row.step() {
            if let known = ReceiptColumns.read(row), ReceiptColumns.isRepetition(receipt, of: known.receipt) {
                return true
            }
        }
        return false
    }

    func applyReceipts(
        limit: Int, patience: Duration, _ decide: ReceiptDecider
    ) throws(StoreError) -> ReceiptRound {
        let now = now()
        var round = ReceiptRound()
        let due = try dueReceipts(limit: limit, now: now)
        round.hasMore = due.count == limit
        var hasIndexed = false
        for row in due {
            let judged = try judge(row, now: now, hasIndexed: &hasIndexed, decide)
            switch judged.verdict {
            case .apply: if try carryOut(judged, of: row, now: now, &round) { round.applied += 1 }
            case .anonymise: if try carryOut(judged, of: row, now: now, &round) { round.anonymous += 1 }
            case .ignore(let why):
                try finish(row, judged.delivery, .ignored, why, isErased: judged.isErased)
                round.ignored += 1
            case .wait(let why) where now - row.receivedAt > patience:
                try finish(row, judged.delivery, .lapsed, why)
                round.lapsed += 1
            case .wait(let why):
                let pause = min(max((now - row.receivedAt) / 2, .milliseconds(50)), .seconds(60))
                try cold("UPDATE receipt SET due_at = ?, note = ? WHERE id = ?").bind(1, now + pause).bind(2, why)
                    .bind(3, row.id).run()
                round.waiting += 1
            }
        }
        try countReceipts([
            .applied: round.applied, .ignored: round.ignored, .lapsed: round.lapsed, .anonymous: round.anonymous,
        ])
        let next = try cold("SELECT min(due_at) FROM receipt WHERE standing = 0")
        defer { next.reset() }
        if try next.step() { round.nextDueAt = next.instant(0) }
        return round
    }

    /// What is known of a receipt: its delivery, the decision about it, and whether its recipient was erased.
    typealias Judged = (delivery: DeliveryID?, verdict: ReceiptVerdict, isErased: Bool)

    /// Carries out a decision that has an effect, in a round of the inbox and in a replay.
    ///
    /// - Returns: whether there was one.
    func carryOut(
        _ judged: Judged, of row: ReceiptRow, now: Instant, _ round: inout ReceiptRound
    ) throws(StoreError) -> Bool {
        guard let delivery = judged.delivery else { return false }
        switch judged.verdict {
        case .apply(let effect):
            try apply(judged.isErased ? effect.erasedText : effect, to: delivery, now: now, &round)
            try finish(row, delivery, .applied, "", isErased: judged.isErased)
        case .anonymise(let effect):
            if let effect { try apply(effect, to: delivery, now: now, &round) }
            try anonymise(row)
        case .ignore, .wait: return false
        }
        return true
    }

    /// Decides on a receipt by what is known of its delivery now.
    ///
    /// - Parameters:
    ///   - row: the receipt.
    ///   - now: the time of the round.
    ///   - hasIndexed: whether the index of providers' ids was updated in this round. It is updated only when a receipt
    ///     needs it.
    ///   - decide: the receipt policy.
    /// - Returns: its delivery if known, the decision, and whether its recipient was erased.
    /// - Throws: `StoreError` when the delivery cannot be read.
    func judge(
        _ row: ReceiptRow, now: Instant, hasIndexed: inout Bool, _ decide: ReceiptDecider
    ) throws(StoreError) -> Judged {
        var delivery = row.receipt.delivery
        if delivery == nil, let providerID = row.receipt.providerID {
            if !hasIndexed { try fileProviderIDs(limit: 20_000) }
            hasIndexed = true
            delivery = try self.delivery(ofProviderID: providerID, provider: row.receipt.provider)
        }
        let known = try delivery.flatMap { id throws(StoreError) in try facts(of: row.receipt, id) }
        var verdict = known.map { decide($0, now) } ?? .wait("no matching message is known")
        // A wrong decision must not block the receipts that follow.
        switch verdict {
        case .apply(let effect) where try !isLegal(effect, delivery):
            verdict = .ignore("it does not fit the state of the delivery")
        case .anonymise(let effect?) where try !isLegal(effect, delivery): verdict = .anonymise(nil)
        default: break
        }
        return (delivery, verdict, known?.message.recipient.isEmpty ?? false)
    }

    private func isLegal(_ effect: ReceiptEffect, _ delivery: DeliveryID?) throws(StoreError) -> Bool {
        guard let entry = effect.entry else { return true }
        guard let delivery, let last = try lastEntry(of: delivery) else { return false }
        return entry.state == last.state || last.state.mayBecome(entry.state)
    }

    /// Maintains the counts of processed receipts, so that the rows need not be counted.
    func countReceipts(_ changes: [ReceiptRow.Standing: Int]) throws(StoreError) {
        for (standing, change) in changes where change != 0 {
            try cold(
                """
                INSERT INTO meta VALUES (?1, max(0, ?2))
                ON CONFLICT (name) DO UPDATE SET value = max(0, value + ?2)
                """
            ).bind(1, ReceiptColumns.counter(standing)).bind(2, Int64(change)).run()
        }
    }

    private func dueReceipts(limit: Int, now: Instant) throws(StoreError) -> [ReceiptRow] {
        let row = try cold(
            """
            SELECT \(ReceiptColumns.list) FROM receipt WHERE standing = 0 AND due_at <= ? ORDER BY due_at, id LIMIT ?
            """
        ).bind(1, now).bind(2, Int64(max(0, limit)))
        defer { row.reset() }
        var due: [ReceiptRow] = []
        while try row.step() { if let receipt = ReceiptColumns.read(row) { due.append(receipt) } }
        return due
    }

    func finish(
        _ row: ReceiptRow, _ delivery: DeliveryID?, _ standing: ReceiptRow.Standing, _ note: String,
        isErased: Bool = false
    ) throws(StoreError) {
        try cold(
            """
            UPDATE receipt SET standing = ?, note = ?, delivery = coalesce(delivery, ?), detail = iif(?, '', detail)
            WHERE id = ?
            """
        ).bind(1, Int64(standing.rawValue)).bind(2, note).bind(3, delivery?.rawValue).bind(4, isErased ? 1 : 0)
            .bind(5, row.id).run()
        if isErased { logCleaning.isDue = true }
    }

    /// Removes what identifies the message of a receipt. The hash stays, so that a repetition is recognised.
    func anonymise(_ row: ReceiptRow) throws(StoreError) {
        try cold(
            """
            UPDATE receipt SET standing = ?, note = ?, event_id = NULL, delivery = NULL, provider_id = NULL, detail = ''
            WHERE id = ?
            """
        ).bind(1, Int64(ReceiptRow.Standing.anonymous.rawValue))
            .bind(2, "counted without the recipient, who has not consented to tracking").bind(3, row.id).run()
    }

    // MARK: Provider IDs

    /// Indexes the provider IDs of the next part of the log.
    private func fileProviderIDs(limit: Int) throws(StoreError) {
        let mark = try cold("SELECT value FROM meta WHERE name = 'provider_ids_filed_to'")
        defer { mark.reset() }
        var indexedTo: Int64 = try mark.step() ? mark.int(0) : 0
        mark.reset()
        let row = try cold("SELECT seq, delivery, provider_id FROM log WHERE seq > ? ORDER BY seq LIMIT ?")
            .bind(1, indexedTo).bind(2, Int64(limit))
        defer { row.reset() }
        while try row.step() {
            indexedTo = row.int(0)
            guard let providerID = row.optionalString(2) else { continue }
            try cold("INSERT OR IGNORE INTO provider_message VALUES (?, ?)").bind(1, row.int(1))
                .bind(2, ReceiptColumns.hash(providerID: providerID)).run()
        }
        try cold("INSERT OR REPLACE INTO meta VALUES ('provider_ids_filed_to', ?)").bind(1, indexedTo).run()
    }

    private func delivery(ofProviderID providerID: String, provider: String) throws(StoreError) -> DeliveryID? {
        let row = try cold(
            """
            SELECT delivery FROM provider_message WHERE hash = ?
            """
        ).bind(1, ReceiptColumns.hash(providerID: providerID))
        defer { row.reset() }
        let entry = try cold(
            """
            SELECT 1 FROM log WHERE seq IN (\(DeliveryEntries.sequences)) AND provider_id = ?2 AND provider = ?3
            """)
        while try row.step() {
            entry.bind(1, row.int(0)).bind(2, providerID).bind(3, provider)
            defer { entry.reset() }
            if try entry.step() { return DeliveryID(rawValue: row.int(0)) }
        }
        return nil
    }
}
