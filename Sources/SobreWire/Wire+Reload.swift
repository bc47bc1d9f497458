public import JSON

extension Wire {
    /// Writes what a reload came to.
    public static func write(_ report: ReloadReport, to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("status", ifPresent: report.outcome.rawValue)
            writer.key("changed")
            writer.value(report.changed)
            writer.key("needs_restart")
            writer.value(report.restart)
            writer.key("broken_templates")
            writer.value(report.brokenTemplates)
            writer.key("policy_version")
            writer.value(report.policyVersion)
        }
    }

    /// Reads what a reload that was not refused came to. Returns nil for another document.
    public static func readReload(_ ref: JSONRef) -> ReloadReport? {
        guard let outcome = ref["status"]?.string.flatMap({ ReloadReport.Outcome(rawValue: $0) }) else { return nil }
        func names(_ key: StaticString) -> [String] { ref["\(key)"]?.elements.compactMap(\.string) ?? [] }
        return ReloadReport(
            outcome, changed: names("changed"), restart: names("needs_restart"),
            brokenTemplates: names("broken_templates"), policyVersion: ref["policy_version"]?.int ?? 0)
    }
}
