import JSON
public import SobreModel
public import SobreStore
public import SobreWire

extension ServerClient {
    /// Pauses sending. Returns nil when there are as many pauses as the server allows.
    public func pause(_ order: PauseOrder) async throws(ClientError) -> SendingPause? {
        var writer = JSONWriter()
        order.write(to: &writer)
        let answer = try await send("POST", "/v1/pauses", body: writer.take())
        if answer.status == 409 { return nil }
        guard answer.status < 300, let pause = answer.document.flatMap({ Wire.readPause($0.root) }) else {
            throw Self.refusal(.rejected, answer)
        }
        return pause.pause
    }

    /// Lifts a pause. Returns nil if none with this id is in force.
    public func resume(_ id: Int64) async throws(ClientError) -> SendingPause? {
        let answer = try await send("DELETE", "/v1/pauses/\(id)")
        if answer.status == 404 { return nil }
        guard answer.status == 200, let pause = answer.document.flatMap({ Wire.readPause($0.root) }) else {
            throw Self.refusal(.rejected, answer)
        }
        return pause.pause
    }

    /// The pauses in force, oldest first.
    public func pauses() async throws(ClientError) -> [PauseStatus] {
        let answer = try await send("GET", "/v1/pauses")
        guard answer.status == 200, let document = answer.document else { throw Self.refusal(.rejected, answer) }
        return Wire.readPauses(document.root)
    }
}
