import JSON

/// JSON Merge Patch (RFC 7396): members of the patch replace those of the target, nested objects are merged, and `null`
/// removes a member.
enum MergePatch {
    /// Applies a patch to a target and writes the result. The parser's depth limit bounds the recursion.
    static func apply(_ patch: JSONRef, to target: JSONRef?, writing writer: inout JSONWriter) {
        guard patch.kind == .object else { return writer.value(patch) }
        let base = target?.kind == .object ? target : nil
        writer.object { writer in
            if let base {
                for (key, value) in base.members {
                    let name = key.string ?? ""
                    guard let change = patch[name] else {
                        writer.key(name)
                        writer.value(value)
                        continue
                    }
                    if change.isNull { continue }
                    writer.key(name)
                    apply(change, to: value, writing: &writer)
                }
            }
            for (key, value) in patch.members where !value.isNull {
                let name = key.string ?? ""
                if base?[name] != nil { continue }
                writer.key(name)
                apply(value, to: nil, writing: &writer)
            }
        }
    }
}
