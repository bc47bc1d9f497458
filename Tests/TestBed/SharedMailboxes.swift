/// Which of the test's recipients share a mailbox. A contact through it counts for each who holds it.
public enum SharedMailboxes: Sendable {
    /// Nobody shares one.
    case none
    /// Of every five recipients, the first two share one.
    case pairs

    /// The number of the recipient whose mailbox a recipient has.
    func owner(of index: Int) -> Int { self == .pairs && index % 5 == 1 ? index - 1 : index }

    /// The other recipients who have the same mailbox.
    public func others(with recipient: String) -> [String] {
        guard self == .pairs, let index = recipient.split(separator: "-").last.flatMap({ Int($0) }) else { return [] }
        switch index % 5 {
        case 0: return [TestBed.person(index + 1)]
        case 1: return [TestBed.person(index - 1)]
        default: return []
        }
    }
}
