import ArgumentParser
import SobreModel
import SobreNode
import SobreStore

/// The options of a change of everything that matches conditions.
struct StateOrderOptions: ParsableArguments {
    @Flag(help: "Only count what would change.")
    var dryRun = false

    @Option(help: ArgumentHelp("Why, for the log and the audit trail.", valueName: "text"))
    var note: String?

    /// Checks that there are ids or conditions, not both.
    func check(_ ids: [String], _ filter: StateFilterOptions) throws {
        switch (ids.isEmpty, try filter.filter(now: .epoch) == nil) {
        case (true, true):
            throw ValidationError("Name messages by their ids, or by a condition such as --campaign or --state.")
        case (false, false): throw ValidationError("Name messages by their ids or by conditions, not by both.")
        case (false, true) where dryRun: throw ValidationError("--dry-run needs conditions, not ids.")
        default: break
        }
    }

    /// Makes changes in the name of the user, with the note.
    func asAuthor(_ change: () async throws -> Void) async throws {
        try await Author.$current.withValue(.command(note: note)) { try await change() }
    }
}
