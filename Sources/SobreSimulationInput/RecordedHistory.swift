import SobreModel
import SobreSimulation
import SobreStore
import TerminalOutput

/// What was requested in a data directory, and for whom. Reads beside a running server.
struct RecordedHistory {
    let reader: any StoreReader

    /// Rows a page.
    private static let page = 2_000

    /// Every message that is still kept, by the instant at which it was due.
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

    /// The people of a log, with everything that is suppressed.
    func people(of log: RequestLog) async throws -> Population {
        var population = Population(strangers: .unknown)
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
