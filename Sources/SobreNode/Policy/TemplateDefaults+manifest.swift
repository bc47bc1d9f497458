public import SobreIntake
import SobreModel
public import SobreRendering

extension TemplateDefaults {
    /// The defaults that a manifest gives: to the server's intake and to a simulation alike.
    public init(_ manifest: TemplateManifest) {
        self.init(
            channels: manifest.channels, category: manifest.category ?? "marketing", campaign: manifest.campaign,
            topic: manifest.topic, route: manifest.route ?? .first, priority: manifest.priority ?? .normal,
            escalation: manifest.escalation ?? .standard)
    }

    /// The defaults of a template whose manifest cannot be had.
    public static var ofNoManifest: TemplateDefaults { TemplateDefaults(channels: Channel.allCases) }
}
