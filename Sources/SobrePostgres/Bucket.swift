import SobreModel

/// A fixed part of the recipients. Everything about a recipient is decided under the lock of its bucket.
enum Bucket {
    /// Fixed when the database is made, because it is part of each key and of each message's ID.
    static let count = 512

    /// The bucket of a recipient or an address.
    static func of(_ key: KeyHash) -> Int { Int(key.rawValue % UInt64(count)) }

    /// The bucket in a message's ID.
    static func of(_ message: MessageID) -> Int { Int(message.rawValue >> 4) & (count - 1) }
}
