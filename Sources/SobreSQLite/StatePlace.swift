import SobreModel
import SobreStore

/// Where a list of messages by state continues: behind one row of the source that it reads.
enum StatePlace: Hashable {
    /// Behind a delivery of a group, in the index of the queue or in `unsent`.
    case group(StateGroup, since: Int64, delivery: Int64)
    /// Behind a queued delivery: its primary key in the queue.
    case queue([Int64])
    /// Behind an open attempt.
    case attempt(Int64)
    /// Before a message; the newest come first.
    case message(Int64)
    /// At the beginning of the deliveries in one state.
    case start(DeliveryState)

    /// Parses a cursor of this store. Nil for another text.
    init?(_ cursor: StateCursor) {
        let parts = cursor.description.split(separator: ".", omittingEmptySubsequences: false)
        let numbers = parts.dropFirst().compactMap { Int64($0) }
        switch (parts.first, numbers.count, parts.count) {
        case ("q"?, 5, 6): self = .queue(numbers)
        case ("a"?, 1, 2): self = .attempt(numbers[0])
        case ("m"?, 1, 2): self = .message(numbers[0])
        case ("s"?, 1, 2):
            guard let state = UInt8(exactly: numbers[0]).flatMap({ DeliveryState(rawValue: $0) }) else { return nil }
            self = .start(state)
        case ("g"?, _, 7):
            guard let state = UInt8(parts[1]).flatMap({ DeliveryState(rawValue: $0) }), let campaign = Int64(parts[2]),
                let reason = Self.text(ofHex: parts[3]), let channel = Int64(parts[4]), let since = Int64(parts[5]),
                let delivery = Int64(parts[6])
            else { return nil }
            let group = StateGroup(state: state, campaign: campaign, reason: reason, channel: channel)
            self = .group(group, since: since, delivery: delivery)
        default: return nil
        }
    }

    /// The text form. A reason of more than 90 bytes, which none has, would not fit.
    var cursor: StateCursor? {
        let parts: [String] =
            switch self {
            case .group(let group, let since, let delivery):
                [
                    "g", "\(group.state.rawValue)", "\(group.campaign)", Self.hex(group.reason), "\(group.channel)",
                    "\(since)", "\(delivery)",
                ]
            case .queue(let key): ["q"] + key.map { "\($0)" }
            case .attempt(let id): ["a", "\(id)"]
            case .message(let id): ["m", "\(id)"]
            case .start(let state): ["s", "\(state.rawValue)"]
            }
        return StateCursor(parts.joined(separator: "."))
    }

    private static func hex(_ text: String) -> String {
        text.utf8.map { $0 < 16 ? "0" + String($0, radix: 16) : String($0, radix: 16) }.joined()
    }

    private static func text(ofHex hex: Substring) -> String? {
        guard hex.utf8.count.isMultiple(of: 2) else { return nil }
        var bytes: [UInt8] = []
        var rest = hex
        while !rest.isEmpty {
            guard let byte = UInt8(rest.prefix(2), radix: 16) else { return nil }
            bytes.append(byte)
            rest = rest.dropFirst(2)
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}

/// Deliveries that an index keeps together, in the order of its columns.
struct StateGroup: Hashable {
    var state: DeliveryState
    var campaign: Int64
    var reason: String
    var channel: Int64

    /// Before all groups of a state.
    init(before state: DeliveryState) { self.init(state: state, campaign: .min, reason: "", channel: -1) }

    init(state: DeliveryState, campaign: Int64, reason: String, channel: Int64) {
        self.state = state
        self.campaign = campaign
        self.reason = reason
        self.channel = channel
    }
}
