import SobreIntake
import SobreModel
import SobreRendering

/// The templates' defaults for a simulation. A template that is not there is no error: the request's own words count.
final class SimulationCatalogue: IntakeCatalogue {
    let categories: [String]
    private let templates: [String: TemplateDefaults]

    /// - Parameters:
    ///   - templates: nil when there are none to be read.
    ///   - categories: those that one of the policies knows.
    init(templates: TemplateCatalogue?, categories: [String]) {
        var known: [String: TemplateDefaults] = [:]
        for name in templates?.snapshot.names ?? [] {
            guard case .ready(let template)? = templates?.snapshot[name] else { continue }
            known[name] = TemplateDefaults(
                channels: template.manifest.channels, category: template.manifest.category ?? "marketing",
                campaign: template.manifest.campaign, topic: template.manifest.topic,
                route: template.manifest.route ?? .first, priority: template.manifest.priority ?? .normal)
        }
        self.templates = known
        self.categories = categories
    }

    var templateNames: [String] { templates.keys.sorted() }

    func template(_ name: String) -> TemplateDefaults? {
        templates[name] ?? TemplateDefaults(channels: Channel.allCases)
    }

    func isKnown(_ name: String) -> Bool { templates[name] != nil }
}
