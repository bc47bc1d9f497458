import ArgumentParser
import Files
import Glibc
import SobreDemo
import SobreModel
import SobreNode
import SobreSandbox
import SobreStore
import SobreViews
import TerminalOutput

/// `sobre demo`.
struct Demo: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Replay a year and a half of real purchases and show what Sobre sends.",
        usage: "sobre demo [<options>]",
        discussion: """
            A journey engine turns 1,201 purchases into sends on a virtual clock. Everything else is real: the database, \
            the templates, the policy, and the SMTP and HTTP conversations with a sandbox in a process of its own. \
            At the end the results are compared with the sandbox's log.

            With --write-requests it replays nothing and writes the journey engine's requests to a file, for sobre simulate.

            Example:  sobre demo --keep /tmp/demo
                      SOBRE_DATA_DIRECTORY=/tmp/demo/data sobre logs
                      sobre demo --write-requests r.ndjson --write-profiles p.ndjson
            """)

    @Option(help: ArgumentHelp("Keep the data and the sandbox's log in this folder.", valueName: "folder"))
    var keep: String?

    @Option(help: ArgumentHelp("Where Config, Providers and Templates are.", valueName: "folder"))
    var home = "."

    @Option(
        help: ArgumentHelp(
            "Other purchases: CDNOW's master file or its sample. Without it, Config/demo/purchases.txt.",
            valueName: "file"))
    var purchases: String?

    @Option(help: ArgumentHelp("Only write the requests, one per line, each with its send_at.", valueName: "file"))
    var writeRequests: String?

    @Option(help: ArgumentHelp("Only write the people, one per line.", valueName: "file"))
    var writeProfiles: String?

    /// The maximum size of a file of purchases in bytes.
    private static let maxPurchaseBytes = 256 << 20

    func run() async throws {
        let home = FilePath.resolve(home, from: FilePath.working)
        let purchases = try readPurchases(home: home)
        if writeRequests != nil || writeProfiles != nil { return try export(purchases) }
        let folder =
            try keep.map { FilePath.resolve($0, from: FilePath.working) } ?? Folder.makeTemporary("/tmp/sobre-demo")
        try Folder.make(folder)
        Console.print("Replaying \(purchases.count) purchases of \(Set(purchases.map(\.customer)).count) customers …")
        let run = try await DemoRun.prepare(folder: folder, home: home, purchases: purchases)
        do {
            try await run.run()
        } catch {
            run.stopSandbox(within: .seconds(5))
            throw error
        }
        run.stopSandbox(within: .seconds(10))
        let passed = try await report(run)
        await run.node.close()
        if keep == nil {
            Folder.remove(folder)
        } else {
            Console.print("Kept in \(folder). To explore it: SOBRE_DATA_DIRECTORY=\(folder)/data sobre logs")
        }
        if !passed { throw ExitCode.failure }
    }

    private func readPurchases(home: String) throws -> [Purchase] {
        let file = purchases.map { FilePath.resolve($0, from: FilePath.working) } ?? "\(home)/Config/demo/purchases.txt"
        guard TextFile.exists(file) else {
            let advice =
                purchases == nil
                ? " Run it in the folder that holds Config, Providers and Templates, or pass that folder with --home."
                : ""
            throw CommandFailure(.noInput, "There is no \(file).\(advice)")
        }
        do {
            return try Purchase.read(TextFile.readText(file, atMost: Self.maxPurchaseBytes))
        } catch let error as PurchaseFileError {
            throw CommandFailure(.data, "\(FilePath.forDisplay(file)): \(error)")
        }
    }

    /// Writes the requests and profiles to files without sending anything.
    private func export(_ purchases: [Purchase]) throws {
        let export = DemoExport(purchases: purchases)
        if let writeRequests {
            let count = try export.writeRequests(to: writeRequests)
            Console.printError("\(count) requests of \(purchases.count) purchases written to \(writeRequests).")
        }
        if let writeProfiles {
            let count = try export.writeProfiles(to: writeProfiles)
            Console.printError("\(count) people written to \(writeProfiles).")
        }
    }

    /// Prints the results and compares them with the sandbox's log.
    private func report(_ run: DemoRun) async throws -> Bool {
        let tally = try await DemoTally(log: run.node.store)
        let received = try ReceivedMessages.load(run.recordFile)
        for line in DemoSummary(tally: tally, sends: run.sends, received: received).lines() { Console.print(line) }
        try await showOnePerson(run, tally: tally)
        let requested = run.sends.reduce(0) { $0 + $1.deliveries }
        let check = DemoCheck(
            received: received, tally: tally, requested: requested,
            caps: DemoCheck.shippedCaps)
        Console.print("")
        if check.faults.isEmpty {
            Console.print("Compared with the sandbox's log of \(check.accepted) messages: no cap exceeded,")
            Console.print("no duplicate, nothing lost.")
        }
        for fault in check.faults { Console.print("FAULT: \(fault)") }
        Console.print(Self.closingLine(requested: requested, tally: tally))
        return check.faults.isEmpty && tally.total.requested == requested
    }

    /// Shows the timeline of the recipient with the most capped messages, and explains one of these.
    private func showOnePerson(_ run: DemoRun, tally: DemoTally) async throws {
        let capped = tally.last.values.filter { $0.entry.reason == DropReason.frequencyCapped.rawValue }
        let byPerson = Dictionary(grouping: capped, by: \.recipient)
        guard let (person, spared) = byPerson.max(by: { ($0.value.count, $1.key) < ($1.value.count, $0.key) }),
            let one = spared.max(by: { $0.entry.delivery < $1.entry.delivery })
        else { return }
        Console.print("\nThe last weeks of \(person)   (sobre timeline \(person))\n")
        let items = try await run.node.store.timeline(recipient: person, limit: 12)
        Console.print(TimelineView.lines(Timeline(items: items), terminal: .standardOutput))
        Console.print("\nWhy was that one not sent?   (sobre explain \(one.entry.delivery))\n")
        Console.print(try await ExplainView.lines(one.entry.delivery, store: run.node.store))
    }

    private static func closingLine(requested: Int, tally: DemoTally) -> String {
        let waiting = DeliveryState.allCases.filter(\.isPending).reduce(0) { $0 + tally.count($1) }
        let parts = [
            tally.count(.sent), tally.count(.dropped), waiting, tally.count(.expired), tally.count(.failed),
            tally.count(.unknown),
        ]
        let sum = parts.reduce(0, +)
        let names = ["sent", "dropped", "held", "expired", "failed", "unknown"]
        let text = zip(parts, names).map { "\($0) \($1)" }.joined(separator: " + ")
        return "demo: \(requested) requested = \(text)" + (sum == requested ? "" : "   (these add up to \(sum)!)")
    }
}
