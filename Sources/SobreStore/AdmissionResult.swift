public import SobreModel

/// The result of `admit` for one request.
public enum AdmissionResult: Sendable {
    /// The attempt may be made. The intent and the ledger row are durable.
    case admitted(AdmittedAttempt)
    /// The delivery must be rendered for this channel and submitted again. The claim is still held.
    case rerouted(Channel)
    /// The delivery was held, dropped or expired. The decision is written and the claim has ended.
    case settled(AdmissionDecision)
    /// The claim was no longer held. Nothing was written.
    case stale
    /// A newer policy version than the one named by the caller is in force. Nothing was decided or written, and the
    /// claim is unchanged. The store holds the new policy's text.
    case policyChanged(newest: Int)
    /// The batch was split, and the part with this request could not be written. Nothing was decided, and the claim is
    /// unchanged. A store that cannot write any part throws instead.
    case undecided(StoreError)
}
