import SobreAdmission
public import SobreIntake
public import SobreRendering

/// Tells intake what the templates and the policy in force know.
public struct NodeCatalogue: IntakeCatalogue {
    let templates: TemplateCatalogue
    let policy: PolicyInForce

    /// - Parameters:
    ///   - templates: the templates in force.
    ///   - policy: the policy in force.
    public init(templates: TemplateCatalogue, policy: PolicyInForce) {
        self.templates = templates
        self.policy = policy
    }

    public func template(_ name: String) -> TemplateDefaults? {
        switch templates.snapshot[name] {
        case nil: nil
        case .ready(let template): TemplateDefaults(template.manifest)
        // A broken template takes messages and holds them until it is fixed.
        case .broken: .ofNoManifest
        }
    }

    public var templateNames: [String] { templates.snapshot.names }

    public var categories: [String] { policy.policy.categoryNames }

    public func capFlags(of category: String) -> (obeys: Bool, counts: Bool) {
        policy.policy.category(category).capFlags
    }
}
