/// Bars of a chart, made of blocks.
public enum Bar {
    /// A bar for `count` where the longest, of `width`, stands for `most`; the number behind it. What is not nothing is seen.
    public static func of(_ count: Int, most: Int, width: Int) -> String {
        guard count > 0 else { return "0" }
        let length = max(1, count * width / max(most, 1))
        return String(repeating: "█", count: length) + " \(count)"
    }
}
