import JSON
public import SobreStore
import SobreWire
import Text

extension ServerClient {
    /// Records a consent or a refusal.
    ///
    /// - Parameters:
    ///   - statement: the consent as JSON.
    ///   - id: the recipient's id or an alias.
    /// - Returns: whether the consent is in force; false if a newer one is.
    /// - Throws: ``ClientError`` if the server cannot be reached or rejects the consent.
    public func record(consent statement: [UInt8], of id: String) async throws(ClientError) -> Bool {
        let answer = try await send("POST", "/v1/profiles/\(PercentEncoding.encode(id))/consents", body: statement)
        guard answer.status == 200 else { throw Self.refusal(.refused, answer) }
        let entries = answer.document.flatMap { $0.root["results"] }
        return entries?[0]?["status"]?.string == "stored"
    }

    /// Merges two profiles under the second id. Returns false if they had been merged before.
    public func merge(_ from: String, into: String) async throws(ClientError) -> Bool {
        var writer = JSONWriter()
        writer.object { $0.member("from", ifPresent: from) }
        let answer = try await send("POST", "/v1/profiles/\(PercentEncoding.encode(into))/merge", body: writer.take())
        guard answer.status == 200, let document = answer.document else { throw Self.refusal(.refused, answer) }
        return Wire.readIsMerged(document.root)
    }

    /// Erases a recipient. Returns nil if there is no such profile.
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
    /// - Parameter query: the query parameters that select the suppressions.
    /// - Returns: the number of suppressions lifted.
    /// - Throws: ``ClientError`` if the server cannot be reached or rejects the request.
    public func lift(_ query: [(name: StaticString, value: String?)]) async throws(ClientError) -> Int {
        let parts = query.compactMap { name, value in value.map { "\(name)=\(PercentEncoding.encode($0))" } }
        let answer = try await send("DELETE", "/v1/suppressions?\(parts.joined(separator: "&"))")
        guard answer.status == 200 else { throw Self.refusal(.rejected, answer) }
        return answer.document?.root["lifted"]?.int ?? 0
    }
}
