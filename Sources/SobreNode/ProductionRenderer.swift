import SobreDispatch
import SobreModel
import SobreRendering
import SobreStore

/// Connects the dispatcher to the templates in force.
struct ProductionRenderer: DeliveryRendering {
    let renderer: MessageRenderer

    func render(_ claimed: ClaimedDelivery, channel: Channel, at now: Instant) -> RenderedDelivery {
        let result = renderer.render(
            claimed.message, profile: claimed.profile, channel: channel, now: now, delivery: claimed.claim.delivery)
        switch result {
        case .rendered(let content, let fingerprint, let version):
            return .ready(content, fingerprint: fingerprint, templateVersion: version)
        case .aborted(let reason, let version): return .aborted(reason: reason, templateVersion: version)
        case .failed(let reason, let version): return .failed(reason: reason, templateVersion: version)
        }
    }
}
