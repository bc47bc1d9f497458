import SobreModel
import SobreStore

extension Core {
    /// Notes that a recipient's devices are registered now, and forgets those that the profile has no more.
    ///
    /// - Parameters:
    ///   - profile: as it was stored.
    ///   - earlier: as it was before; nil: there was none.
    ///   - isWhole: whether the whole profile was given, and not a change of it. Then all of its devices are registered,
    ///     and not only those that are new.
    /// - Throws: `StoreError` when a row cannot be written.
    func register(devicesOf profile: Profile, insteadOf earlier: Profile?, isWhole: Bool) throws(StoreError) {
        let before = Self.devices(of: earlier)
        let after = Self.devices(of: profile)
        if before.isEmpty, after.isEmpty { return }
        let now = now()
        for device in after where isWhole || !before.contains(device) {
            try cold("INSERT OR REPLACE INTO device VALUES (?, ?)").bind(1, device).bind(2, now).run()
        }
        for device in before where !after.contains(device) { try forget(device: device) }
    }

    func forget(device: KeyHash) throws(StoreError) {
        try cold("DELETE FROM device WHERE address = ?").bind(1, device).run()
    }

    /// The suppressions without those of devices that were registered after they died.
    func proven(_ record: AttemptRecord) throws(StoreError) -> [Suppression] {
        if record.deadSince.isEmpty { return record.suppressions }
        var proven: [Suppression] = []
        for suppression in record.suppressions {
            if let since = record.deadSince[suppression.subject] {
                let row = try cold("SELECT registered_at FROM device WHERE address = ?").bind(1, suppression.subject)
                defer { row.reset() }
                if try row.step(), Instant(milliseconds: row.int(0)) >= since { continue }
            }
            proven.append(suppression)
        }
        return proven
    }

    private static func devices(of profile: Profile?) -> [KeyHash] {
        profile?.addresses.filter(\.channel.reachesEveryAddress).map(\.subject) ?? []
    }
}
