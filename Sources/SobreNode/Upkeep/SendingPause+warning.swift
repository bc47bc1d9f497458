import SobreModel

extension SendingPause {
    /// What an operator must know while it lasts, with the command that ends it.
    var warning: String {
        let why = reason.isEmpty ? "" : " (\(reason))"
        return
            "Sending is paused: \(filter), by \(by) since \(since), \(until.map { "until \($0)" } ?? "until resumed")\(why). "
            + "sobre resume \(id) lets what waits go."
    }
}
