import Files
import Synchronization
import Text

/// The time zones of a TZif directory, loaded on first use and cached up to a bound.
public final class ZoneCatalogue: Sendable {
    /// The directory of the database.
    public let directory: String
    private let maxCached: Int
    private let cache = Mutex(Cache())

    private struct Cache {
        var zones: [String: Zone] = [:]
        /// The names in the order in which they were loaded. The oldest is evicted first.
        var order: [String] = []
        var countries: [String: [Zone]] = [:]
        var zonesOfCountry: [String: [String]]?
        /// Names that the database does not have, with the error that says so. Profiles may have them, and each decision
        /// asks. As zones are, they are kept until the process ends.
        var unknown: [String: ZoneError] = [:]
    }

    /// - Parameters:
    ///   - directory: contains one TZif file per zone, as installed by Debian's tzdata package.
    ///   - maxCached: the number of zones kept in memory, about 8 KB each, and of names that no zone has.
    public init(directory: String = "/usr/share/zoneinfo", maxCached: Int = 640) {
        self.directory = directory
        self.maxCached = max(1, maxCached)
    }

    /// The catalogue of the operating system.
    public static let system = ZoneCatalogue()

    /// The zone with this name. `UTC` needs no database.
    public func zone(named name: String) throws(ZoneError) -> Zone {
        let (known, unknown) = cache.withLock { ($0.zones[name], $0.unknown[name]) }
        if let known { return known }
        if let unknown { throw unknown }
        let zone: Zone
        do { zone = try read(name) } catch {
            if case .unknown = error {
                cache.withLock { if $0.unknown.count < maxCached { $0.unknown[name] = error } }
            }
            throw error
        }
        cache.withLock { cache in
            guard cache.zones.updateValue(zone, forKey: name) == nil else { return }
            cache.order.append(name)
            if cache.order.count > maxCached { cache.zones[cache.order.removeFirst()] = nil }
        }
        return zone
    }

    public func isKnown(_ name: String) -> Bool { (try? zone(named: name)) != nil }

    /// The zones of a country (ISO 3166-1 alpha-2) whose offsets have differed since 1990, by the database's
    /// `zone.tab`.
    ///
    /// Empty for an unknown country. Of zones that agree, only one is listed.
    public func zones(ofCountry country: String) -> [Zone] {
        if let known = cache.withLock({ $0.countries[country] }) { return known }
        let since1990: Int64 = 631_152_000
        var distinct: [Zone] = []
        for name in zoneNames(ofCountry: country) {
            guard let zone = try? zone(named: name) else { continue }
            if !distinct.contains(where: { $0.agrees(with: zone, since: since1990) }) { distinct.append(zone) }
        }
        let result = distinct
        if !result.isEmpty { cache.withLock { $0.countries[country] = result } }
        return result
    }

    /// Every name in the directory, sorted. Reads the directory, so use it for messages and checks, not on the hot
    /// path.
    public var names: [String] {
        var found: [String] = []
        Self.list(directory, prefix: "", depth: 0, into: &found)
        return found.sorted()
    }

    /// The known name closest to a wrong one; nil if none is close.
    public func suggestion(for name: String) -> String? {
        let wanted = Array(name.lowercased().utf8.prefix(ZoneName.maxBytes))
        var best: (distance: Int, name: String)?
        for candidate in names {
            let text = Array(candidate.lowercased().utf8)
            let city = text.split(separator: UInt8(ascii: "/")).last.map(Array.init) ?? text
            // "paris" alone means Europe/Paris.
            let distance = min(Suggestion.distance(wanted, text), Suggestion.distance(wanted, city) + 1)
            if distance < best?.distance ?? .max { best = (distance, candidate) }
        }
        guard let best, best.distance <= max(2, wanted.count / 4) else { return nil }
        return best.name
    }

    private func read(_ name: String) throws(ZoneError) -> Zone {
        guard ZoneName.isValid(name) else { throw .invalidName(name) }
        if name == "UTC" { return .utc }
        let path = directory + "/" + name
        guard let bytes = try? TextFile.read(path, atMost: TZifReader.maxBytes) else {
            if ((try? Folder.names(in: directory)) ?? []).isEmpty { throw .noDatabase(path: directory) }
            throw .unknown(name, suggestion: suggestion(for: name))
        }
        guard let zone = TZifReader.zone(named: name, from: bytes) else { throw .unreadable(name, path: path) }
        return zone
    }

    private func zoneNames(ofCountry country: String) -> [String] {
        if let table = cache.withLock({ $0.zonesOfCountry }) { return table[country] ?? [] }
        var table: [String: [String]] = [:]
        let bytes = (try? TextFile.read(directory + "/zone.tab", atMost: 1 << 20)) ?? []
        for line in bytes.split(separator: 10) where line.first != UInt8(ascii: "#") {
            let fields = line.split(separator: 9)
            guard fields.count >= 3 else { continue }
            table[String(decoding: fields[0], as: UTF8.self), default: []]
                .append(String(decoding: fields[2], as: UTF8.self))
        }
        let result = table
        cache.withLock { $0.zonesOfCountry = result }
        return result[country] ?? []
    }

    private static func list(_ path: String, prefix: String, depth: Int, into found: inout [String]) {
        for entry in (try? Folder.entries(in: path)) ?? [] {
            let name = prefix + entry.name
            guard ZoneName.isValid(name), found.count < 4_096 else { continue }
            if entry.kind == .folder {
                if depth < 3 { list(path + "/" + entry.name, prefix: name + "/", depth: depth + 1, into: &found) }
            } else if entry.name.utf8.first.map({ (65...90).contains($0) }) == true {
                // The data files beside the zones (leapseconds, posixrules, zone.tab) have lower-case names.
                found.append(name)
            }
        }
    }
}

/// Validates names that are used as paths.
enum ZoneName {
    static let maxBytes = 64

    /// Allows letters, digits, `_`, `+` and `-`, in parts separated by single slashes, so a name cannot leave the
    /// directory. The trees `posix/` and `right/` (which counts leap seconds) are not zone names.
    static func isValid(_ name: String) -> Bool {
        let bytes = name.utf8
        guard !bytes.isEmpty, bytes.count <= maxBytes, !name.hasPrefix("right/"), !name.hasPrefix("posix/"),
            name != "right", name != "posix"
        else { return false }
        var previous = UInt8(ascii: "/")
        for byte in bytes {
            switch byte {
            case UInt8(ascii: "/") where previous == UInt8(ascii: "/"): return false
            case UInt8(ascii: "/"), UInt8(ascii: "_"), UInt8(ascii: "+"), UInt8(ascii: "-"), 48...57, 65...90, 97...122:
                previous = byte
            default: return false
            }
        }
        return previous != UInt8(ascii: "/")
    }
}
