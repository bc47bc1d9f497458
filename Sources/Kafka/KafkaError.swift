/// An error of librdkafka, of a broker, or of loading the library.
public struct KafkaError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The kind of error, which determines what the caller does.
    public enum Code: Hashable, Sendable {
        /// The library is not installed.
        case noLibrary
        /// A property has an invalid value.
        case configuration
        /// Another error; holds librdkafka's number. The library tries again by itself.
        case broker(Int32)
        /// The consumer cannot go on and must be made anew.
        case fatal(Int32)
    }

    public var code: Code
    /// A full sentence or librdkafka's own words.
    public var description: String

    public init(_ code: Code, _ description: String) {
        self.code = code
        self.description = description
    }

    public var isFatal: Bool {
        if case .fatal = code { true } else { false }
    }
}
