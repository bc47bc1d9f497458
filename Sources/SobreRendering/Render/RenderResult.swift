public import SobreModel

/// What rendering one delivery for one channel came to.
public enum RenderResult: Hashable, Sendable {
    /// The message in its final words.
    ///
    /// `fingerprint` names the words (see the manual's page on duplicates), `version` the template's sources.
    case rendered(RenderedMessage, fingerprint: KeyHash, version: String)
    /// The template itself said no, by `{% abort 'reason' %}`: not an error.
    case aborted(reason: String, version: String)
    /// The template is missing or broken, a value is missing, or a budget is exceeded; a sentence that says what to mend.
    case failed(reason: String, version: String)
}
