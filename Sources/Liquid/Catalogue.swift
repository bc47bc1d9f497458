/// Provides the snippets for `render` and `include`. Called while a template is parsed, never while it is rendered.
public protocol Catalogue: Sendable {
    /// The snippet's source in UTF-8, or nil if there is no snippet with that name.
    func source(named name: String) -> [UInt8]?

    /// All names, for `include` with a computed name and for suggestions.
    var names: [String] { get }
}

/// A catalogue in memory.
public struct MemoryCatalogue: Catalogue {
    private let sources: [String: [UInt8]]

    public init(_ sources: [String: String] = [:]) {
        self.sources = sources.mapValues { Array($0.utf8) }
    }

    public func source(named name: String) -> [UInt8]? { sources[name] }

    public var names: [String] { sources.keys.sorted() }
}
