import SobreModel
import SobreSimulation
import SobreStore
import TerminalOutput

/// Reads the requests and recipients of a data directory, also while a server runs.
struct RecordedHistory {
    let reader: any StoreReader

    /// The number of rows in a page.
    private static let page = 2_000

    /// Adds all messages in the store to the log.
    func requests(into log: inout RequestLog) async throws {
        var last = MessageID(rawValue: 0)
        var bar = ProgressBar("Reading the log", total: nil)
        defer { bar.clear() }
        while true {
            let page = try await reader.messages(after: last, limit: Self.page)
            guard let end = page.last else { return }
            for message in page { try log.append(message) }
            last = end.id
            bar.update(log.count, note: "\(log.count) requests")
        }
    }

    /// The profiles of a log's recipients and of who shares an address with one of them, all suppressions, and when
    /// addresses last wrote.
    ///
    /// - Parameters:
    ///   - log: the log.
    ///   - maxAddressHolders: the number of profiles up to which an address is judged for all who hold it.
    /// - Returns: the population.
    /// - Throws: an error of the reader.
    func people(of log: RequestLog, maxAddressHolders: Int) async throws -> Population {
        var population = Population(missingProfiles: .unknown, maxAddressHolders: maxAddressHolders)
        try await forEachProfile { population.add($0, in: log) }
        if population.mayLackHolders { try await forEachProfile { population.addHolder($0, in: log) } }
        var lastOrder: Suppression?
        while true {
            let page = try await reader.suppressions(after: lastOrder, limit: Self.page)
            for suppression in page { population.add(suppression) }
            guard let end = page.last else { break }
            lastOrder = end
        }
        var lastAddress: KeyHash?
        while true {
            let page = try await reader.lastInbound(after: lastAddress, limit: Self.page)
            for inbound in page { population.add(inbound) }
            guard let end = page.last else { break }
            lastAddress = end.address
        }
        return population
    }

    private func forEachProfile(_ body: (Profile) -> Void) async throws {
        var lastID: String?
        while true {
            let page = try await reader.profiles(after: lastID, limit: Self.page)
            for profile in page { body(profile) }
            guard let end = page.last else { return }
            lastID = end.id
        }
    }
}
