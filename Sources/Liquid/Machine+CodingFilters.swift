/// URL, Base64 and JSON.
extension Machine {
    // MARK: URL

    /// Form encoding: letters, digits and `*-._~` are unchanged, and a space becomes `+`.
    mutating func urlEncode(_ text: ByteSlice) throws(Failure) -> Value {
        let out = try room(text.count * 3)
        var length = 0
        for at in 0..<text.count {
            let byte = text[at]
            if isWord(byte) || byte == 0x2D || byte == 0x2E || byte == 0x2A || byte == 0x7E {
                out[length] = byte
                length += 1
            } else if byte == 0x20 {
                out[length] = 0x2B
                length += 1
            } else {
                out[length] = 0x25
                out[length + 1] = hexadecimalDigits.utf8Start[Int(byte >> 4)]
                out[length + 2] = hexadecimalDigits.utf8Start[Int(byte & 15)]
                length += 3
            }
        }
        return close(out, text.count * 3, length)
    }

    mutating func urlDecode(_ text: ByteSlice) throws(Failure) -> Value {
        let out = try room(text.count)
        var length = 0
        var at = 0
        while at < text.count {
            let byte = text[at]
            if byte == 0x25, at + 2 < text.count, let high = hexadecimal(text[at + 1]),
                let low = hexadecimal(text[at + 2])
            {
                out[length] = high << 4 | low
                at += 3
            } else {
                out[length] = byte == 0x2B ? 0x20 : byte
                at += 1
            }
            length += 1
        }
        let value = close(out, text.count, length)
        guard value.text.isValidUTF8 else { throw fail("The text decodes to bytes that are not UTF-8.") }
        return value
    }

    private func hexadecimal(_ byte: UInt8) -> UInt8? {
        switch byte {
        case 0x30...0x39: return byte - 0x30
        case 0x41...0x46: return byte - 0x37
        case 0x61...0x66: return byte - 0x57
        default: return nil
        }
    }

    // MARK: Base64

    private static let alphabet: StaticString = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"

    mutating func base64Encode(_ text: ByteSlice, urlSafe: Bool) throws(Failure) -> Value {
        let size = (text.count + 2) / 3 * 4
        let out = try room(size)
        var length = 0
        var at = 0
        while at < text.count {
            let left = min(3, text.count - at)
            var group: UInt32 = 0
            for index in 0..<3 { group = group << 8 | (index < left ? UInt32(text[at + index]) : 0) }
            for index in 0..<4 {
                var byte: UInt8 = 0x3D
                if index <= left {
                    byte = Machine.alphabet.utf8Start[Int(group >> UInt32(18 - index * 6) & 63)]
                    if urlSafe { byte = byte == 0x2B ? 0x2D : byte == 0x2F ? 0x5F : byte }
                }
                out[length] = byte
                length += 1
            }
            at += 3
        }
        return close(out, size, length)
    }

    mutating func base64Decode(_ text: ByteSlice, urlSafe: Bool) throws(Failure) -> Value {
        var count = text.count
        while count > 0, text[count - 1] == 0x3D, text.count - count < 2 { count -= 1 }
        // The standard form must be padded; the URL-safe form may be.
        guard count % 4 != 1, text.count % 4 == 0 || (urlSafe && count == text.count) else {
            throw fail("The text is not valid Base64.")
        }
        let out = try room(text.count)
        var length = 0
        var group: UInt32 = 0
        var bits = 0
        for at in 0..<count {
            guard let digit = Machine.base64Digit(text[at], urlSafe: urlSafe) else {
                throw fail("The text is not valid Base64.")
            }
            group = group << 6 | UInt32(digit)
            bits += 6
            if bits >= 8 {
                bits -= 8
                out[length] = UInt8(truncatingIfNeeded: group >> UInt32(bits))
                length += 1
            }
        }
        guard group & (1 << UInt32(bits) - 1) == 0 else { throw fail("The text is not valid Base64.") }
        return close(out, text.count, length)
    }

    private static func base64Digit(_ byte: UInt8, urlSafe: Bool) -> UInt8? {
        switch byte {
        case 0x41...0x5A: return byte - 0x41
        case 0x61...0x7A: return byte - 0x61 + 26
        case 0x30...0x39: return byte - 0x30 + 52
        case 0x2B: return 62
        case 0x2F: return 63
        case 0x2D: return urlSafe ? 62 : nil
        case 0x5F: return urlSafe ? 63 : nil
        default: return nil
        }
    }

    // MARK: JSON

    mutating func json(_ value: Value) throws(Failure) -> Value {
        let start = output.count
        try writeJSON(value)
        try charge((output.count - start) * 2)
        return try takeOutput(from: start)
    }

    private mutating func writeJSON(_ value: Value) throws(Failure) {
        switch value.tag {
        case .missing, .null, .blank, .empty, .forloop, .tablerow, .scope: output.append("null")
        case .string:
            output.append(0x22)
            output.appendJSON(value.text)
            output.append(0x22)
        case .array:
            try charge(Int(value.count) * Work.element)
            output.append(0x5B)
            for (index, element) in value.elements.enumerated() {
                if index > 0 { output.append(0x2C) }
                try writeJSON(element)
            }
            output.append(0x5D)
        case .object:
            try charge(Int(value.count) * Work.element * 2)
            output.append(0x7B)
            for (index, member) in value.members.enumerated() {
                if index > 0 { output.append(0x2C) }
                output.append(0x22)
                output.appendJSON(member.key.text)
                output.append("\":")
                try writeJSON(member.value)
            }
            output.append(0x7D)
        case .range:
            output.append(0x22)
            try printScalar(value)
            output.append(0x22)
        default: try printScalar(value)
        }
        if output.isOverfull { throw Failure(kind: .outputLimit) }
    }
}
