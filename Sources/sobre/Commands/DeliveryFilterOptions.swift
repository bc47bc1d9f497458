import ArgumentParser
import SobreModel
import SobreSettings
import TerminalOutput

/// The options that say which deliveries are meant. All that are given must hold.
struct DeliveryFilterOptions: ParsableArguments {
    @Option(help: ArgumentHelp("Messages of this campaign.", valueName: "name"))
    var campaign: String?

    @Option(help: ArgumentHelp("Messages of this category.", valueName: "name"))
    var category: String?

    @Option(help: "Messages on this channel.")
    var channel: Channel?

    @Option(help: ArgumentHelp("Messages of this journey.", valueName: "name"))
    var journey: String?

    @Option(help: ArgumentHelp("Messages through this provider.", valueName: "name"))
    var provider: String?

    @Option(help: ArgumentHelp("Messages of this template.", valueName: "name"))
    var template: String?

    @Option(help: ArgumentHelp("Messages for this tenant.", valueName: "name"))
    var tenant: String?

    /// The filter of the options.
    ///
    /// - Returns: a filter for everything when none is given.
    /// - Throws: `ValidationError` when a name is none.
    func filter() throws -> DeliveryFilter {
        var filter = DeliveryFilter.all
        let given: [(DeliveryFilter.Part, String?)] = [
            (.campaign, campaign), (.category, category), (.channel, channel?.description), (.journey, journey),
            (.provider, provider), (.template, template), (.tenant, tenant),
        ]
        for (part, text) in given {
            guard let text, let problem = filter.set(part, to: text, atMost: IntakeLimits().maxNameBytes) else {
                continue
            }
            throw ValidationError("--\(part.rawValue): \(problem)")
        }
        return filter
    }
}

extension DeliveryFilter {
    /// The options that name it, to be copied into a shell: `--campaign 'summer sale' --channel sms`, or `--all`.
    var options: String {
        if isAll { return "--all" }
        return Part.allCases.compactMap { part in self[part].map { "--\(part.rawValue) \(Self.quoted($0))" } }
            .joined(separator: " ")
    }

    private static func quoted(_ text: String) -> String {
        let isPlain = text.utf8.allSatisfy { byte in
            (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
                || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || "-_./:".utf8.contains(byte)
        }
        return isPlain
            ? text : "'" + text.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "'\\''") + "'"
    }
}
