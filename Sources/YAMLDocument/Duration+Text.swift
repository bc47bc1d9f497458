extension Duration {
    /// Reads a duration as settings write it: `90s`, `2h`, `7d`, `1h30m`. Nil when the text is none.
    public init?(settingText text: String) {
        guard let duration = YAMLScalarText.duration(text) else { return nil }
        self = duration
    }
}
