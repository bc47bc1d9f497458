import SobreAdmission
import SobreIntake
import SobreModel
import SobreRendering
import ZoneInfo

/// Tells intake what the templates and the policy in force know.
struct NodeCatalogue: IntakeCatalogue {
    let templates: TemplateCatalogue
    let policy: PolicyInForce

    func template(_ name: String) -> TemplateDefaults? {
        switch templates.snapshot[name] {
        case nil: nil
        case .ready(let template):
            TemplateDefaults(
                channels: template.manifest.channels, category: template.manifest.category ?? "marketing",
                campaign: template.manifest.campaign, topic: template.manifest.topic,
                route: template.manifest.route ?? .first, priority: template.manifest.priority ?? .normal,
                escalation: template.manifest.escalation ?? .standard)
        // A broken template takes messages and holds them until it is mended.
        case .broken: TemplateDefaults(channels: Channel.allCases)
        }
    }

    var templateNames: [String] { templates.snapshot.names }

    var categories: [String] { policy.policy.categories.map(\.name) }

    func capFlags(of category: String) -> (obeys: Bool, counts: Bool) {
        let category = policy.policy.category(category)
        return (category.obeysCaps, category.countsTowardCaps)
    }
}
