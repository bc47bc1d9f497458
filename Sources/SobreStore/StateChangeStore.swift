public import SobreModel

/// Changes deliveries that were found by their present state.
public protocol StateChangeStore: Sendable {
    /// Queues deliveries once more, or cancels those that wait, in one transaction. Durable on return.
    ///
    /// A delivery whose newest log entry is no longer the one that the caller saw does not change, so that a call which
    /// is repeated changes nothing. A delivery that is queued once more is decided and rendered anew, as if it had just
    /// been accepted. What a provider may have accepted is not queued, except with `repeatingUnknown`: then it is flagged
    /// as a possible duplicate and goes to the same provider. ``Author/current`` is named in the log,
    /// and in the audit trail together with the filter by which the targets were found.
    ///
    /// - Returns: the result for each target, in their order.
    func apply(
        _ action: StateAction, to targets: [StateTarget], selectedBy filter: StateFilter, repeatingUnknown: Bool
    ) async throws(StoreError) -> [StateChangeResult]
}

/// What can be done to deliveries that are selected by their state.
public enum StateAction: String, CaseIterable, Sendable {
    case retry
    case cancel

    /// The states in which the action changes something.
    public var states: Set<DeliveryState> {
        switch self {
        case .retry: Set(DeliveryState.allCases.filter(\.isRetryable))
        case .cancel: Set(DeliveryState.allCases.filter(\.isPending))
        }
    }
}

/// A delivery as somebody saw it.
public struct StateTarget: Hashable, Sendable {
    public var delivery: DeliveryID
    /// The sequence number of the newest log entry that was seen.
    public var sequence: Int64

    public init(delivery: DeliveryID, sequence: Int64) {
        self.delivery = delivery
        self.sequence = sequence
    }
}

/// What became of a target. The raw values are part of the API.
public enum StateChangeResult: String, CaseIterable, Sendable {
    case changed
    /// Something else happened to the delivery since it was seen.
    case changedMeanwhile = "changed_meanwhile"
    /// A provider may have accepted the message, so it is not sent again.
    case mayHaveBeenSent = "may_have_been_sent"
    /// The message was cancelled, its recipient was erased, or the delivery is in a state that the action does not change.
    case notPossible = "not_possible"
}
