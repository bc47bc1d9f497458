public import JSON
public import SobreModel

extension Wire {
    /// Writes the states of a message's deliveries after its cancellation or another try.
    public static func write(
        deliveriesOf id: MessageID, states: [DeliveryID: DeliveryState], to writer: inout JSONWriter
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

    /// Reads the states of a message's deliveries; nil if `ref` has none. States are strings, because a newer server
    /// may return one that is unknown.
    public static func readDeliveries(_ ref: JSONRef) -> [(delivery: DeliveryID, state: String)]? {
        ref["deliveries"]?.elements.compactMap { item in
            guard let delivery = item["delivery"]?.string.flatMap({ DeliveryID($0) }),
                let state = item["state"]?.string
            else { return nil }
            return (delivery, state)
        }
    }
}
