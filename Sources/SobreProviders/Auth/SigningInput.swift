internal import SobreModel

/// The request that a recipe signs.
struct SigningInput {
    let method: String
    let url: String
    let body: [UInt8]
    /// By the provider's clock, if the manifest names one.
    let now: Instant
    /// The results of the steps so far.
    var steps: [[UInt8]] = []

    func value(of fact: RequestFact) -> [UInt8] {
        switch fact {
        case .method: Array(method.utf8)
        case .url: Array(url.utf8)
        case .host: Array(URLParts(url).host.utf8)
        case .target: Array(URLParts(url).target.utf8)
        case .body: body
        case .timestamp: Array(String(now.milliseconds.floorDivided(by: 1000)).utf8)
        case .date: Array(MailDate.httpText(of: now).utf8)
        }
    }
}
