public import SobreModel
internal import Text

/// Every template at one moment. Always replaced as a whole.
public struct CatalogueSnapshot: Sendable {
    /// A template, or the error that makes it unusable.
    public enum Entry: Sendable {
        case ready(MessageTemplate)
        /// The template has an error. Its messages are held until it is fixed.
        case broken(TemplateError)
    }

    /// By name.
    public let entries: [String: Entry]
    /// A hash of the files' state.
    let signature: KeyHash
    /// Which templates send a template that the channel's operator has approved.
    public let approved: ApprovedTemplates

    init(entries: [String: Entry], signature: KeyHash) {
        self.entries = entries
        self.signature = signature
        var approved = ApprovedTemplates()
        for (name, entry) in entries {
            guard case .ready(let template) = entry else { continue }
            let locales = template.parts.compactMapValues { parts in
                parts[.whatsappText].map { words in words.fields.contains { $0.name == TemplateParts.approvedName } }
            }
            if !locales.isEmpty { approved.set(name, locales: locales) }
        }
        self.approved = approved
    }

    /// All names, including those of broken templates; sorted.
    public var names: [String] { entries.keys.sorted() }

    /// The templates that can be rendered, by name.
    public var ready: [MessageTemplate] {
        names.compactMap { if case .ready(let template) = entries[$0] { template } else { nil } }
    }

    /// The broken templates with their errors, by name.
    public var broken: [(name: String, error: TemplateError)] {
        names.compactMap { if case .broken(let error) = entries[$0] { ($0, error) } else { nil } }
    }

    public subscript(name: String) -> Entry? { entries[name] }

    /// The same templates, with those as broken that name a category which a policy does not know: every message of
    /// theirs would be refused.
    ///
    /// - Parameters:
    ///   - categories: the policy's.
    ///   - policy: how reports call the policy.
    /// - Returns: the checked templates.
    public func knowing(categories: [String], policy: String) -> CatalogueSnapshot {
        let checked = entries.mapValues { entry -> Entry in
            guard case .ready(let template) = entry, let category = template.manifest.category,
                !categories.contains(category)
            else { return entry }
            let meant = Suggestion.closest(to: category, among: categories).map { " Did you mean \($0)?" } ?? ""
            return .broken(
                TemplateError(
                    "\(template.manifest.name)/template.yaml: the category \"\(category)\" is not in \(policy), which has "
                        + "\(categories.joined(separator: ", ")).\(meant)"))
        }
        return CatalogueSnapshot(entries: checked, signature: signature)
    }
}
