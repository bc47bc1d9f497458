public import SobreAdmission
public import SobreIntake
public import SobreModel
import SobreNode
public import SobreRendering

/// The catalogue of a simulation. An unknown template is not an error; the request's own values apply.
public final class SimulationCatalogue: IntakeCatalogue {
    public let categories: [String]
    private let templates: [String: TemplateDefaults]
    private let policy: Policy?

    /// - Parameters:
    ///   - templates: the templates; nil if they cannot be read.
    ///   - before: the policy under which the requests were made; nil if there was none. Then `after` replaces it.
    ///   - after: the policy to try.
    public init(templates: TemplateCatalogue?, before: Policy?, after: Policy?) {
        var known: [String: TemplateDefaults] = [:]
        for name in templates?.snapshot.names ?? [] {
            guard case .ready(let template)? = templates?.snapshot[name] else { continue }
            known[name] = TemplateDefaults(template.manifest)
        }
        self.templates = known
        policy = before ?? after
        categories = [before, after].flatMap { $0?.categoryNames ?? [] }
    }

    public var templateNames: [String] { templates.keys.sorted() }

    public func template(_ name: String) -> TemplateDefaults? { templates[name] ?? .ofNoManifest }

    public func isKnown(_ name: String) -> Bool { templates[name] != nil }

    public func capFlags(of category: String) -> (obeys: Bool, counts: Bool) {
        policy?.category(category).capFlags ?? CategoryPolicy.marketing(named: category).capFlags
    }

    public func priority(of category: String) -> Priority { policy?.category(category).priority ?? .normal }
}
