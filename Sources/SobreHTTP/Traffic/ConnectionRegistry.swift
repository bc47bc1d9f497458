import NIOCore
import SobreSettings
import Synchronization

/// All open connections of a server, and who gives way when there are too many.
///
/// A connection is unknown until a request on it is authenticated, and again when a later one is not. Where a bound is
/// reached, the unknown connection that has waited longest since it was opened or answered is closed in favour of the
/// new one, so that a caller with a key can connect at any time. Connections of known callers give way to others only
/// when all are of known callers, and only idle ones.
final class ConnectionRegistry: Sendable {
    private typealias ID = ObjectIdentifier

    private struct State {
        var open: [ID: Connection] = [:]
        var known = RecencyList<ID>()
        var unknown = RecencyList<ID>()
        /// The unknown ones by peer.
        var peers: [Peer: RecencyList<ID>] = [:]

        mutating func list(_ id: ID, _ connection: Connection) {
            guard !connection.isKnown else { return known.append(id) }
            unknown.append(id)
            if let peer = connection.peer { peers[peer, default: RecencyList()].append(id) }
        }

        mutating func unlist(_ id: ID, _ connection: Connection) {
            known.remove(id)
            unknown.remove(id)
            guard let peer = connection.peer, var list = peers[peer] else { return }
            // Taken out first, so that the list is changed in place.
            peers[peer] = nil
            list.remove(id)
            if list.count > 0 { peers[peer] = list }
        }

        /// The oldest connection of a list that may be closed.
        func replaceable(in list: RecencyList<ID>, _ may: (Connection) -> Bool) -> ID? {
            list.first { id in open[id].map(may) ?? false }
        }
    }

    private let limits: HTTPLimits
    private let refusals: Refusals
    private let state = Mutex(State())

    init(limits: HTTPLimits, refusals: Refusals) {
        self.limits = limits
        self.refusals = refusals
    }

    /// The number of open connections, and of unknown ones among them.
    var counts: (all: Int, unknown: Int) { state.withLock { ($0.open.count, $0.unknown.count) } }

    /// Takes a new connection in. Closes another one where the bounds demand that.
    ///
    /// - Returns: false if no other one may be closed. The caller closes the new one.
    func admit(_ channel: any Channel) -> Bool {
        let address = Peer.bytes(of: channel.remoteAddress)
        let isProxy = address.map { address in limits.proxies.contains { $0.contains(address) } } ?? true
        let connection = Connection(channel: channel, peer: isProxy ? nil : address.map { Peer(address: $0) })
        let id = ObjectIdentifier(channel)
        let (replaced, isAdmitted) = state.withLock { state -> ([(Connection, Refusal)], Bool) in
            var replaced: [(Connection, Refusal)] = []
            while let (reason, id) = excess(in: state, for: connection.peer) {
                guard let id, let old = state.open.removeValue(forKey: id) else { return (replaced, false) }
                state.unlist(id, old)
                replaced.append((old, reason))
            }
            state.open[id] = connection
            state.list(id, connection)
            return (replaced, true)
        }
        for (old, reason) in replaced {
            refusals.count(reason)
            old.channel.close(promise: nil)
        }
        guard isAdmitted else { return false }
        channel.closeFuture.whenComplete { [self] _ in remove(connection, id) }
        return true
    }

    /// The bound that one more connection of a peer would exceed, and who may be closed for it; nil: none is exceeded.
    ///
    /// The bounds of unknown callers spare connections that have just been opened: in a storm of new ones, a caller with a
    /// key must have the time to send it.
    private func excess(in state: State, for peer: Peer?) -> (reason: Refusal, victim: ID?)? {
        let youth = TimeAmount(limits.unknownGrace)
        func mayGiveWay(_ connection: Connection) -> Bool { connection.mayGiveWay && connection.isOlder(than: youth) }
        if let peer, let list = state.peers[peer], list.count >= limits.maxConnectionsPerPeer,
            let stranger = state.replaceable(in: list, mayGiveWay)
        {
            return (.peerConnections, stranger)
        }
        if state.unknown.count >= limits.maxUnknownConnections,
            let stranger = state.replaceable(in: state.unknown, mayGiveWay)
        {
            return (.unknownConnections, stranger)
        }
        guard state.open.count >= limits.maxConnections else { return nil }
        let victim =
            state.replaceable(in: state.unknown, \.mayGiveWay) ?? state.replaceable(in: state.known, \.isIdle)
        // The new one is turned away.
        if victim == nil { refusals.count(.connections) }
        return (.connections, victim)
    }

    private func remove(_ connection: Connection, _ id: ID) {
        state.withLock { state in
            // It may have given way before.
            guard state.open[id] === connection else { return }
            state.open[id] = nil
            state.unlist(id, connection)
        }
    }

    func connection(of channel: any Channel) -> Connection? {
        state.withLock { $0.open[ObjectIdentifier(channel)] }
    }

    /// Notes whether the caller of the current request is known.
    func note(isKnown: Bool, _ channel: any Channel) {
        let id = ObjectIdentifier(channel)
        state.withLock { state in
            guard let connection = state.open[id], connection.isKnown != isKnown else { return }
            state.unlist(id, connection)
            connection.isKnown = isKnown
            state.list(id, connection)
        }
    }

    /// Notes that all requests of a connection are answered: it begins to wait.
    func finished(_ connection: Connection) {
        let id = ObjectIdentifier(connection.channel)
        state.withLock { state in
            connection.isIdle = true
            guard state.open[id] === connection else { return }
            state.unlist(id, connection)
            state.list(id, connection)
        }
    }
}
