public import JSON
import SobreModel
public import SobreStore

extension Wire {
    /// The members of an API key's record; never the key itself, nor its hash.
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

    /// Reads the list of API keys; nil: this is none. Hashes do not go over the API: they are empty.
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
