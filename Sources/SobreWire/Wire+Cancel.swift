public import JSON
public import SobreModel

extension Wire {
    /// Where the deliveries of a message stand after it was cancelled.
    public static func write(
        cancelled id: MessageID, states: [DeliveryID: DeliveryState], to writer: inout JSONWriter
    ) {
        writer.object { writer in
            writer.key("id")
            writer.value(id.description)
            writer.key("deliveries")
            writer.array { writer in
                for (delivery, state) in states.sorted(by: { $0.key < $1.key }) {
                    writer.object { writer in
                        writer.key("delivery")
                        writer.value(delivery.description)
                        writer.key("state")
                        writer.value(state.description)
                    }
                }
            }
        }
    }

    /// Reads where the deliveries of a message stand, in their order; nil: this says nothing of it. States are texts:
    /// a newer server may have one that is not known here.
    public static func readCancelled(_ ref: JSONRef) -> [(delivery: DeliveryID, state: String)]? {
        ref["deliveries"]?.elements.compactMap { item in
            guard let delivery = item["delivery"]?.string.flatMap({ DeliveryID($0) }),
                let state = item["state"]?.string
            else { return nil }
            return (delivery, state)
        }
    }
}
