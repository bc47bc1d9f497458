import NIOCore
import Synchronization

/// An open connection, as ``ConnectionRegistry`` keeps it.
final class Connection: Sendable {
    let channel: any Channel
    /// Nil: not counted by peer.
    let peer: Peer?
    private let openedAt = NIODeadline.now()
    private let waits = Atomic<Bool>(true)
    private let isOfKnown = Atomic<Bool>(false)
    private let handled = Atomic<Bool>(false)

    init(channel: any Channel, peer: Peer?) {
        self.channel = channel
        self.peer = peer
    }

    /// Whether no request arrives or is answered. A connection of a known caller gives way only then.
    var isIdle: Bool {
        get { waits.load(ordering: .relaxed) }
        set { waits.store(newValue, ordering: .relaxed) }
    }

    /// Whether its last request came from a known caller. Only the registry changes it, under its lock.
    var isKnown: Bool {
        get { isOfKnown.load(ordering: .relaxed) }
        set { isOfKnown.store(newValue, ordering: .relaxed) }
    }

    /// Whether a request of an unknown caller has its turn: see ``HTTPTraffic/handle(_:_:)``.
    var hasTurn: Bool {
        get { handled.load(ordering: .relaxed) }
        set { handled.store(newValue, ordering: .relaxed) }
    }

    /// Whether it is open for so long.
    func isOlder(than age: TimeAmount) -> Bool { NIODeadline.now() - openedAt >= age }

    /// Whether a connection of an unknown caller may be closed in favour of another: unless its request is being
    /// handled. One that does not read its responses may be.
    var mayGiveWay: Bool { !hasTurn || !channel.isWritable }
}
