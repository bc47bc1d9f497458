import Text

extension JSONParser {
    /// Rejects a duplicate key in the object that is about to be closed.
    ///
    /// A few keys are compared pairwise. Many keys are sorted by a hash with a random seed, which takes n log n
    /// whatever the sender chooses.
    func refuseDuplicateKeys(of frame: Frame) throws(JSONError) {
        if frame.count <= 12 {
            var first = frame.node + 1
            while first < nodes.count {
                var second = Int(nodes[first + 1].next)
                while second < nodes.count {
                    if sameKey(first, second) { throw duplicate(second) }
                    second = Int(nodes[second + 1].next)
                }
                first = Int(nodes[first + 1].next)
            }
            return
        }
        var hashed: [(hash: Int, node: Int)] = []
        hashed.reserveCapacity(frame.count)
        var key = frame.node + 1
        while key < nodes.count {
            hashed.append((hash(of: key), key))
            key = Int(nodes[key + 1].next)
        }
        hashed.sort { ($0.hash, $0.node) < ($1.hash, $1.node) }
        for index in 1..<hashed.count where hashed[index].hash == hashed[index - 1].hash {
            if sameKey(hashed[index - 1].node, hashed[index].node) { throw duplicate(hashed[index].node) }
        }
    }

    private func text(_ node: Int) -> UnsafeBufferPointer<UInt8> {
        UnsafeBufferPointer(rebasing: buffer[nodes[node].content])
    }

    private func sameKey(_ first: Int, _ second: Int) -> Bool {
        if nodes[first].isEscaped || nodes[second].isEscaped {
            return decodeEscapes(text(first)) == decodeEscapes(text(second))
        }
        return nodes[first].length == nodes[second].length && text(first).elementsEqual(text(second))
    }

    private func hash(of key: Int) -> Int {
        var hasher = Hasher()
        if nodes[key].isEscaped {
            decodeEscapes(text(key)).withUnsafeBytes { hasher.combine(bytes: $0) }
        } else {
            hasher.combine(bytes: UnsafeRawBufferPointer(text(key)))
        }
        return hasher.finalize()
    }

    private func duplicate(_ node: Int) -> JSONError {
        let name = String(decoding: decodeEscapes(text(node)).prefix(80), as: UTF8.self)
        return error(
            .duplicateKey, "the key \"\(name)\" occurs twice in this object; keep one", at: Int(nodes[node].offset),
            key: node)
    }
}

/// Decodes the content of a string whose escapes the parser has validated.
func decodeEscapes(_ text: UnsafeBufferPointer<UInt8>) -> [UInt8] {
    var decoded: [UInt8] = []
    decoded.reserveCapacity(text.count)
    var index = 0
    while index < text.count {
        guard text[index] == UInt8(ascii: "\\") else {
            decoded.append(text[index])
            index += 1
            continue
        }
        switch text[index + 1] {
        case UInt8(ascii: "b"): decoded.append(0x08)
        case UInt8(ascii: "f"): decoded.append(0x0C)
        case UInt8(ascii: "n"): decoded.append(0x0A)
        case UInt8(ascii: "r"): decoded.append(0x0D)
        case UInt8(ascii: "t"): decoded.append(0x09)
        case UInt8(ascii: "u"):
            var scalar = codeUnit(text, at: index + 2)
            if scalar & 0xFC00 == 0xD800 {
                scalar = 0x10000 + (scalar & 0x3FF) << 10 + codeUnit(text, at: index + 8) & 0x3FF
                index += 6
            }
            // The parser has rejected lone surrogates, so every value is a scalar.
            if let scalar = Unicode.Scalar(scalar) { decoded.append(contentsOf: UTF8.encode(scalar).unsafelyUnwrapped) }
            index += 4
        case let literal: decoded.append(literal)
        }
        index += 2
    }
    return decoded
}

private func codeUnit(_ text: UnsafeBufferPointer<UInt8>, at offset: Int) -> UInt32 {
    var unit: UInt32 = 0
    for index in offset..<offset + 4 { unit = unit << 4 | UInt32(text[index].hexadecimalValue ?? 0) }
    return unit
}
