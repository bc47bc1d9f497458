import SobreModel
import SobreStore
import SobreStoreColumns

/// Removes what identifies the recipient from one message, its log and its receipts. What became of it stays.
extension Core {
    /// - Parameters:
    ///   - id: the message.
    ///   - words: the words that identify the recipient.
    /// - Throws: `StoreError` when a row cannot be written.
    func erase(_ id: MessageID, _ words: ErasedWords) throws(StoreError) {
        freshMessages.remove(id)
        try eraseFields(of: id, words)
        try removeAttachments(of: id.rawValue)
        try eraseLog(of: id, words)
        let (first, last) = (id.rawValue, id.rawValue | DeliveryID.slotMask)
        try cold("UPDATE receipt SET detail = '', note = '' WHERE delivery BETWEEN ? AND ?").bind(1, first)
            .bind(2, last).run()
        try cold("UPDATE delivery_event SET detail = '' WHERE delivery BETWEEN ? AND ?").bind(1, first).bind(2, last)
            .run()
        try cold("DELETE FROM poll WHERE delivery BETWEEN ? AND ?").bind(1, first).bind(2, last).run()
        // What the provider answers to an attempt in flight must not come in afterwards.
        for attempt in open.all where attempt.entry.delivery.message == id { erasedInFlight.insert(id) }
    }

    private func eraseFields(of id: MessageID, _ words: ErasedWords) throws(StoreError) {
        let row = try cold("SELECT campaign, journey, topic, tags, options FROM message WHERE id = ?")
            .bind(1, id.rawValue)
        defer { row.reset() }
        guard try row.step() else { return }
        let texts = (Int32(0)...2).map { row.optionalString($0).map { words.removed(from: $0) } }
        let options = row.optionalString(4).map { MessageOptions.erased(Array($0.utf8)) }
        let documents = [row.optionalString(3), options].map { text in
            text.map { text in
                String(decoding: words.removed(fromJSON: Array(text.utf8), droppingNames: false), as: UTF8.self)
            }
        }
        let campaign = row.optionalString(0)
        row.reset()
        if texts[0] != campaign { try move(id, from: .campaign(campaign), to: .campaign(texts[0])) }
        // The hash of a key stays, so that a repeated request is still recognised.
        try cold(
            """
            UPDATE message SET recipient = '', data = '{}', dedup_key = NULL,
                idempotency_key = CASE WHEN idempotency_key IS NULL THEN NULL ELSE '' END,
                campaign = ?2, journey = ?3, topic = ?4, tags = ?5, options = ?6
            WHERE id = ?1
            """
        ).bind(1, id.rawValue).bind(2, texts[0]).bind(3, texts[1]).bind(4, texts[2]).bind(5, documents[0])
            .bind(6, documents[1]).run()
    }

    /// Files the unsent deliveries of a message under the campaign that its message names from now on.
    private func move(_ id: MessageID, from former: KeyHash, to campaign: KeyHash) throws(StoreError) {
        for delivery in try message(id)?.deliveries ?? [] {
            guard let last = try lastEntry(of: delivery), last.state.isUnsent else { continue }
            try takeFromUnsent(last, former)
            let row = try cold(UnsentColumns.insert)
            UnsentColumns.bind(last, campaign, to: row)
            try row.run()
        }
    }

    /// Of texts, only those of a decision are kept, without the recipient. Others may repeat words of the message or of
    /// a provider's answer.
    private func eraseLog(of id: MessageID, _ words: ErasedWords) throws(StoreError) {
        try cold("UPDATE attempt SET summary = NULL WHERE delivery BETWEEN ? AND ? AND summary IS NOT NULL")
            .bind(1, id.rawValue).bind(2, id.rawValue | DeliveryID.slotMask).run()
        // Derived entries hold nothing else that could identify the recipient. No row has their numbers.
        for entry in try entries.all(of: id) {
            let isKept = entry.explanation != nil && entry.reason != DropReason.suppressed.rawValue
            try cold("UPDATE log SET provider_id = ?2, detail = ?3, explanation = ?4 WHERE seq = ?1")
                .bind(1, entry.sequence).bind(2, entry.providerID.map { words.removed(from: $0) })
                .bind(3, isKept ? words.removed(from: entry.detail) : "")
                .bind(4, entry.explanation.map { words.removed(fromJSON: $0, droppingNames: true) }).run()
        }
    }
}

extension ReceiptEffect {
    /// The effect without the provider's words, for a message of a recipient who was erased.
    var erasedText: ReceiptEffect {
        var copy = self
        copy.fold = ReceiptFold(
            fold.events.mapValues { event in ReceiptFold.Event(at: event.at, hour: event.hour) })
        copy.entry?.detail = ""
        copy.suppressions = suppressions.map(\.erasedText)
        return copy
    }
}
