import Hummingbird
import NIOCore

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
        guard let raw = parameters.get(name), let text = percentDecoded(raw), !text.isEmpty else {
            throw Problem(.badRequest, "invalid_path", "The path is not valid: a percent escape is broken.")
        }
        return text
    }
}

/// The text with its percent escapes decoded (RFC 3986 §2.1); nil if one is broken or the result is not UTF-8.
func percentDecoded(_ text: String) -> String? {
    guard text.utf8.contains(UInt8(ascii: "%")) else { return text }
    var bytes: [UInt8] = []
    var rest = text.utf8[...]
    while let byte = rest.popFirst() {
        guard byte == UInt8(ascii: "%") else {
            bytes.append(byte)
            continue
        }
        guard let high = rest.popFirst(), let low = rest.popFirst(),
            let value = UInt8(String(decoding: [high, low], as: UTF8.self), radix: 16), high != UInt8(ascii: "+")
        else { return nil }
        bytes.append(value)
    }
    return String(validating: bytes, as: UTF8.self)
}
