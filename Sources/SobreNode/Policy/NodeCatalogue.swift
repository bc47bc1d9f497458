public import JSON
import SobreAdmission
public import SobreIntake
public import SobreModel
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

    public func problem(inData data: JSONRef?, of template: String) -> IntakeProblem? {
        guard case .ready(let found)? = templates.snapshot[template],
            let problem = found.manifest.problem(inData: data)
        else { return nil }
        return IntakeProblem(
            problem.isMissing ? .missingField : .wrongType, field: "data.\(problem.variable.name)",
            message: problem.description, expected: problem.variable.kind.phrase)
    }

    public var topics: [String] {
        let snapshot = templates.snapshot
        var topics = policy.policy.topicNames
        for name in snapshot.names {
            guard case .ready(let template)? = snapshot[name], let topic = template.manifest.topic else { continue }
            if !topics.contains(topic) { topics.append(topic) }
        }
        return topics
    }

    public var consentNames: [String] { policy.policy.trackingConsent.map { [$0] } ?? [] }

    public var capNames: [String]? { policy.policy.capNames }

    public func capFlags(of category: String) -> (obeys: Bool, counts: Bool) {
        policy.policy.category(category).capFlags
    }

    public func priority(of category: String) -> Priority { policy.policy.category(category).priority }
}
