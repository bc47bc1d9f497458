import SobreModel
import SobreStore
import SobreStoreColumns

/// Erases recipients. The ledger rows and the suppressions are kept under hashes, because caps and opt-outs depend on
/// them.
extension Core {
    /// The result of one step of an erasure.
    struct ErasureStep {
        /// Nil when no profile has this ID and nothing is stored under it.
        var names: [KeyHash]?
        /// What the further steps remove from the texts that are kept.
        var words = ErasedWords()
        var suppressions = 0
    }

    /// The first step: deletes the profile and adds the suppressions, in one transaction.
    func erasePerson(_ id: String, by author: Author? = nil) throws(StoreError) -> ErasureStep {
        let now = now()
        let person = try person(id)
        let key: KeyHash
        if let person { key = person.subjects[0] } else { key = try canonical(.recipient(id)) }
        let names = try names(of: key)
        try eraseRejects(of: names)
        if person == nil, try erasedCount([key]) == 0 { return ErasureStep(names: nil) }
        let former = try formerAddresses(of: names)
        // Must run before the `erased` suppressions are added, which keep their text.
        try eraseAudit(of: Set((person?.subjects ?? []) + names + former))
        for subject in Set((person?.subjects ?? names) + former) {
            try cold("DELETE FROM inbound WHERE sender = ?").bind(1, subject).run()
            try cold("DELETE FROM last_inbound WHERE address = ?").bind(1, subject).run()
            try forget(device: subject)
            try cold(
                """
                UPDATE suppression_log SET label = '', source = '', evidence = NULL
                WHERE subject = ? AND reason <> 'erased'
                """
            ).bind(1, subject).run()
            try cold(
                """
                UPDATE suppression SET label = ?2, source = '', evidence = NULL
                WHERE subject = ?1 AND reason <> 'erased'
                """
            ).bind(1, subject).bind(2, Suppression.erasedLabel(subject)).run()
        }
        if let person {
            let addresses = person.subjects.dropFirst(person.names)
            try suppress(
                ([key] + addresses).map { subject in
                    Suppression(
                        subject: subject, label: Suppression.erasedLabel(subject), reason: .erased, source: "erasure",
                        at: now)
                })
            try giveUp(addresses, of: key)
        }
        try cold("DELETE FROM profile WHERE key = ?").bind(1, key).run()
        try cold("UPDATE alias SET id = '' WHERE person = ?").bind(1, key).run()
        for name in names {
            try forgetEngagement(of: name)
            try cold("UPDATE consent_log SET recipient = '', evidence = NULL, source = NULL WHERE person = ?")
                .bind(1, name).run()
        }
        forget(names)
        logCleaning.isDue = true
        let words = ErasedWords(
            names: [id] + (person.map { [$0.profile.id] + $0.profile.aliases } ?? []),
            addresses: person?.profile.addresses ?? [])
        // The reason may name the recipient.
        let redacted = author.map { Author(name: $0.name, note: words.removed(from: $0.note)) }
        try audit(.erase, Suppression.erasedLabel(key), about: key, by: redacted)
        return ErasureStep(names: names, words: words, suppressions: try erasedCount(person?.subjects ?? [key]))
    }

    /// The addresses that were ever used for a recipient, also those that the profile has lost.
    private func formerAddresses(of names: [KeyHash]) throws(StoreError) -> [KeyHash] {
        var addresses: [KeyHash] = []
        for name in names {
            // Not those of somebody else, with whom the recipient shared another address.
            let row = try cold(
                """
                SELECT DISTINCT address FROM person_contact WHERE person = ?1
                AND EXISTS (SELECT 1 FROM attempt WHERE id = person_contact.attempt AND recipient = ?1)
                """
            ).bind(1, name)
            while try row.step() { addresses.append(row.keyHash(0)) }
            row.reset()
        }
        return addresses
    }

    private func erasedCount(_ subjects: [KeyHash]) throws(StoreError) -> Int {
        let row = try cold("SELECT count(*) FROM suppression WHERE subject = ? AND reason = 'erased'")
        var count = 0
        for subject in subjects {
            row.bind(1, subject)
            if try row.step() { count += Int(row.int(0)) }
            row.reset()
        }
        return count
    }

    /// The further steps: deletes the data of a batch of messages and cancels their waiting deliveries.
    ///
    /// Returns the last message of this batch (nil at the end), the number of messages, and the number of deliveries
    /// cancelled.
    func eraseMessages(
        of names: [KeyHash], _ words: ErasedWords, after: Int64, limit: Int
    ) throws(StoreError) -> (last: Int64?, messages: Int, cancelled: Int) {
        let list = names.map { String($0.stored) }.joined(separator: ", ")
        let row = try Statement(
            """
            SELECT message FROM person_message WHERE person IN (\(list)) AND message > ?1
            UNION SELECT id FROM message
            WHERE id > max(?1, coalesce((SELECT value FROM meta WHERE name = 'people_filed_to'), 0))
            AND recipient_key IN (\(list)) ORDER BY 1 LIMIT ?2
            """, on: connection
        ).bind(1, after).bind(2, Int64(limit))
        var ids: [Int64] = []
        while try row.step() { ids.append(row.int(0)) }
        var cancelled = 0
        for id in ids {
            cancelled += try stop(MessageID(rawValue: id))
            try erase(MessageID(rawValue: id), words)
        }
        logCleaning.isDue = true
        return (ids.count < limit ? nil : ids.last, ids.count, cancelled)
    }

    /// Cancels waiting deliveries and keeps those in flight from being retried. Returns how many deliveries waited.
    private func stop(_ id: MessageID) throws(StoreError) -> Int {
        guard let message = try message(id) else { return 0 }
        var waiting = 0
        var isFinal = true
        for delivery in message.deliveries {
            guard let state = try lastEntry(of: delivery)?.state else { continue }
            if state.isPending { waiting += 1 }
            if !state.isFinal { isFinal = false }
        }
        if !isFinal { _ = try cancel(id) }
        return waiting
    }
}
