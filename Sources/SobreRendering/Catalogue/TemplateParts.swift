internal import Liquid
internal import SobreModel

/// The parts of a template in one locale.
struct TemplateParts: Sendable {
    /// The content of one file: its text, and the fields before it if it has any.
    struct Words: Sendable {
        struct Field: Sendable {
            var name: String
            var template: Template
        }

        var fields: [Field] = []
        var body: Template
    }

    /// The field that names a template that the channel's operator has approved. With it, no free text is sent.
    static let approvedName = "template"

    /// By ``TemplatePart/index``.
    private var words = [Words?](repeating: nil, count: TemplatePart.all.count)

    subscript(part: TemplatePart) -> Words? {
        get { words[part.index] }
        set { words[part.index] = newValue }
    }

    /// The channels that have parts.
    var channels: [Channel] { Channel.allCases.filter { hasAny(of: $0) && isComplete(for: $0) } }

    /// The first channel that has some of its parts but not all.
    var halfChannel: Channel? { Channel.allCases.first { hasAny(of: $0) && !isComplete(for: $0) } }

    var templates: [Template] { words.flatMap { words in words.map { $0.fields.map(\.template) + [$0.body] } ?? [] } }

    private func hasAny(of channel: Channel) -> Bool { channel.parts.contains { self[$0] != nil } }

    private func isComplete(for channel: Channel) -> Bool { Self.isComplete(channel) { self[$0] != nil } }

    /// Whether the parts that there are make a whole message of a channel.
    static func isComplete(_ channel: Channel, has: (TemplatePart) -> Bool) -> Bool {
        let alternatives = channel.parts.filter { $0.need == .alternative }
        return channel.parts.allSatisfy { $0.need != .required || has($0) }
            && (alternatives.isEmpty || alternatives.contains(where: has))
    }

    /// The files that a channel requires: `email.subject.liquid and email.html.liquid or email.text.liquid`.
    static func files(of channel: Channel) -> String {
        func names(_ need: TemplatePart.Need) -> [String] { channel.parts.filter { $0.need == need }.map(\.file) }
        return (names(.required) + [names(.alternative).joined(separator: " or ")]).filter { !$0.isEmpty }
            .joined(separator: " and ")
    }
}
