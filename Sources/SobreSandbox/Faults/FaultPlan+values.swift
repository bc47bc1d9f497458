import Text

extension FaultPlan {
    /// Reads `5%`, `0.5%` or `0.05` as a share from 0 to 1.
    static func rate(_ text: Substring, entry: Substring) throws(SandboxError) -> Double {
        let percent = text.last == "%"
        let digits = percent ? text.dropLast() : text
        guard let number = Double(String(trimmed(digits))), number.isFinite else {
            throw .faultPlan("\"\(clipped(entry))=\(clipped(text))\" is not a rate; write 5% or 0.05.")
        }
        let rate = percent ? number / 100 : number
        guard (0...1).contains(rate) else {
            throw .faultPlan(
                "\"\(clipped(entry))=\(clipped(text))\" is not between 0% and 100%"
                    + (percent ? "." : "; write \(clipped(text))% if you mean percent."))
        }
        return rate
    }

    /// Reads `50ms`, `20ms..80ms` or `2s@5%`.
    static func latency(_ text: Substring, entry: Substring) throws(SandboxError) -> Faults.Latency {
        var range = text
        var share = 1.0
        if let at = text.firstIndex(of: "@") {
            range = text[..<at]
            share = try rate(text[text.index(after: at)...], entry: entry)
        }
        let low: Int
        let high: Int
        if let dots = range.firstRange(of: "..") {
            low = try milliseconds(trimmed(range[..<dots.lowerBound]), entry: entry)
            high = try milliseconds(trimmed(range[dots.upperBound...]), entry: entry)
        } else {
            low = try milliseconds(trimmed(range), entry: entry)
            high = low
        }
        guard low <= high else {
            throw .faultPlan("\"\(clipped(entry))=\(clipped(text))\" runs backwards; write the shorter delay first.")
        }
        return Faults.Latency(lowMilliseconds: low, highMilliseconds: high, rate: share)
    }

    /// Reads whole seconds, `2s` or `2`, up to an hour.
    static func seconds(_ text: Substring, entry: Substring) throws(SandboxError) -> Int {
        let digits = text.last == "s" ? text.dropLast() : text
        guard let number = Int(digits), (0...3600).contains(number) else {
            throw .faultPlan("\"\(clipped(entry))=\(clipped(text))\" is not 0s to 3600s in whole seconds.")
        }
        return number
    }

    private static func milliseconds(_ text: Substring, entry: Substring) throws(SandboxError) -> Int {
        guard let delay = DurationText.parse(text) else {
            throw .faultPlan("\"\(clipped(entry))\" needs a unit: write 50ms, 20ms..80ms or 2s@5%.")
        }
        guard delay <= .milliseconds(Faults.Latency.limitMilliseconds) else {
            throw .faultPlan("\"\(clipped(entry))\" has a delay that is not between 0ms and 600s.")
        }
        let (seconds, attoseconds) = delay.components
        return Int(seconds) * 1000 + Int((Double(attoseconds) / 1e15).rounded())
    }
}
