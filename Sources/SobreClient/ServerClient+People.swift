import JSON
public import SobreStore
import SobreWire
import Text

extension ServerClient {
    /// Records what a person allowed or refused.
    ///
    /// - Parameters:
    ///   - statement: the consent as JSON.
    ///   - id: the person's id or an alias.
    /// - Returns: whether it is in force.
    /// - Throws: a ``ClientError`` when the server cannot be reached or refuses.
    public func record(consent statement: [UInt8], of id: String) async throws(ClientError) -> Bool {
        let answer = try await send("POST", "/v1/profiles/\(PercentEncoding.encode(id))/consents", body: statement)
        guard answer.status == 200 else { throw Self.refusal(.refused, answer) }
        let entries = answer.document.flatMap { $0.root["results"] }
        return entries?[0]?["status"]?.string == "stored"
    }

    /// Makes two profiles one person, under the second id. Returns whether they were two.
    public func merge(_ from: String, into: String) async throws(ClientError) -> Bool {
        var writer = JSONWriter()
        writer.object { $0.member("from", ifPresent: from) }
        let answer = try await send("POST", "/v1/profiles/\(PercentEncoding.encode(into))/merge", body: writer.take())
        guard answer.status == 200, let document = answer.document else { throw Self.refusal(.refused, answer) }
        return Wire.readIsMerged(document.root)
    }

    /// Forgets a person. Nil: nobody has this id.
    public func erase(_ id: String) async throws(ClientError) -> Erasure? {
        let answer = try await send("DELETE", "/v1/profiles/\(PercentEncoding.encode(id))")
        if answer.status == 404 { return nil }
        guard answer.status == 200, let document = answer.document else { throw Self.refusal(.unavailable, answer) }
        return Wire.readErasure(document.root)
    }

    /// Adds a suppression, given as JSON.
    public func suppress(_ suppression: [UInt8]) async throws(ClientError) {
        let answer = try await send("POST", "/v1/suppressions", body: suppression)
        guard answer.status == 201 else { throw Self.refusal(.rejected, answer) }
    }

    /// Lifts suppressions.
    ///
    /// - Parameter query: names and values of what they are about.
    /// - Returns: how many there were.
    /// - Throws: a ``ClientError`` when the server cannot be reached or refuses.
    public func lift(_ query: [(name: StaticString, value: String?)]) async throws(ClientError) -> Int {
        let parts = query.compactMap { name, value in value.map { "\(name)=\(PercentEncoding.encode($0))" } }
        let answer = try await send("DELETE", "/v1/suppressions?\(parts.joined(separator: "&"))")
        guard answer.status == 200 else { throw Self.refusal(.rejected, answer) }
        return answer.document?.root["lifted"]?.int ?? 0
    }
}
