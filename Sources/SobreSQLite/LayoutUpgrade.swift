/// A store of an earlier layout is converted to this version's. It is one transaction: cut off, it begins again the next
/// time.
public enum LayoutUpgrade: Sendable {
    /// The time that it takes grows with the file.
    case begins(bytes: Int)
    case ended(took: Duration)
}
