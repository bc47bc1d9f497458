import HTTPTypes
import Hummingbird
import OpenAPIDocument
import Signing
import Text

/// `GET /openapi.yaml`: the description of the API (OpenAPI 3.1).
///
/// It needs no key: it says nothing of what the server holds, and tools read it before they have one.
struct OpenAPIRoute: Sendable {
    /// The text of `openapi.yaml`.
    static let text: [UInt8] = {
        var size = 0
        let start = openapi_document(&size)
        // The document is a constant of the binary and has this many bytes.
        return Array(UnsafeRawBufferPointer(start: start, count: size))
    }()

    private static let entityTag = EntityTag(digestOf: text)

    func add(open: RouterGroup<APIContext>) { open.get("openapi.yaml", use: show) }

    @Sendable private func show(_ request: Request, _ context: APIContext) async throws -> Response {
        .ifChanged(
            request, Self.entityTag, headers: [.contentType: "application/yaml", .cacheControl: "no-cache"],
            body: { ByteBuffer(bytes: Self.text) })
    }
}
