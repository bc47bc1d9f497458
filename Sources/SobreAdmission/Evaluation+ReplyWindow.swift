import JSON
import SobreModel
import Text

/// Whether a channel takes what the message sends now: a free text only within a window after the recipient's last
/// message, an approved template always.
struct WindowFinding {
    let channel: Channel
    let length: Duration
    /// When the address last wrote to us; nil: no message from it is known.
    let last: Instant?
    let isFreeText: Bool
    let passes: Bool

    /// The end of the window; nil when it was never opened.
    private var end: Instant? { last.map { $0 + length } }

    /// What it means, since when, and what helps.
    var summary: String {
        let since = last.map { "wrote last at \($0), so it is closed since \($0 + length)" } ?? "has not written yet"
        return "\(channel.title) takes a free text only within \(DurationText.exact(length)) of the recipient's last "
            + "message, and the recipient \(since); \(Self.help)"
    }

    private static let help =
        "a template that the channel's operator has approved (template: in its file) can be sent at any time"

    func write(to json: inout JSONWriter) {
        json.member("window", ifPresent: DurationText.exact(length))
        json.member("content", ifPresent: isFreeText ? "free text" : "approved template")
        json.member("last_inbound", ifPresent: last?.rfc3339)
        guard !passes else { return json.member("open_until", ifPresent: isFreeText ? end?.rfc3339 : nil) }
        json.member("error", ifPresent: last == nil ? "the recipient has not written yet" : nil)
        json.member("since", ifPresent: end?.rfc3339)
        json.member("help", ifPresent: Self.help)
    }
}

extension Evaluation {
    /// The state of the channel's window; nil when its providers take a free text at any time.
    func window(on channel: Channel, _ address: Address) -> WindowFinding? {
        guard let windows = conditions.replyWindows, let length = windows.lengths[channel] else { return nil }
        let subject = address.subject
        let last = facts.lastInbound.first { $0.address == subject }?.at
        let isFreeText = windows.approved.isFreeText(message.template, locale: facts.profile?.locale)
        let isOpen = last.map { now - $0 < length } ?? false
        return WindowFinding(
            channel: channel, length: length, last: last, isFreeText: isFreeText, passes: isOpen || !isFreeText)
    }
}
