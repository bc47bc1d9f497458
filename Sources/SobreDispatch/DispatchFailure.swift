public import SobreModel
public import SobreStore

/// The dispatcher stopped because the outcome of a delivery could not be recorded.
public struct DispatchFailure: Error, Hashable, Sendable, CustomStringConvertible {
    public var delivery: DeliveryID
    public var error: StoreError

    init(unrecorded delivery: DeliveryID, error: StoreError) {
        self.delivery = delivery
        self.error = error
    }

    public var description: String {
        "The outcome of delivery \(delivery) cannot be recorded, so nothing more is sent. Start Sobre again: the delivery then "
            + "counts as unknown. If it happens again, report it with this: \(error)"
    }
}
