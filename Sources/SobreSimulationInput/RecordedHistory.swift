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

    /// The profiles of a log's recipients, and all suppressions.
    func people(of log: RequestLog) async throws -> Population {
        var population = Population(missingProfiles: .unknown)
        var lastID: String?
        while true {
            let page = try await reader.profiles(after: lastID, limit: Self.page)
            for profile in page { population.add(profile, in: log) }
            guard let end = page.last else { break }
            lastID = end.id
        }
        var lastOrder: Suppression?
        while true {
            let page = try await reader.suppressions(after: lastOrder, limit: Self.page)
            for suppression in page { population.add(suppression) }
            guard let end = page.last else { break }
            lastOrder = end
        }
        return population
    }
}
