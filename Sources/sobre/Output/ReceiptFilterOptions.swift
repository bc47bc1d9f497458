import ArgumentParser
import SobreModel
import SobreStore
import SobreViews

/// The options that say which receipts are meant.
struct ReceiptFilterOptions: ParsableArguments {
    @Argument(help: ArgumentHelp("Only receipts of this message, or with these numbers.", valueName: "id"))
    var id: [String] = []

    @Option(help: ArgumentHelp("Only receipts of this provider.", valueName: "name"))
    var provider: String?

    @Option(
        help: ArgumentHelp(
            "Only receipts that arrived since this time: 1997-01-03, an RFC 3339 time, or 30m, 2h, 7d ago.",
            valueName: "time"))
    var since: String?

    @Option(help: ArgumentHelp("Only receipts that arrived before this time.", valueName: "time"))
    var until: String?

    @Flag(help: "Only receipts without effect so far, because their message is not known: waiting and lapsed.")
    var unmatched = false

    /// The most numbers of receipts, as in the API.
    private static let maxNumbers = 100

    func validate() throws { _ = try filter(now: .epoch) }

    /// The filter.
    ///
    /// - Parameter now: what times such as `2h` are before.
    /// - Returns: which receipts the options mean.
    /// - Throws: `ValidationError` that names the invalid value.
    func filter(now: Instant) throws -> ReceiptFilter {
        func time(_ name: String, _ text: String?) throws -> Instant? {
            guard let text else { return nil }
            guard let time = TextTime.parse(text, now: now) else {
                throw ValidationError(
                    "\(name) is not a time: \(text). Write 1997-01-03, 1997-01-03T09:00:00Z, 30m, 2h or 7d.")
            }
            return time
        }
        var filter = ReceiptFilter(
            provider: provider, since: try time("--since", since), until: try time("--until", until),
            isUnmatched: unmatched)
        for word in id {
            // An id of a message has 13 characters. No inbox has that many receipts.
            if word.utf8.count < 13, let number = Int64(word), number > 0 {
                filter.ids.append(number)
            } else if filter.message == nil {
                filter.message = try MessageID.parsing(word)
            } else {
                throw ValidationError("Name one message at most; of receipts, name the numbers.")
            }
        }
        guard filter.ids.count <= Self.maxNumbers else {
            throw ValidationError("Name at most \(Self.maxNumbers) numbers of receipts, or use --since and --until.")
        }
        return filter
    }
}
