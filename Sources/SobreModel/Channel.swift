/// A way to reach a recipient. The properties of each channel are in ``ChannelTraits``.
///
/// The raw value is stored; never renumber. The numbers have no gaps, so that they can index arrays.
public enum Channel: UInt8, CaseIterable, Sendable, Hashable, Comparable, CustomStringConvertible {
    case email = 1
    case sms = 2
    case push = 3
    case whatsapp = 4
    case chat = 5

    public init?(name: some StringProtocol) {
        guard let channel = Self.allCases.first(where: { $0.description == name }) else { return nil }
        self = channel
    }

    public var description: String { ChannelTraits.table[index].name }

    /// The position among all channels, from 0. For arrays with a value for each channel.
    @inlinable public var index: Int { Int(rawValue) - 1 }

    public static func < (a: Channel, b: Channel) -> Bool { a.rawValue < b.rawValue }
}

// MARK: The table

extension ChannelTraits {
    static let email = ChannelTraits(
        name: "email", title: "email", singular: "an email", plural: "email", addressKind: .mailbox,
        reach: .oneAddress, form: .mail, parts: [.emailSubject, .emailPreheader, .emailHTML, .emailText],
        sender: .mailbox, acceptsOptOutKeywords: false, hasUnsubscribeHeader: true, cost: 1,
        deadAddressReason: .hardBounce)

    static let sms = ChannelTraits(
        name: "sms", title: "SMS", singular: "an SMS", plural: "text messages", addressKind: .phoneNumber,
        reach: .oneAddress, form: .text, parts: [.smsText], sender: .text, acceptsOptOutKeywords: true,
        hasUnsubscribeHeader: false, cost: 50, deadAddressReason: .hardBounce)

    static let push = ChannelTraits(
        name: "push", title: "push", singular: "a push message", plural: "notifications", addressKind: .deviceToken,
        reach: .everyAddress, form: .notification, parts: [.pushFields], sender: nil, acceptsOptOutKeywords: false,
        hasUnsubscribeHeader: false, cost: 0, deadAddressReason: .invalidToken)

    static let whatsapp = ChannelTraits(
        name: "whatsapp", title: "WhatsApp", singular: "a WhatsApp message", plural: "WhatsApp messages",
        addressKind: .phoneNumber, reach: .oneAddress, form: .chat, parts: [.whatsappText], sender: .text,
        acceptsOptOutKeywords: true, hasUnsubscribeHeader: false, cost: 30, deadAddressReason: .hardBounce)

    static let chat = ChannelTraits(
        name: "chat", title: "chat", singular: "a chat message", plural: "chat messages", addressKind: .conversation,
        reach: .oneAddress, form: .post, parts: [.chatText], sender: nil, acceptsOptOutKeywords: false,
        hasUnsubscribeHeader: false, cost: 0, deadAddressReason: .hardBounce)

    /// Indexed by ``Channel/index``.
    static let table: [ChannelTraits] = Channel.allCases.map { channel in
        switch channel {
        case .email: email
        case .sms: sms
        case .push: push
        case .whatsapp: whatsapp
        case .chat: chat
        }
    }
}

// MARK: The files of templates

extension TemplatePart {
    public static let emailSubject = TemplatePart(0, "email.subject.liquid", .text)
    public static let emailPreheader = TemplatePart(1, "email.preheader.liquid", .text, need: .optional)
    public static let emailHTML = TemplatePart(2, "email.html.liquid", .html, need: .alternative)
    public static let emailText = TemplatePart(3, "email.text.liquid", .text, need: .alternative)
    public static let smsText = TemplatePart(4, "sms.liquid", .text)
    public static let pushFields = TemplatePart(
        5, "push.liquid",
        .fields(
            .init(
                names: ["title", "link", "image", "collapse", "priority", "ttl", "activity", "activity_state"],
                required: "title", prefix: "data.",
                // Apple's own member, and what Google refuses in data.
                reserved: ["aps", "from", "message_type", "collapse_key", "google*", "gcm*"])))
    /// `template` and `language` select a template approved by the channel's operator; `parameter.NAME` sets its
    /// parameters.
    public static let whatsappText = TemplatePart(
        6, "whatsapp.liquid", .fields(.init(names: ["template", "language"], prefix: "parameter.")))
    public static let chatText = TemplatePart(7, "chat.liquid", .text)
}
