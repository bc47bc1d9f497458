/// A header of a manifest with an instance's settings.
enum BoundHeader: Sendable {
    /// The same for every message.
    case constant(_ name: String, _ value: String)
    case evaluated(_ name: String, Template)
}
