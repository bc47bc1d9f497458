/// The end of a claim without an attempt.
public struct ClaimTransition: Sendable {
    public var claim: Claim
    /// Any state except `sent`, with its reason.
    public var change: DeliveryChange

    public init(claim: Claim, change: DeliveryChange) {
        self.claim = claim
        self.change = change
    }
}
