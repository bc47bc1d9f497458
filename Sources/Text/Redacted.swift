/// A value that holds a credential. Printed, interpolated or dumped, it shows its type and nothing of its content, so that
/// neither a log at any level nor a description of what contains it can disclose the credential.
public protocol Redacted: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {}

extension Redacted {
    public var description: String { "\(Self.self)(redacted)" }
    public var debugDescription: String { description }
    public var customMirror: Mirror { Mirror(self, children: []) }
}
