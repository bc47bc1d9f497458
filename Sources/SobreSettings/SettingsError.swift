/// The error for invalid settings. Its text says where the mistake is and what would be right.
public struct SettingsError: Error, Hashable, CustomStringConvertible {
    public var message: String
    public init(_ message: String) { self.message = message }
    public var description: String { message }
}
