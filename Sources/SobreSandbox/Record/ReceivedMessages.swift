internal import Glibc

/// The messages that the sandbox received, read from its record. Tests use it as independent evidence about
/// duplicates and caps.
public struct ReceivedMessages: Sendable {
    /// All messages in order of arrival.
    public let messages: [ReceivedMessage]

    /// Uses messages that were already read.
    public init(_ messages: [ReceivedMessage]) { self.messages = messages }

    /// Reads a `received.ndjson`, which the sandbox may still be writing. An incomplete last line is ignored.
    ///
    /// Memory grows with the number of messages, about 1 KB each.
    ///
    /// - Throws: ``SandboxError/file(path:operation:errno:)`` if the file cannot be read,
    ///   ``SandboxError/record(path:line:reason:)`` if a line is not a record, because then no conclusion is
    ///   possible.
    public static func load(_ path: String) throws(SandboxError) -> ReceivedMessages {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw .file(path: path, operation: "open", errno: errno) }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw .file(path: path, operation: "inspect", errno: errno) }
        var reader = RecordReader(descriptor: descriptor, path: path, to: Int(status.st_size))
        var messages: [ReceivedMessage] = []
        var number = 0
        while let line = try reader.next() {
            number += 1
            do {
                switch try RecordLine(parsing: line.bytes) {
                case .message(let message): messages.append(message)
                case .unanswered(let seq):
                    let place = seq - (messages.first?.seq ?? 1)
                    if messages.indices.contains(place), messages[place].seq == seq { messages[place].answered = false }
                }
            } catch {
                throw .record(path: path, line: number, reason: error.reason)
            }
        }
        return ReceivedMessages(messages)
    }

    /// The accepted messages.
    public var accepted: [ReceivedMessage] { messages.filter(\.accepted) }

    /// The messages with this reference, accepted or not, in order of arrival.
    public func messages(ofReference reference: String) -> [ReceivedMessage] {
        messages.filter { $0.reference == reference }
    }

    /// The messages to this recipient or address, in order of arrival.
    public func messages(ofPerson person: String) -> [ReceivedMessage] {
        let query = MessageQuery(person: person)
        return messages.filter { query.matches($0) }
    }

    /// The number of accepted messages of each channel.
    public var acceptedByChannel: [ReceivedMessage.Channel: Int] {
        accepted.reduce(into: [:]) { $0[$1.channel, default: 0] += 1 }
    }

    /// The number of accepted messages for each text of a field, such as `\.campaign`. Absent texts count under `""`.
    public func acceptedCounts(by field: (ReceivedMessage) -> String?) -> [String: Int] {
        accepted.reduce(into: [:]) { $0[field($1) ?? "", default: 0] += 1 }
    }
}
