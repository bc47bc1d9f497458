import SobreModel
import SobreStore

/// The columns of a subscription to events.
enum EventColumns {
    static let list = """
        name, position, last_event, generation, delivered, delivered_at, failing_since, tries, error, error_at, \
        paused_since, paused_by, reason
        """

    static func read(_ row: Statement) -> EventSubscriptionState {
        var state = EventSubscriptionState(
            name: row.string(0), position: row.optionalInt(1).map { LogCursor(sequence: $0) })
        state.lastEvent = row.optionalInt(2).map { LogCursor(sequence: $0) }
        state.generation = Int(row.int(3))
        state.delivered = Int(row.int(4))
        state.lastDeliveredAt = row.instant(5)
        state.failingSince = row.instant(6)
        state.tries = Int(row.int(7))
        state.lastError = row.string(8)
        state.lastErrorAt = row.instant(9)
        state.pausedSince = row.instant(10)
        state.pausedBy = row.string(11)
        state.pauseReason = row.string(12)
        return state
    }

    static func bind(_ state: EventSubscriptionState, to row: Statement) throws(StoreError) {
        let position = try state.position.map { cursor throws(StoreError) in try LogPosition.sequence(cursor) }
        let last = try state.lastEvent.map { cursor throws(StoreError) in try LogPosition.sequence(cursor) }
        row.bind(1, state.name).bind(2, position).bind(3, last).bind(4, Int64(state.generation))
            .bind(5, Int64(state.delivered)).bind(6, state.lastDeliveredAt).bind(7, state.failingSince)
            .bind(8, Int64(state.tries)).bind(9, state.lastError).bind(10, state.lastErrorAt)
            .bind(11, state.pausedSince).bind(12, state.pausedBy).bind(13, state.pauseReason)
    }
}
