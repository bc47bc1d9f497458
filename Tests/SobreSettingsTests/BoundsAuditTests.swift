import Files
import Foundation
import Testing

/// Searches the sources for limits that are not settings. Each that remains is listed with the reason.
@Suite("Bounds outside the settings") struct BoundsAuditTests {
    /// By target: the names of constants that are not settings, and why they need not be.
    static let reviewed: [(target: String, names: Set<String>, reason: String)] = [
        (
            "Curl", ["maxLineBytes", "maxReplyBytes", "maxReplyLines", "maxRecipients", "maxReady"],
            "RFC 5321's sizes, and the events that one look at the kernel takes"
        ),
        ("JSON", ["maxCount"], "what a node of the parsed document can hold"),
        (
            "Liquid", ["maxWidth", "maxArguments", "maxBytes"],
            "the grammar of the language; what a part costs is a setting"
        ),
        ("ZoneInfo", ["maxBytes"], "the time zone files of the system"),
        ("DomainNames", ["maxBytes", "maxLabelBytes"], "RFC 1035"),
        (
            "SobreModel",
            [
                "maxLocalBytes", "maxAddressBytes", "maxEntries", "maxSlots", "maxDetailBytes", "maxRemembered",
                "remembered", "maxReasonBytes",
                "tolerance", "confirmation", "recheck", "longest", "maxNameBytes", "maxTypeBytes", "maxContentIDBytes",
                "maxDigits",
            ],
            "RFC 5321; the form of ids and stored rows; the clock's promises in the manual; what a manifest may declare; names of files, media types and ids of images; E.164; a pause's reason"
        ),
        (
            "SobreAdmission",
            [
                "maxBytes", "maxParts", "maxDepth", "maxKeys", "maxKeywords", "maxRules", "maxCompared", "maxListed",
                "recheck", "clockRecheck", "restoredRecheck", "preparationRecheck", "holdRecheck",
            ], "the grammar of the operator's own policy file, what an explanation shows, and the pace of a hold"
        ),
        (
            "SobreRendering", ["maxPrefixed", "maxFiles", "maxFileBytes", "maxDepth", "longestLife"],
            "the form of the operator's own templates, in the template reference; how long push services keep a message"
        ),
        (
            "SobreProviders",
            [
                "maxBytes", "maxLine", "maxHeaders", "maxHeaderBytes", "maxEncodedText",
                "maxUnbroken",
                "maxLocalBytes", "maxAddressBytes", "maxLabelBytes", "maxText", "maxProgram", "maxDepth", "maxFields",
                "maxFileBytes", "maxFetch", "tolerance", "maxWords", "maxGap", "maxAge", "maxTextBytes", "timeout",
                "maxKeys",
                "oldest", "maxIDBytes", "leastTime", "assertionLifetime", "renewBefore", "maxKeysPerDomain",
                "maxWordBytes",
                "maxRecipients", "maxLines", "maxReasonLines", "maxParts", "lifetime", "reuse", "maxServices",
                "maxCodeBytes", "maxTokens",
            ],
            "RFC 5321, 5322, 2045, 2047; the words of a reply that the transport has bounded; the five minutes of Standard Webhooks and the day of SNS, with its few certificates; what a receipt may say; the grammar of manifests; a token, or a repetition, within its call, and its renewal before its end; the DKIM keys of a domain; the parts, lines and recipients within receipts.max_mail_bytes; the tokens of RFC 8292 and the services that they are for; the code of a handshake; the tokens of a few minutes of receipts"
        ),
        ("Signing", ["maxBodyBytes"], "the record of a web push, RFC 8291"),
        ("SobreStore", ["maxLength"], "the form of a cursor"),
        (
            "SobreIntake", ["maxBytes", "maxTextBytes", "maxLength", "maxNameBytes", "maxScalars", "maxPieces"],
            "the forms of addresses, provider ids, links and STOP words"
        ),
        (
            "SobreDispatch", ["maxRefusals", "sweepInterval"],
            "tries of a store that refuses for good; how often it is looked for calls that wait in vain"
        ),
        (
            "SobreDelivery", ["lateness", "followersWait"],
            "how late a timer may be without a loss of pace; how long a pipelined call may wait behind another"
        ),
        ("Gzip", ["maxRatio", "maxBits"], "RFC 1951"),
        (
            "SobreHTTP",
            [
                "maxEvidence", "maxNamed", "keyInterval", "maxID", "maxReceiptIDs", "maxHeaderBytes", "maxMessages",
                "maxGroups",
            ],
            """
            the length of a line that Sobre itself writes; of a receipt's id; of a list of them in a URL; how often it is \
            looked for the first key; the length of a note; the largest limit that a request may ask for
            """
        ),
        (
            "SobreNode",
            [
                "maxBytes", "maxErrorBytes", "grace", "compressionTime", "maxLookups", "wait", "reachWait", "interval",
            ],
            """
            the operator's own policy file; an error of a receiver as it is kept; how long after its end an hour of an export \
            is complete; the end of a program that hangs; the ten look-ups of SPF in RFC 7208; the \
            poll of a source, the wait for brokers that failed, and how often they and the room for messages are looked at
            """
        ),
        ("SobreSimulation", ["afterTime", "maxHolds"], "a replay's end, reported when it is met"),
        ("SobreSandbox", [], "a receiving end for trials: its own configuration"),
        ("SobreDemo", ["step", "maxPurchaseBytes"], "the demonstration's own data"),
        ("SobrePreview", [], "what a terminal shows"),
        ("sobre-bench", [], "a tool of the developers"),
        ("BrazeImporting", ["maxBytes", "maxDepth"], "files that the operator names"),
        ("SobreViews", ["maxShown"], "what a terminal shows"),
        ("SobreClient", ["timeout"], "a command's wait for the server"),
        ("SobrePostgres", ["step", "poll"], "how often a node looks for work that another one has accepted"),
        ("TerminalOutput", ["interval"], "how often a progress bar is drawn"),
        (
            "sobre", ["step", "interval", "maxBytes", "maxPurchaseBytes", "maxNumbers"],
            "the command line: files that the operator names"
        ),
    ]

    /// Targets whose constants are not checked.
    static let exempt: Set<String> = ["SobreSettings", "SobreSandbox", "sobre-bench", "SobrePreview"]

    @Test func `no bound is added beside the settings`() throws {
        let root = SettingsTests.root + "/Sources"
        var unknown: [String] = []
        for path in try Self.sources(in: root) {
            let target = path.dropFirst(root.count + 1).prefix { $0 != "/" }
            guard !Self.exempt.contains(String(target)) else { continue }
            let names = Self.reviewed.first { $0.target == target }?.names ?? []
            for name in Self.bounds(in: try TextFile.readText(path)) where !names.contains(name) {
                unknown.append("\(path.dropFirst(root.count + 1)): \(name)")
            }
        }
        #expect(unknown.isEmpty, "make it a setting, or list it with the reason: \(unknown.sorted())")
    }

    /// The names of constants that look like limits.
    static func bounds(in text: String) -> [String] {
        text.split(separator: "\n").compactMap { line in
            guard let start = line.range(of: "static let ") else { return nil }
            let rest = line[start.upperBound...]
            let name = rest.prefix { $0.isLetter || $0.isNumber }
            let isLength =
                rest.contains("Duration") || rest.contains("= .seconds(") || rest.contains("= .milliseconds(")
            let isMost = name.hasPrefix("max") && name.dropFirst(3).first?.isUppercase == true
            return isMost || isLength && !rest.contains("ClosedRange") ? String(name) : nil
        }
    }

    private static func sources(in folder: String) throws -> [String] {
        let names = try #require(FileManager.default.enumerator(atPath: folder)).compactMap { $0 as? String }
        return names.filter { $0.hasSuffix(".swift") }.map { "\(folder)/\($0)" }
    }
}
