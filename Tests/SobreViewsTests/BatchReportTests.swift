import SobreViews
import Testing

@Suite("The report of a batch") struct BatchReportTests {
    @Test func `a refusal names the record and its line`() {
        var report = BatchReport()
        report.refuse(line: 4, "\"address\": wrong")
        report.name(records: [2: 2, 4: 3])
        #expect(report.refusals.map(\.place) == ["record 3, line 4"])
        #expect(String(decoding: report.json(taken: "stored"), as: UTF8.self).contains(#""line":4,"record":3"#))
    }
}
