public import JSON

extension Wire {
    /// What became of an email that came back: `POST /v1/receipts/{provider}` with the type `message/rfc822`.
    public struct MailIntake: Hashable, Sendable {
        /// New receipts.
        public var received: Int
        /// Receipts that were known already.
        public var repeated: Int
        /// Why the email is no receipt: a code and a sentence; nil if it is one, or asks for nothing.
        public var code: String?
        public var message: String?

        public init(received: Int = 0, repeated: Int = 0, code: String? = nil, message: String? = nil) {
            self.received = received
            self.repeated = repeated
            self.code = code
            self.message = message
        }
    }

    /// Reads the answer of `POST /v1/receipts/{provider}` for an email; nil if `ref` is not one.
    public static func readMailIntake(_ ref: JSONRef) -> MailIntake? {
        guard let received = ref["received"]?.int else { return nil }
        let error = ref["errors"].flatMap { Array($0.elements).first }
        return MailIntake(
            received: received, repeated: ref["repeated"]?.int ?? 0, code: error?["code"]?.string,
            message: error?["detail"]?.string)
    }
}
