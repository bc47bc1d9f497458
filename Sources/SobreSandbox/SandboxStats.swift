internal import JSON

/// The sandbox's counters since its start or the last reset.
struct SandboxStats {
    /// The counts of one channel.
    struct Counts {
        var received = 0
        var accepted = 0
        var answered = 0
        var bytes = 0
    }

    private(set) var channels: [Counts]
    private(set) var faults: [String: Int] = [:]
    var httpConnections = 0
    var smtpConnections = 0
    var refusedConnections = 0
    var timeouts = 0
    var recordFailures = 0

    init() {
        channels = Array(repeating: Counts(), count: ReceivedMessage.Channel.allCases.count)
    }

    mutating func count(_ message: ReceivedMessage) {
        let place = Self.place(message.channel)
        channels[place].received += 1
        channels[place].accepted += message.accepted ? 1 : 0
        channels[place].answered += message.answered ? 1 : 0
        channels[place].bytes += message.bytes
    }

    mutating func countUnanswered(_ channel: ReceivedMessage.Channel) {
        channels[Self.place(channel)].answered -= 1
    }

    /// Counts a fault. There are few distinct names, because they come from the fault plan.
    mutating func count(fault: String) { faults[fault, default: 0] += 1 }

    func json(openConnections: Int, clock: Int64?, receipts: ReceiptSender? = nil) -> [UInt8] {
        jsonObject { json in
            json.key("channels")
            json.object { json in
                for channel in ReceivedMessage.Channel.allCases {
                    let counts = channels[Self.place(channel)]
                    json.key(channel.rawValue)
                    json.object { json in
                        json.field("received", counts.received)
                        json.field("accepted", counts.accepted)
                        json.field("answered", counts.answered)
                        json.field("bytes", counts.bytes)
                    }
                }
            }
            json.key("faults")
            json.object { json in
                for fault in faults.sorted(by: { $0.key < $1.key }) {
                    json.key(fault.key)
                    json.value(fault.value)
                }
            }
            json.key("connections")
            json.object { json in
                json.field("open", openConnections)
                json.field("http", httpConnections)
                json.field("smtp", smtpConnections)
                json.field("refused", refusedConnections)
                json.field("timeouts", timeouts)
            }
            json.field("record_failures", recordFailures)
            if let receipts {
                json.key("receipts")
                json.object { json in
                    json.field("sent", receipts.sent)
                    json.field("pending", receipts.pending)
                    json.field("lost", receipts.lost)
                }
            }
            if let clock { json.field("clock", clock) }
        }
    }

    private static func place(_ channel: ReceivedMessage.Channel) -> Int {
        ReceivedMessage.Channel.allCases.firstIndex(of: channel)!  // allCases contains every case
    }
}
