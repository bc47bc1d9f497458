internal import JSON

/// How messages of recipients are read that a provider sends to the URL for receipts.
struct InboundFormat: Sendable {
    /// The messages of a JSON body, in this order.
    var events: [JSONPath]
    var from: [ReceiptPlace]
    var text: [ReceiptPlace]
    /// What kind of message it is, such as `image`. It stands for the text of a message without one.
    var kind: [ReceiptPlace]
    /// The kinds that no recipient writes, such as a notice that a number has changed.
    var ignored: Set<String>
    var time: [ReceiptPlace]
}
