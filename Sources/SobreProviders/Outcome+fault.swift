internal import SobreDelivery
internal import SobreModel

extension Outcome {
    /// What a fault of the transport proves about the message (reliability: not sent, unknown, or a matter of settings).
    init(fault: TransportFault) {
        let kind: Kind =
            switch fault.proof {
            case .notSent: .transient
            case .unknown: .ambiguous
            case .configuration: .configuration
            }
        self.init(kind, detail: Redaction.line(fault.message))
    }
}
