import COpenSSL

/// A failed OpenSSL call, with every entry of its error queue.
///
/// Create it right after the failing call. The initialiser drains the thread's queue, so that an old entry is never
/// blamed for a later failure.
public struct OpenSSLError: Error, CustomStringConvertible {
    /// The failed activity, as the start of a sentence: "Signing with the private key".
    public let activity: String

    /// OpenSSL's reasons, oldest first; empty when it gave none.
    public let reasons: [String]

    /// Drains the calling thread's error queue into a new error.
    init(doing activity: String) {
        self.activity = activity
        var reasons: [String] = []
        while true {
            let code = ERR_get_error()
            guard code != 0 else { break }
            // ERR_error_string documents that 256 bytes are always enough; the _n form never writes past the buffer.
            reasons.append(
                withUnsafeTemporaryAllocation(of: CChar.self, capacity: 256) { buffer in
                    ERR_error_string_n(code, buffer.baseAddress!, buffer.count)
                    return String(cString: buffer.baseAddress!)
                })
        }
        self.reasons = reasons
    }

    /// A full sentence with OpenSSL's reasons.
    public var description: String {
        let detail = reasons.isEmpty ? "OpenSSL gave no reason" : reasons.joined(separator: "; ")
        return "\(activity) failed: \(detail)."
    }
}
