internal import SobreDelivery
internal import SobreModel

/// What providers are told beside the content.
extension OutboundMessage {
    /// For how many seconds the message is still wanted: what its template says, and not beyond its expiry. Nil when
    /// neither says when it ends.
    func secondsLeft(at now: Instant) -> Int64? {
        let own = content.text(.ttl).flatMap { Int64($0) }
        guard let end = expiresAt else { return own }
        return min(own ?? .max, max(0, (end - now).milliseconds / 1000))
    }

    /// Calls `body` for each of our references, by which receipts and the application's reports find the message again.
    func forEachReference(_ body: (_ name: String, _ value: String) -> Void) {
        body("sobre_id", delivery.description)
        if !recipient.isEmpty { body("sobre_recipient", recipient) }
        if let campaign { body("sobre_campaign", campaign) }
        body("sobre_category", category)
        if possibleDuplicate { body("sobre_possible_duplicate", "1") }
    }
}
