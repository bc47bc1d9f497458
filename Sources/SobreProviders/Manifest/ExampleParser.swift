internal import JSON
internal import SobreModel
internal import YAMLDocument

/// Reads the `examples:` of a manifest.
enum ExampleParser {
    static func parse(_ value: YAMLValue) throws(YAMLError) -> ManifestExample {
        let mapping = try value.mapping()
        try mapping.checkKeys(known: ["answer", "expect", "id", "retry_after"])
        let answer = try mapping.require("answer").mapping()
        try answer.checkKeys(known: ["status", "headers", "json", "text"])
        var headers: [(name: String, value: String)] = []
        for entry in try answer.mapping(ifPresent: "headers")?.entries ?? [] {
            headers.append((entry.key, try entry.value.string()))
        }
        var body = Array(try answer.string("text", default: "").utf8)
        if let json = answer["json"] {
            var writer = JSONWriter()
            try write(json, to: &writer)
            body = writer.take()
        }
        return ManifestExample(
            status: try answer.require("status").int(in: 100...599), headers: headers, body: body,
            expected: try mapping.require("expect").choice(), id: try mapping.string(ifPresent: "id"),
            retryAfter: try mapping.duration(ifPresent: "retry_after"), line: value.line)
    }

    private static func write(_ value: YAMLValue, to writer: inout JSONWriter) throws(YAMLError) {
        switch value.content {
        case .sequence(let elements):
            writer.beginArray()
            for element in elements { try write(element, to: &writer) }
            writer.endArray()
        case .mapping(let entries):
            writer.beginObject()
            for entry in entries {
                writer.key(entry.key)
                try write(entry.value, to: &writer)
            }
            writer.endObject()
        case .scalar:
            switch value.scalar {
            case .bool(let flag)?: writer.value(flag)
            case .int(let number)?: writer.value(number)
            case .double(let number)?: writer.value(number)
            case .string(let text)?: writer.value(text)
            case .null?, nil: writer.null()
            }
        }
    }
}
