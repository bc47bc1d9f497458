public import SobreIntake
import SobreModel
public import SobreRendering

extension TemplateDefaults {
    /// The defaults in a manifest. Used by the server's intake and by simulations.
    public init(_ manifest: TemplateManifest) {
        self.init(
            channels: manifest.channels, category: manifest.category ?? "marketing", campaign: manifest.campaign,
            topic: manifest.topic, route: manifest.route ?? .first, priority: manifest.priority,
            escalation: manifest.escalation ?? .standard)
    }

    /// The defaults for a template whose manifest cannot be read.
    public static var ofNoManifest: TemplateDefaults { TemplateDefaults(channels: Channel.allCases) }
}
