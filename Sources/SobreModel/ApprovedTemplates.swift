/// Which templates send a template that the channel's operator has approved in place of a free text.
public struct ApprovedTemplates: Hashable, Sendable {
    /// By name and locale, in lower case. The default has the empty name.
    private var isApproved: [String: [String: Bool]] = [:]

    public init() {}

    /// Sets what a template sends.
    ///
    /// - Parameters:
    ///   - template: its name.
    ///   - locales: by locale, in lower case, whether it sends an approved template. The default has the empty name.
    public mutating func set(_ template: String, locales: [String: Bool]) { isApproved[template] = locales }

    /// Whether a template sends a free text to a recipient. A template that is not known, or that cannot be used, is not
    /// said to: its messages are held until it is fixed.
    ///
    /// - Parameters:
    ///   - template: its name.
    ///   - locale: the recipient's.
    /// - Returns: false where it sends an approved template, or nothing.
    public func isFreeText(_ template: String, locale: String?) -> Bool {
        guard let locales = isApproved[template] else { return false }
        for name in LocaleChain(locale) { if let known = locales[name] { return !known } }
        return false
    }
}
