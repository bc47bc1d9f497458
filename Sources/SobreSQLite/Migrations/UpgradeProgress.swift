/// The conversion of a store to this version's layout. It runs in one transaction. After an interruption it starts
/// over.
public enum UpgradeProgress: Sendable {
    /// The duration grows with the size of the file.
    case begins(bytes: Int)
    case ended(took: Duration)
}
