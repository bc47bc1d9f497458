import Synchronization

/// Files of the operator's that changed and could not be put in force, with the reason of each. What was in force before
/// stays so.
final class FileRefusals: Sendable {
    private let reasons = Mutex<[String: String]>([:])

    /// By file, in order.
    var all: [(file: String, why: String)] {
        reasons.withLock { reasons in reasons.sorted { $0.key < $1.key }.map { (file: $0.key, why: $0.value) } }
    }

    /// Notes the state of a file.
    ///
    /// - Parameters:
    ///   - file: the file or folder, as it is shown.
    ///   - why: why it is refused; nil: it is in force.
    /// - Returns: whether that is news.
    @discardableResult
    func note(_ file: String, _ why: String?) -> Bool {
        reasons.withLock { reasons in
            defer { reasons[file] = why }
            return reasons[file] != why
        }
    }
}
