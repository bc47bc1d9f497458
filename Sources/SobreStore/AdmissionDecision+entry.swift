public import SobreModel

extension AdmissionDecision {
    /// The log entry of a decision that ends a claim without an attempt.
    ///
    /// - Parameters:
    ///   - request: What was decided on.
    ///   - now: The store's time.
    /// - Returns: The entry, without its place in the log.
    public func entry(for request: AdmissionRequest, at now: Instant) -> LogEntry {
        var entry = LogEntry(
            delivery: request.delivery, at: now, state: .expired, attempt: request.attempt - 1,
            channel: request.channel, detail: summary, policyVersion: policyVersion,
            templateVersion: request.templateVersion, explanation: explanation)
        switch verdict {
        case .hold(let until, let reason):
            entry.state = .held
            entry.reason = reason.rawValue
            entry.dueAt = until < .distantFuture ? until : nil
        case .drop(let reason):
            entry.state = .dropped
            entry.reason = reason.rawValue
        case .expire: entry.reason = "expired"
        case .send, .reroute: break
        }
        // The message is not sent again. Whether the earlier attempt reached the recipient is still unknown.
        if request.possibleDuplicate, entry.state.isFinal { entry.state = .unknown }
        return entry
    }
}

extension LogEntry {
    /// Whether another entry says the same, apart from its times.
    ///
    /// - Parameter other: Another entry of the same delivery.
    /// - Returns: Whether the two differ in their times and explanations at most.
    public func repeats(_ other: LogEntry) -> Bool {
        state == other.state && reason == other.reason && detail == other.detail && attempt == other.attempt
            && channel == other.channel && policyVersion == other.policyVersion
            && templateVersion == other.templateVersion && possibleDuplicate == other.possibleDuplicate
    }
}
