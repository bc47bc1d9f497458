internal import Text

/// Why the wall clock is not trusted at present.
public enum ClockAlarm: Hashable, Sendable, CustomStringConvertible {
    /// It jumped ahead of the monotonic clock by this much. Sobre's time ignores the jump.
    case ahead(by: Duration)
    /// It is behind a time that Sobre has already used by this much. Sobre's time runs at half speed until they agree.
    case behind(by: Duration)

    public var description: String {
        switch self {
        case .ahead(let length):
            "The wall clock jumped \(DurationText.rounded(length)) ahead. Messages under caps are held until the clock is confirmed. Set the "
                + "clock, or restart Sobre if it is correct. A clock that is synchronized by NTP is confirmed automatically."
        case .behind(let length):
            "The wall clock is \(DurationText.rounded(length)) behind recorded times. Sobre's clock runs at half speed until they agree, "
                + "and caps may count too much, but never too little. Set the clock if it is wrong."
        }
    }
}
