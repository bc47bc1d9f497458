public import SobreModel

/// The result of rendering one delivery for one channel.
public enum RenderResult: Hashable, Sendable {
    /// The rendered message.
    ///
    /// `fingerprint` identifies its content (see the manual's page on duplicates), `version` the template's sources.
    case rendered(RenderedMessage, fingerprint: KeyHash, version: String)
    /// The template stopped the render with `{% abort 'reason' %}`. This is not an error.
    case aborted(reason: String, version: String)
    /// The template is missing or broken, a value is missing, or a budget is exceeded. `reason` is a sentence that
    /// says what to fix.
    case failed(reason: String, version: String)
}
