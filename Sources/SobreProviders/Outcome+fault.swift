internal import SobreDelivery
internal import SobreModel

extension Outcome {
    /// What a transport fault proves about the message: not sent, unknown, or a configuration error.
    init(fault: TransportFault) {
        let kind: Kind =
            switch fault.proof {
            case .notSent: .transient
            case .unknown: .ambiguous
            case .configuration: .configuration
            }
        self.init(kind, detail: Redaction.line(fault.message))
        isConnected = fault.proof != .notSent
    }
}
