import Hummingbird
import NIOCore
import Text

/// What a route knows of its request beside the request itself.
struct APIContext: RequestContext {
    var coreContext: CoreRequestContextStorage
    let channel: any Channel
    /// Who calls; set by ``Authorize``.
    var caller = KeyRing.Caller.key(id: "", scopes: [])

    init(source: ApplicationRequestContextSource) {
        coreContext = CoreRequestContextStorage(source: source)
        channel = source.channel
    }

    /// Whether the client's connection is still there.
    var isConnected: @Sendable () -> Bool { { [channel] in channel.isActive } }

    /// A part of the path with its percent escapes decoded.
    func parameter(_ name: String) throws(Problem) -> String {
        guard let raw = parameters.get(name), let text = PercentEncoding.decode(raw), !text.isEmpty else {
            throw Problem(.badRequest, "invalid_path", "The path is not valid: a percent escape is broken.")
        }
        return text
    }
}
