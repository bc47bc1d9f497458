public import SobreModel

/// What `admit` came to for one request.
public enum AdmissionResult: Sendable {
    /// Go: the intent and the ledger row are durable.
    case admitted(AdmittedAttempt)
    /// Render for this channel and ask again; the claim is still ours.
    case rerouted(Channel)
    /// Held, dropped or expired: written, the claim has ended.
    case settled(AdmissionDecision)
    /// The claim was no longer ours; nothing was written.
    case stale
    /// A newer version of the policy than the named one is in force: nothing was decided or written, and the claim is as it
    /// was. Its text is in the store.
    case policyChanged(newest: Int)
    /// The part of a split batch to which the request belongs could not be written: nothing was decided, and the claim is as
    /// it was. A store that can write no part at all throws instead.
    case undecided(StoreError)
}
