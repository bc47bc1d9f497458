internal import SobreModel

/// Every template at one moment; a value that is swapped as a whole.
public struct CatalogueSnapshot: Sendable {
    /// A template, or why there is none.
    public enum Entry: Sendable {
        case ready(MessageTemplate)
        /// It has a mistake; its messages are held until it is mended.
        case broken(TemplateError)
    }

    /// By name.
    public let entries: [String: Entry]
    /// What the files looked like.
    let signature: KeyHash

    /// All names, broken ones too; sorted.
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
