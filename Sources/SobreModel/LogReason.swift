/// The reasons that an entry of the log can have: stable, part of the API.
public enum LogReason {
    /// A delivery that had ended was queued once more, on somebody's order.
    public static let retried = "retried"

    /// Every reason by its name, in alphabetical order.
    public static let names: [String] = {
        var names: Set<String> = ["expired", retried]
        names.formUnion(HoldReason.allCases.map(\.rawValue))
        names.formUnion(DropReason.allCases.map(\.rawValue))
        names.formUnion(FailureReason.allCases.map(\.rawValue))
        names.formUnion(Outcome.Kind.allCases.map(\.rawValue))
        names.formUnion(Receipt.Kind.allCases.map(\.description))
        return names.sorted()
    }()
}
