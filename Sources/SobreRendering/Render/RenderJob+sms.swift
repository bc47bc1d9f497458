internal import Liquid
internal import SobreModel
internal import Text

/// Text messages.
extension RenderJob {
    func sms(_ parts: TemplateParts, _ fingerprint: inout ContentFingerprint) throws(RenderStop) -> SMSContent {
        guard let part = parts[.smsText] else { throw noWords }
        let written = SMSSegments.withPlainSpaces(try text(part.body, escaping: .none))
        let words = transliterated(written)
        guard !words.isEmpty else { throw .failed("The SMS of \(template.manifest.name) is empty; add text to it.") }
        let segments = SMSSegments(words).segments
        guard segments <= template.manifest.budgets.smsSegments else {
            throw overBudget("SMS", segments, template.manifest.budgets.smsSegments, "parts", "sms_segments")
        }
        fingerprint.combine(words)
        return SMSContent(
            from: template.manifest.senders[channel] ?? options.senders[channel], text: words,
            written: words == written ? nil : written)
    }

    /// The text in the GSM alphabet, where the template or the settings ask for it.
    ///
    /// A text that would need UCS-2 anyway, such as one with an emoji, stays as it was written: it would lose letters and
    /// save nothing.
    private func transliterated(_ written: String) -> String {
        guard template.manifest.transliteratesSMS ?? options.transliteratesSMS, !GSMAlphabet.contains(written) else {
            return written
        }
        let words = SMSText.safe(written.composed)
        return GSMAlphabet.contains(words) ? words : written
    }
}
