import HTTPTypes
import Hummingbird
import Signing
import SobreIntake
import Text

/// A strong entity tag (RFC 9110 §8.8.3), with its quotes.
struct EntityTag: Sendable, Hashable {
    let text: String

    /// The tag of a text.
    init(digestOf bytes: [UInt8]) { text = "\"\(Hex.encode(Array(Digest.sha256(bytes).prefix(16))))\"" }

    /// The tag of a profile.
    init(_ version: ProfileVersion) { text = "\"\(version)\"" }

    /// Whether an `If-None-Match` names this tag. Weak tags are compared by their text (RFC 9110 §13.1.2).
    func isNamed(in field: String) -> Bool {
        Self.list(field).contains { $0 == "*" || $0 == text || $0 == "W/" + text }
    }

    /// The tags of a list.
    static func list(_ field: String) -> [String] {
        field.split(separator: ",").map { $0.trimming { $0 == " " || $0 == "\t" } }
    }
}

extension Substring {
    fileprivate func trimming(_ isSpace: (Character) -> Bool) -> String {
        let start = drop(while: isSpace)
        return String(start[..<(start.lastIndex { !isSpace($0) }.map { start.index(after: $0) } ?? start.startIndex)])
    }
}

extension Request {
    /// The versions of a profile that a change applies to: `If-Match`.
    ///
    /// - Throws: a `Problem` for a tag that is none, and for `If-None-Match`, which is only answered for reading.
    func profileCondition() throws(Problem) -> ProfileCondition {
        if headers[.ifNoneMatch] != nil {
            throw Problem(
                .badRequest, "invalid_header", "If-None-Match is only supported for reading.", field: "If-None-Match",
                expected: "If-Match with the ETag of the profile")
        }
        guard let field = headers[.ifMatch] else { return .none }
        let tags = EntityTag.list(field)
        if tags == ["*"] { return .exists }
        var versions: Set<String> = []
        for tag in tags {
            // A weak tag never matches here (RFC 9110 §13.1.1).
            if tag.hasPrefix("W/\"") { continue }
            guard tag.utf8.count >= 2, tag.hasPrefix("\""), tag.hasSuffix("\"") else {
                throw Problem(
                    .badRequest, "invalid_header", "If-Match is not a list of entity tags.", field: "If-Match",
                    expected: "the ETag of the profile, with its quotes, or *")
            }
            versions.insert(String(tag.dropFirst().dropLast()))
        }
        return .versions(versions)
    }
}

extension Response {
    /// 304 without a body if the request's `If-None-Match` names the tag, else 200 with it.
    static func ifChanged(
        _ request: Request, _ tag: EntityTag, headers: HTTPFields, body: () -> ByteBuffer
    ) -> Response {
        var headers = headers
        headers[.eTag] = tag.text
        if let known = request.headers[.ifNoneMatch], tag.isNamed(in: known) {
            headers[.contentType] = nil
            return Response(status: .notModified, headers: headers)
        }
        return Response(status: .ok, headers: headers, body: .init(byteBuffer: body()))
    }
}
