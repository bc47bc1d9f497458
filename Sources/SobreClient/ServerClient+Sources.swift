import JSON
public import SobreWire

extension ServerClient {
    /// The sources of messages with what their readers do.
    ///
    /// - Throws: ``ClientError`` when the server does not answer.
    public func sources() async throws(ClientError) -> [SourceStatus] {
        let answer = try await send("GET", "/v1/sources")
        guard answer.status == 200, let document = answer.document else { throw Self.refusal(.rejected, answer) }
        return Wire.readSources(document.root)
    }
}
