import SobreAdmission
public import SobreIntake
public import SobreRendering

/// Gives the intake the templates and the policy in force.
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
        // Messages for a broken template are accepted and held until it is fixed.
        case .broken: .ofNoManifest
        }
    }

    public var templateNames: [String] { templates.snapshot.names }

    public var categories: [String] { policy.policy.categoryNames }

    public func capFlags(of category: String) -> (obeys: Bool, counts: Bool) {
        policy.policy.category(category).capFlags
    }
}
