/// The names to look up for a locale, from the most specific to the default, which is the empty name: `fr-ca`, `fr`, and
/// the empty name.
public struct LocaleChain: Sequence, IteratorProtocol {
    private var rest: String?

    /// - Parameter locale: the locale, in any case; nil: the default alone.
    public init(_ locale: String?) { rest = locale.map { $0.lowercased().replacing("_", with: "-") } ?? "" }

    public mutating func next() -> String? {
        guard let name = rest else { return nil }
        if name.isEmpty {
            rest = nil
        } else {
            rest = name.lastIndex(of: "-").map { String(name[..<$0]) } ?? ""
        }
        return name
    }
}
