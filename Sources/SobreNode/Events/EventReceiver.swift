import Curl
import SobreModel
import SobreProviders
import SobreSettings

/// Sends one request to the receiver of a subscription.
struct EventReceiver: Sendable {
    /// How a request ended.
    enum Answer: Hashable, Sendable {
        /// A status of the class 2xx: the receiver has the events.
        case taken
        /// 410: the receiver wants no events any more.
        case gone
        /// Anything else. The receiver may have the events, and gets them again.
        case failed(String, retryAfter: Duration?)
        /// There was no place for the request, or the server stops. That is not the receiver's fault.
        case notTried
    }

    let endpoint: WebhookEndpoint
    let loop: CurlLoop
    let limits: EventLimits
    let connectTimeout: Duration

    /// The most bytes of an error that are kept.
    private static let maxErrorBytes = 300

    /// - Parameters:
    ///   - body: the request's body.
    ///   - id: the same for each repetition.
    ///   - now: the time of this try.
    /// - Returns: how it ended.
    func send(_ body: [UInt8], id: String, at now: Instant) async -> Answer {
        let headers = [
            (name: "Content-Type", value: "application/json"),
            (name: "User-Agent", value: "sobre/\(ProgramVersion.current)"),
        ]
        let result = await loop.perform(
            HTTPRequest(
                method: "POST", url: endpoint.url, headers: headers + endpoint.signature(id: id, body: body, at: now),
                body: body, connectTimeout: connectTimeout, totalTimeout: limits.timeout,
                maxResponseBytes: limits.maxAnswerBytes))
        switch result.outcome {
        case .success(let response):
            switch response.status {
            case 200..<300: return .taken
            case 410: return .gone
            case 300..<400:
                return .failed(
                    "The receiver answered \(response.status). Redirects are not followed: set the url to where it leads.",
                    retryAfter: nil)
            default:
                let wait = response.headers["retry-after"].flatMap { Int($0) }.map { Duration.seconds(max(0, $0)) }
                return .failed("The receiver answered \(response.status).", retryAfter: wait)
            }
        case .failure(let failure):
            switch failure.reason {
            case .timedOutWaiting, .overloaded, .cancelled, .shutDown, .notPermitted: return .notTried
            case .curl, .invalidRequest, .responseTooLarge:
                return .failed(
                    String(decoding: failure.description.utf8.prefix(Self.maxErrorBytes), as: UTF8.self),
                    retryAfter: nil)
            }
        }
    }
}
