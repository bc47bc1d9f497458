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
            "The wall clock jumped \(DurationText.rounded(length)) ahead. What is capped is held until the clock is confirmed: set it right, "
                + "or restart Sobre when it is right now; a clock that the system keeps in step with NTP is believed by itself."
        case .behind(let length):
            "The wall clock is \(DurationText.rounded(length)) behind times that are recorded. Sobre's time runs at half speed until they "
                + "agree, and caps count too much rather than too little. Set the clock right if it is wrong."
        }
    }
}
