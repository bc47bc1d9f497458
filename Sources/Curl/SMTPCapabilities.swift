/// The capabilities in a server's EHLO reply.
struct SMTPCapabilities: Equatable {
    var pipelining = false
    var eightBitMIME = false
    var smtpUTF8 = false
    var auth = false
    /// Whether the server accepts the SIZE parameter. `maxSize` is the server's limit; 0 means none.
    var size = false
    var maxSize = 0

    /// Parses one line of the EHLO reply, without its code: a keyword and its parameters.
    mutating func add(_ line: Substring) {
        let words = line.split(separator: " ")
        switch words.first?.uppercased() {
        case "PIPELINING": pipelining = true
        case "8BITMIME": eightBitMIME = true
        case "SMTPUTF8": smtpUTF8 = true
        case "AUTH": auth = true
        case "SIZE":
            size = true
            maxSize = words.count > 1 ? Int(words[1]) ?? 0 : 0
        default: break
        }
    }
}
