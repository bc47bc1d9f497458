/// Why a transfer has no response, and what that implies about the request.
public struct TransferFailure: Error, Sendable, Equatable, CustomStringConvertible {
    /// What the caller may conclude about the request.
    public enum Delivery: Sendable, Equatable {
        /// No server can have acted on the request. Trying again cannot repeat it.
        case notSent
        /// The server may have acted on the request. Trying again may repeat it.
        case unknown
        /// Nothing was sent, and nothing will be until the configuration is corrected.
        case configuration
    }

    /// What happened.
    public enum Reason: Sendable, Equatable {
        /// libcurl ended the transfer with this result (`CURLcode`).
        case curl(code: Int)
        /// The request cannot be sent as one well-formed request.
        case invalidRequest
        /// Too many requests were already waiting.
        case overloaded
        /// The request's total time ended while it waited for a free slot.
        case timedOutWaiting
        /// `mayBegin` said no before anything was sent.
        case notPermitted
        /// The response was larger than the request's bound.
        case responseTooLarge
        /// `cancel` ended it.
        case cancelled
        /// The loop was shut down.
        case shutDown
    }

    /// What happened.
    public let reason: Reason

    /// What the caller may conclude about the request.
    public let delivery: Delivery

    /// A full sentence that includes libcurl's own message.
    public let description: String

    /// The reply with which a mail server turned the connection or the login away; nil: it gave none.
    public var refusal: ConnectionRefusal?

    /// A mail server's reply before any message.
    public struct ConnectionRefusal: Sendable, Equatable {
        /// ``MailStage/connection`` or ``MailStage/login``.
        public let stage: MailStage
        public let reply: SMTPReply
    }

    init(_ reason: Reason, _ delivery: Delivery, _ description: String, refusal: ConnectionRefusal? = nil) {
        self.reason = reason
        self.delivery = delivery
        self.description = description
        self.refusal = refusal
    }

    static func invalid(_ sentence: String) -> TransferFailure {
        TransferFailure(.invalidRequest, .configuration, sentence)
    }
}
