/// What `NOTIFY` sent to a channel that the connection listens to.
public struct PostgresNotification: Hashable, Sendable {
    public var channel: String
    public var payload: String
    /// The server process whose transaction sent it.
    public var sender: Int

    public init(channel: String, payload: String, sender: Int) {
        self.channel = channel
        self.payload = payload
        self.sender = sender
    }
}
