/// An enhanced status such as `5.1.1` (RFC 3463).
struct EnhancedStatus: Hashable {
    let `class`: Int
    let subject: Int
    let detail: Int

    /// Reads `class.subject.detail`; nil for any other text.
    init?(_ text: String?) {
        guard let parts = text?.split(separator: ".", omittingEmptySubsequences: false), parts.count == 3,
            parts.allSatisfy({ (1...3).contains($0.utf8.count) }), let first = Int(parts[0]),
            let second = Int(parts[1]), let third = Int(parts[2])
        else { return nil }
        `class` = first
        subject = second
        detail = third
    }

    /// Whether subject and detail have these values.
    func `is`(_ subject: Int, _ detail: Int) -> Bool { self.subject == subject && self.detail == detail }
}
