import Hummingbird
import NIOCore
import Text

/// The context of one request: the caller and the client's connection.
struct APIContext: RequestContext {
    var coreContext: CoreRequestContextStorage
    let channel: any Channel
    /// The caller. ``Authorize`` sets it.
    var caller = KeyRing.Caller.key(id: "", scopes: [])
    /// Whether the caller was authenticated. Unknown callers have budgets of their own; see ``HTTPTraffic``.
    var isKnown = false
    /// Whether the request already has its turn among those of unknown callers.
    var hasTurn = false

    init(source: ApplicationRequestContextSource) {
        coreContext = CoreRequestContextStorage(source: source)
        channel = source.channel
    }

    /// Whether the client is still connected.
    var isConnected: @Sendable () -> Bool { { [channel] in channel.isActive } }

    /// A path parameter with its percent escapes decoded.
    func parameter(_ name: String) throws(Problem) -> String {
        guard let raw = parameters.get(name), let text = PercentEncoding.decode(raw), !text.isEmpty else {
            throw Problem(.badRequest, "invalid_path", "The path is not valid: a percent escape is broken.")
        }
        return text
    }
}
