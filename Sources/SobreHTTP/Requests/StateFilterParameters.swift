import SobreModel

/// The conditions on present states as parameters of a URL.
enum StateFilterParameters {
    /// The parameters, beside those of ``DeliveryFilter``.
    static let names =
        ["state", "reason", "recipient", "tag", "since", "until"] + DeliveryFilter.Part.allCases.map(\.rawValue)

    /// Reads a filter.
    ///
    /// - Parameters:
    ///   - query: the parameters of the request.
    ///   - limit: the bytes that a name may have.
    /// - Returns: the filter; without parameters it matches everything.
    /// - Throws: a `Problem` that names the parameter.
    static func filter(_ query: QueryReader, atMost limit: Int) throws(Problem) -> StateFilter {
        var filter = StateFilter(
            states: try query.names("state", known: DeliveryState.allCases.map(\.description)) {
                DeliveryState(name: $0)
            },
            reasons: try query.names("reason", known: LogReason.names) { LogReason.names.contains($0) ? $0 : nil },
            recipient: try query.text("recipient", atMost: limit), tag: try query.text("tag", atMost: limit),
            since: try query.instant("since"), until: try query.instant("until"))
        for part in DeliveryFilter.Part.allCases {
            guard let text = query.text(part.rawValue) else { continue }
            if let problem = filter.selector.set(part, to: text, atMost: limit) {
                throw QueryReader.problem(part.rawValue, problem, "the \(part.rawValue) of messages")
            }
        }
        return filter
    }
}
