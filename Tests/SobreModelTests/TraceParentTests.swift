import SobreModel
import Testing

@Suite("Trace Context") struct TraceParentTests {
    private static let ids = "4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7"

    @Test(arguments: [
        ("00-\(ids)-01", "01", true), ("00-\(ids)-00", "00", false), ("00-\(ids)-03", "03", true),
        // Flags that are not defined are not passed on.
        ("00-\(ids)-ff", "03", true), ("00-\(ids)-fc", "00", false),
        // A later version may have more after its flags.
        ("01-\(ids)-01", "01", true), ("cc-\(ids)-01-what-comes-later", "01", true), ("fe-\(ids)-02", "02", false),
    ])
    func `a valid value is kept as one of version 00`(text: String, flags: String, isSampled: Bool) throws {
        let trace = try #require(TraceParent(text))
        #expect(trace.text == "00-\(Self.ids)-\(flags)" && "\(trace)" == trace.text)
        #expect(trace.traceID == "4bf92f3577b34da6a3ce929d0e0e4736")
        #expect(trace.isSampled == isSampled)
        #expect(TraceParent(trace.text) == trace)
    }

    @Test(arguments: [
        "", "00", "00-\(ids)", "00-\(ids)-", "00-\(ids)-1", "00-\(ids)-011", "00-\(ids)-01-more", "00-\(ids)-01 ",
        " 00-\(ids)-01", "ff-\(ids)-01", "0F-\(ids)-01", "01-\(ids)-01.more", "01-\(ids)-011",
        "00-\(ids.uppercased())-01", "00-\(ids)-0G", "00_\(ids)-01",
        "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
        "00-4bf92f3577b34da6a3ce929d0e0e473-600f067aa0ba902b7-01",
        "00-4bf92f3577b34da6a3ce929d0e0e473ü-0f067aa0ba902b7-01",
        "00-\(ids)-01, 00-\(ids)-01",
    ])
    func `anything else is no trace`(text: String) { #expect(TraceParent(text) == nil) }
}
