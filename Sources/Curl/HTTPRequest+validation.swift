extension HTTPRequest {
    /// Throws unless the request can be sent as one well-formed request.
    ///
    /// CR, LF and NUL are refused everywhere. libcurl sends header lines unchanged, so a line break in message data
    /// could add header fields (RFC 9110 §5.5).
    ///
    /// - Parameter maxHeaderBytes: the bound on URL and header fields together.
    /// - Throws: ``TransferFailure`` with ``TransferFailure/Reason/invalidRequest`` and delivery `configuration`.
    public func validate(maxHeaderBytes: Int = 16 << 10) throws(TransferFailure) {
        guard !method.isEmpty, Self.all(method, Self.isTokenByte) else {
            throw .invalid("The request method is not a token of letters; give one such as POST.")
        }
        guard Self.all(url, { $0 > 0x20 && $0 != 0x7F }) else {
            throw .invalid("The URL holds a space or a control character; percent-encode it.")
        }
        guard Self.hasPrefix(url, "http://") || Self.hasPrefix(url, "https://") else {
            throw .invalid("The URL does not start with http:// or https://; give an absolute URL.")
        }
        var size = url.utf8.count + method.utf8.count
        for index in headers.indices {
            guard !headers[index].name.isEmpty, Self.all(headers[index].name, Self.isTokenByte) else {
                throw .invalid("A header name is empty or holds a character that RFC 9110 does not allow; rename it.")
            }
            guard Self.all(headers[index].value, { $0 >= 0x20 && $0 != 0x7F || $0 == 0x09 }) else {
                throw .invalid(
                    "The value of the header \(headers[index].name) holds a line break or another control character; "
                        + "remove it.")
            }
            guard !Self.isFraming(headers[index].name) else {
                throw .invalid("The header \(headers[index].name) is written by this layer; leave it out.")
            }
            size += headers[index].name.utf8.count + headers[index].value.utf8.count + 4
        }
        guard size <= maxHeaderBytes else {
            throw .invalid("URL and headers have \(size) bytes, more than the \(maxHeaderBytes) allowed; shorten them.")
        }
        guard totalTimeout > .zero, connectTimeout > .zero, maxResponseBytes > 0 else {
            throw .invalid("A timeout or the response bound is not positive; give a positive one.")
        }
    }

    /// Whether every byte of a text passes. Reads the bytes in place, because a text's own iterator takes far longer.
    @inline(__always)
    private static func all(_ text: String, _ passes: (UInt8) -> Bool) -> Bool {
        text.utf8.withContiguousStorageIfAvailable { $0.allSatisfy(passes) } ?? text.utf8.allSatisfy(passes)
    }

    /// A hash of scheme, host and port, by which transfers are counted.
    ///
    /// A collision only makes two origins share one bound.
    var originKey: UInt64 {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        var slashes = 0
        for byte in url.utf8 {
            if byte == UInt8(ascii: "/") {
                slashes += 1
                if slashes == 3 { break }
            } else if byte == UInt8(ascii: "?") || byte == UInt8(ascii: "#") {
                break
            }
            let lower = byte &- 0x41 < 26 ? byte | 0x20 : byte
            hash = (hash ^ UInt64(lower)) &* 0x100_0000_01B3
        }
        return hash
    }

    /// Whether a field decides where a message ends. If two parties disagree on that, one request can be read as two.
    private static func isFraming(_ name: String) -> Bool {
        switch name.utf8.count {
        case 14: hasPrefix(name, "content-length")
        case 17: hasPrefix(name, "transfer-encoding")
        case 6: hasPrefix(name, "expect")
        default: false
        }
    }

    /// Token characters of RFC 9110 §5.6.2.
    private static func isTokenByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        case UInt8(ascii: "!"), UInt8(ascii: "#"), UInt8(ascii: "$"), UInt8(ascii: "%"), UInt8(ascii: "&"),
            UInt8(ascii: "'"), UInt8(ascii: "*"), UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "."),
            UInt8(ascii: "^"), UInt8(ascii: "_"), UInt8(ascii: "`"), UInt8(ascii: "|"), UInt8(ascii: "~"):
            true
        default:
            false
        }
    }

    private static func hasPrefix(_ text: String, _ prefix: StaticString) -> Bool {
        guard text.utf8.count >= prefix.utf8CodeUnitCount else { return false }
        return prefix.withUTF8Buffer { prefix in
            zip(text.utf8, prefix).allSatisfy { ($0 &- 0x41 < 26 ? $0 | 0x20 : $0) == $1 }
        }
    }
}
