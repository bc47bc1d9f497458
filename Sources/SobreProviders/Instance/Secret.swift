public import Text

/// A credential. It is shown as `Secret(redacted)` when printed, dumped or interpolated; only ``reveal()`` returns it.
public struct Secret: Hashable, Sendable, Redacted {
    private let text: String

    public init(_ text: String) { self.text = text }

    /// The credential itself. Use it only for the request that needs it.
    public func reveal() -> String { text }
}
