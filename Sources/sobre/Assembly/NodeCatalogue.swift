import SobreAdmission
import SobreIntake
import SobreRendering

/// Tells intake what the templates and the policy in force know.
struct NodeCatalogue: IntakeCatalogue {
    let templates: TemplateCatalogue
    let policy: PolicyInForce

    func template(_ name: String) -> TemplateDefaults? {
        switch templates.snapshot[name] {
        case nil: nil
        case .ready(let template): TemplateDefaults(template.manifest)
        // A broken template takes messages and holds them until it is mended.
        case .broken: .ofNoManifest
        }
    }

    var templateNames: [String] { templates.snapshot.names }

    var categories: [String] { policy.policy.categoryNames }

    func capFlags(of category: String) -> (obeys: Bool, counts: Bool) { policy.policy.category(category).capFlags }
}
