import Files
import SobreModel
import SobreSettings
import SobreStore
import SobreWire
import ZoneInfo

extension Inspection {
    mutating func check(data access: StoreAccess) async {
        let directory = access.settings.data.directory
        let shown = FilePath.forDisplay(directory)
        guard access.hasData else {
            remark("data", "There are no data in \(shown) yet; the first start of sobre serve creates them.")
            return
        }
        if let fault = DataDirectoryCheck.fault(of: directory) { bad("data", fault) }
        let lost = await access.lostCommits()
        if lost > 0 { bad("data", DataLoss.words(for: lost)) }
        do {
            let (totals, held) = try await access.read { (try await $0.totals(), try await $0.heldSummary()) }
            let waiting = totals.filter { $0.key.isPending }.values.reduce(0, +)
            good("data", "\(shown), \(totals.values.reduce(0, +)) deliveries, \(waiting) waiting")
            for warning in held.warnings { bad("messages", warning) }
            for status in try await access.read({ try await $0.pauses(at: SystemTime().now()) }) {
                remark("pauses", status.pause.warning)
            }
            try await check(subscriptions: access)
            try await checkSharing(access)
        } catch { bad("data", "\(error)") }
        if let warning = DiskSpace.warning(
            free: access.room, low: access.settings.monitor.lowRoomBytes, directory: directory)
        {
            bad("data", warning)
        }
    }

    private mutating func check(subscriptions access: StoreAccess) async throws {
        let events = access.settings.events
        for status in try await access.eventSubscriptions() where status.condition != .broken {
            if let warning = status.warning(events.limits) { remark("events", warning) }
        }
    }

    /// Reports addresses that too many profiles hold for their caps to be judged together.
    private mutating func checkSharing(_ access: StoreAccess) async throws {
        let most = access.settings.store.maxAddressHolders
        let count = try await access.read { try await $0.crowdedAddresses(above: most) }
        guard count > 0 else { return }
        let what = count == 1 ? "1 address is" : "\(count) addresses are"
        remark(
            "addresses",
            "\(what) held by more than \(most) profiles, and each of these is judged alone. Limit what goes to one address "
                + "with a cap per: address, or raise store.max_address_holders.")
    }

    mutating func check(system settings: Settings) {
        do {
            _ = try ZoneCatalogue.system.zone(named: "Europe/Paris")
            good("time zones", "\(ZoneCatalogue.system.names.count) known")
        } catch { bad("time zones", "\(error) Install the package tzdata.") }
        let needed = OpenFiles.needed(by: settings)
        do throws(SettingsError) {
            _ = try OpenFiles.fit(settings, into: min(needed, OpenFiles.allowed))
        } catch {
            bad("open files", error.description)
            return
        }
        if OpenFiles.allowed < needed {
            remark(
                "open files",
                "\(OpenFiles.allowed) are allowed, \(needed) may be needed. Raise LimitNOFILE (systemd) or ulimit -Hn.")
        }
    }
}
