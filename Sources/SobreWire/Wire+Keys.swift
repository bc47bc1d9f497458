public import JSON
import SobreModel
public import SobreStore

extension Wire {
    /// Writes the members of an API key's record, without the key and its hash.
    public static func members(of record: APIKeyRecord, to writer: inout JSONWriter) {
        writer.key("id")
        writer.value(record.id)
        writer.key("label")
        writer.value(record.label)
        writer.key("scopes")
        writer.value(record.scopes.sorted())
        writer.key("created_at")
        writer.value(record.createdAt.rfc3339)
        writer.member("expires_at", ifPresent: record.expiresAt?.rfc3339)
    }

    /// Reads a list of API keys; nil if `ref` is not one. The API does not return hashes, so they are empty.
    public static func readKeys(_ ref: JSONRef) -> [APIKeyRecord]? {
        ref["keys"].map { keys in
            keys.elements.map { key in
                APIKeyRecord(
                    id: key["id"]?.string ?? "", label: key["label"]?.string ?? "", hash: [],
                    scopes: Set(key["scopes"]?.elements.compactMap(\.string) ?? []),
                    createdAt: key["created_at"]?.string.flatMap { Instant(rfc3339: $0) } ?? .epoch,
                    expiresAt: key["expires_at"]?.string.flatMap { Instant(rfc3339: $0) })
            }
        }
    }
}
