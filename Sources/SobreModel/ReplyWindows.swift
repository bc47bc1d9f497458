/// The channels whose providers take a free text only for a while after the recipient's last message to us, and the
/// templates that they take at any time.
public struct ReplyWindows: Hashable, Sendable {
    /// For how long after the recipient's last message a free text is taken. Nil: at any time.
    public var lengths: ByChannel<Duration?>
    /// Which of our templates send a template that the channel's operator has approved.
    public var approved: ApprovedTemplates

    /// The longest window that a provider may declare. What is older never opens one.
    public static let longest = Duration.seconds(7 * 86_400)

    public init(lengths: ByChannel<Duration?>, approved: ApprovedTemplates) {
        self.lengths = lengths
        self.approved = approved
    }
}
