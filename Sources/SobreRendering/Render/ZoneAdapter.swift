internal import Liquid
internal import ZoneInfo

/// Adapts the system's time zones to the template language.
struct ZoneAdapter: ZoneProvider {
    let zones: ZoneCatalogue

    func offset(of zone: String, atEpochSeconds seconds: Int64) -> (seconds: Int, abbreviation: String)? {
        guard let zone = try? zones.zone(named: zone) else { return nil }
        let offset = zone.offset(at: seconds)
        return (offset, Self.abbreviation(offset))
    }

    /// `UTC`, `+01:00`, `-03:30`: the numeric form, which is unambiguous.
    private static func abbreviation(_ offset: Int) -> String {
        if offset == 0 { return "UTC" }
        let minutes = abs(offset) / 60
        let pad = { (value: Int) in value < 10 ? "0\(value)" : "\(value)" }
        return (offset < 0 ? "-" : "+") + pad(minutes / 60) + ":" + pad(minutes % 60)
    }
}
