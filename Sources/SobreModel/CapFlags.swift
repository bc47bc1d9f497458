/// A message's own word on caps, in place of its category's; with who said so, because it is logged.
public struct CapFlags: Hashable, Sendable {
    /// Whether caps restrain the message.
    public var obeys: Bool
    /// Whether its contacts fill caps.
    public var counts: Bool
    /// Who exempted it, for the log: `key:shop`, `command line`.
    public var by: String

    public init(obeys: Bool, counts: Bool, by: String) {
        self.obeys = obeys
        self.counts = counts
        self.by = by
    }
}
