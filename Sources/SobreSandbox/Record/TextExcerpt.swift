internal import Glibc
internal import Text

/// The system's description of an error number.
func systemError(_ code: Int32) -> String {
    // strerror may share a static buffer. The copy is made before this thread makes another call, and a race with
    // another thread could at worst garble one message.
    guard let text = strerror(code) else { return "error \(code)" }
    return String(cString: text)
}

/// Milliseconds since the Unix epoch by the system clock.
func realMilliseconds() -> Int64 {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000
}

/// A text without surrounding ASCII spaces and tabs.
func trimmed(_ text: Substring) -> Substring {
    var text = text
    while let first = text.utf8.first, first.isASCIISpace { text = text.dropFirst() }
    while let last = text.utf8.last, last.isASCIISpace { text = text.dropLast() }
    return text
}

/// At most `limit` characters of an untrusted text, for an error message.
func clipped(_ text: some StringProtocol, to limit: Int = 60) -> String {
    let head = text.prefix(limit)
    return head.endIndex == text.endIndex ? String(text) : String(head) + "…"
}

/// At most `limit` bytes of UTF-8 as a string, cut between characters. Invalid bytes become U+FFFD.
func excerpt(_ bytes: some Collection<UInt8>, limit: Int) -> String {
    if bytes.count <= limit { return String(decoding: bytes, as: UTF8.self) }
    var head = Array(bytes.prefix(limit))
    while let last = head.last, last & 0xC0 == 0x80 { head.removeLast() }
    if let last = head.last, last & 0x80 != 0 { head.removeLast() }
    return String(decoding: head, as: UTF8.self) + "…"
}

/// At most `limit` bytes of a string, cut between characters.
func excerpt(_ text: String, limit: Int) -> String {
    text.utf8.count <= limit ? text : excerpt(text.utf8, limit: limit)
}

/// A 64-bit FNV-1a hash of a text with ASCII letters in lower case, for the index of recipients and addresses.
func foldedHash(_ text: String) -> UInt64 {
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    for byte in text.utf8 {
        hash = (hash ^ UInt64(byte.asciiLowercased)) &* 0x100_0000_01B3
    }
    return hash
}

/// A number as lower-case hexadecimal digits of a fixed width.
func hex(_ value: UInt64, digits: Int) -> String {
    String(unsafeUninitializedCapacity: digits) { buffer in
        for place in 0..<digits {
            buffer[digits - 1 - place] = UInt8((value >> UInt64(min(place * 4, 63))) & 0xF).lowercaseHexadecimalDigit
        }
        return digits
    }
}
