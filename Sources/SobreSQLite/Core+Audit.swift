import SobreModel
import SobreStore
import SobreStoreColumns

/// The audit trail. Each entry is written in the transaction of its change.
extension Core {
    /// Appends an entry. A change without an author has none.
    ///
    /// - Parameters:
    ///   - action: What was done.
    ///   - subject: What it was done to, without addresses.
    ///   - key: The recipient or address that the entry is about, so that an erasure finds it.
    ///   - detail: More about the change.
    ///   - author: Who ordered it.
    /// - Throws: `StoreError` when the row cannot be written.
    func audit(
        _ action: AuditAction, _ subject: String, about key: KeyHash? = nil, detail: String = "", by author: Author?
    ) throws(StoreError) {
        guard let author else { return }
        try cold(
            """
            INSERT INTO audit (at, author, note, action, subject, subject_key, detail) VALUES (?, ?, ?, ?, ?, ?, ?)
            """
        ).bind(1, now()).bind(2, author.name).bind(3, author.note).bind(4, action.rawValue).bind(5, subject)
            .bind(6, key?.stored).bind(7, detail).run()
    }

    /// Removes what names a recipient from the entries about it. What was done, by whom and when stays.
    ///
    /// - Parameter subjects: the recipient's names and addresses.
    /// - Throws: `StoreError` when a row cannot be written.
    func eraseAudit(of subjects: some Sequence<KeyHash>) throws(StoreError) {
        for subject in subjects {
            try cold("UPDATE audit SET subject = ?2, detail = '', note = '' WHERE subject_key = ?1")
                .bind(1, subject).bind(2, Suppression.erasedLabel(subject)).run()
        }
    }

    func pruneAudit(before: Instant, limit: Int) throws(StoreError) -> Int {
        let row = try cold(
            """
            DELETE FROM audit WHERE seq IN (
                SELECT seq FROM audit WHERE at < ?1 AND seq < (SELECT max(seq) FROM audit) ORDER BY seq LIMIT ?2)
            """
        ).bind(1, before).bind(2, Int64(max(0, limit)))
        try row.run()
        return row.changes
    }

    // MARK: Changes

    func suppress(_ suppressions: [Suppression], by author: Author?) throws(StoreError) {
        try suppress(suppressions)
        guard suppressions.count == 1, let only = suppressions.first else {
            return try audit(.suppress, "\(suppressions.count) recipients or addresses", by: author)
        }
        let scope = [only.channel?.description, only.category].compactMap { $0 }
        try audit(
            .suppress, only.label, about: only.subject,
            detail: ([only.reason.rawValue] + scope).joined(separator: ", "),
            by: author)
    }

    func lift(
        subject: KeyHash, channel: Channel?, category: String?, reason: Suppression.Reason?, notAfter: Instant?,
        by word: SuppressionLifting, author: Author?
    ) throws(StoreError) -> Int {
        let lifted = try lift(
            subject: subject, channel: channel, category: category, reason: reason, notAfter: notAfter, by: word)
        guard lifted > 0, author != nil else { return lifted }
        let row = try cold("SELECT label FROM suppression_log WHERE subject = ? ORDER BY seq DESC LIMIT 1")
            .bind(1, subject)
        defer { row.reset() }
        let label = try row.step() ? row.string(0) : Suppression.erasedLabel(subject)
        try audit(.lift, label, about: subject, detail: "\(lifted) suppressions", by: author)
        return lifted
    }

    func take(_ statements: [ConsentStatement], by author: Author?) throws(StoreError) -> [ConsentOutcome] {
        try auditingConsents(of: statements.map(\.recipient), by: author) { () throws(StoreError) in
            try take(statements)
        }
    }

    /// Makes a change that may state consents, and appends an entry when it did.
    ///
    /// - Parameters:
    ///   - recipients: whose consents may change.
    ///   - author: who ordered it.
    ///   - change: the change.
    /// - Returns: what the change returns.
    /// - Throws: the error of the change, or when the entry cannot be written.
    func auditingConsents<Value>(
        of recipients: [String], by author: Author?, _ change: () throws(StoreError) -> Value
    ) throws(StoreError) -> Value {
        guard author != nil else { return try change() }
        let before = try newestConsent()
        let value = try change()
        let count = try newestConsent() - before
        guard count > 0 else { return value }
        let isOne = Set(recipients).count == 1
        try audit(
            .consent, isOne ? recipients[0] : "\(recipients.count) recipients",
            about: isOne ? KeyHash.recipient(recipients[0]) : nil, detail: "\(count) statements", by: author)
        return value
    }

    private func newestConsent() throws(StoreError) -> Int64 {
        let row = try cold("SELECT max(seq) FROM consent_log")
        defer { row.reset() }
        return try row.step() ? row.int(0) : 0
    }

    func merge(
        _ from: String, into: String, by author: Author?
    ) throws(StoreError) -> Result<ProfileMerge, IdentityRefusal> {
        let result = try merge(from, into: into)
        if case .success(let merge) = result, merge.isNew {
            try audit(
                .merge, merge.profile.id, about: .recipient(merge.profile.id), detail: "with \(from)", by: author)
        }
        return result
    }
}
