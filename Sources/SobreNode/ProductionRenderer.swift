import SobreDispatch
import SobreModel
import SobreRendering
import SobreStore
import Synchronization

/// Connects the dispatcher to the templates in force.
final class ProductionRenderer: DeliveryRendering {
    private let templates: TemplateCatalogue
    private let links: MessageLinks
    private let current: Mutex<MessageRenderer>

    init(templates: TemplateCatalogue, links: MessageLinks, options: RenderingOptions) {
        self.templates = templates
        self.links = links
        current = Mutex(MessageRenderer(catalogue: templates, links: links, options: options))
    }

    /// Renders with other options from now on.
    func replace(options: RenderingOptions) {
        let renderer = MessageRenderer(catalogue: templates, links: links, options: options)
        current.withLock { $0 = renderer }
    }

    func render(_ claimed: ClaimedDelivery, channel: Channel, at now: Instant) -> RenderedDelivery {
        let renderer = current.withLock { $0 }
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
