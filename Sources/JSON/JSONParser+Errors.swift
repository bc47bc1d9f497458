extension JSONParser {
    func unexpectedEnd(_ expected: String) -> JSONError {
        error(.unexpectedEnd, "the text ends too early; \(expected) was expected", at: end)
    }

    func unexpectedByte(_ expected: String) -> JSONError {
        error(.unexpectedByte, "unexpected \(nameOfByte(at: position)); \(expected) was expected")
    }

    /// Makes an error with line, column and path at `offset`, by default at the current position. The path ends in the
    /// key that is being read, or in `key`, the node of another one of the innermost object.
    func error(_ code: JSONError.Code, _ message: String, at offset: Int? = nil, key: Int? = nil) -> JSONError {
        let offset = min(offset ?? position, end)
        var line = firstLine
        var column = 1
        for index in start..<offset {
            if buffer[index] == 0x0A {
                line += 1
                column = 1
            } else if buffer[index] & 0xC0 != 0x80 {
                column += 1
            }
        }
        return JSONError(code: code, offset: offset, line: line, column: column, path: path(key), message: message)
    }

    private func nameOfByte(at offset: Int) -> String {
        let byte = buffer[offset]
        switch byte {
        case 0x27: return "' (JSON strings use double quotes)"
        case 0x21...0x7E: return "\"\(Character(Unicode.Scalar(byte)))\""
        default: return "the byte 0x\(String(byte, radix: 16, uppercase: true))"
        }
    }

    private func path(_ last: Int?) -> String {
        var path = ""
        let innermost = frames.count - 1
        let isLastNamed = last != nil || !isBetweenChildren
        for (place, frame) in (isLastNamed ? frames[...] : frames.dropLast()).enumerated() where frame.count > 0 {
            if frame.isObject {
                let node = place == innermost ? last ?? frame.key : frame.key
                let key = decodeEscapes(UnsafeBufferPointer(rebasing: buffer[nodes[node].content]))
                appendPathKey(String(decoding: key, as: UTF8.self), to: &path)
            } else {
                path += "[\(frame.count - 1)]"
            }
            if path.utf8.count > 400 { return path + "…" }
        }
        return path
    }
}

/// Appends one key to a path: `a.b`, or `a["b c"]` if the key is not a plain word. Long keys are truncated.
func appendPathKey(_ key: String, to path: inout String) {
    let isWord =
        !key.isEmpty
        && key.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"):
                true
            default: false
            }
        }
    if isWord, key.utf8.count <= 80 {
        path += path.isEmpty ? key : ".\(key)"
    } else {
        var writer = JSONWriter()
        writer.value(key.count > 80 ? String(key.prefix(80)) + "…" : key)
        path += "[\(String(decoding: writer.bytes, as: UTF8.self))]"
    }
}
