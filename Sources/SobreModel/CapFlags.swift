/// A message's own cap settings, which replace its category's. Says who set them, because that is logged.
public struct CapFlags: Hashable, Sendable {
    /// Whether caps restrain the message.
    public var obeys: Bool
    /// Whether the message counts towards caps.
    public var counts: Bool
    /// Who set the flags, for the log, for example `key:shop` or `command line`.
    public var by: String

    public init(obeys: Bool, counts: Bool, by: String) {
        self.obeys = obeys
        self.counts = counts
        self.by = by
    }
}
