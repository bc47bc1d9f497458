internal import SobreModel

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
}
