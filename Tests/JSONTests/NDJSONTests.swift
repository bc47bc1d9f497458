import JSON
import Testing

@Suite struct NDJSONTests {
    private func texts(_ lines: NDJSONLines) -> [String] {
        lines.map { "\($0.number):\(String(decoding: lines.bytes[$0.range], as: UTF8.self))\($0.isTooLong ? "!" : "")" }
    }

    @Test func `Lines are numbered, blank ones skipped and CRLF accepted`() {
        let lines = NDJSONLines(Array("{}\r\n\n  \n[1]\n\r\n2".utf8))
        #expect(texts(lines) == ["1:{}", "4:[1]", "6:2"])
        #expect(texts(NDJSONLines([])).isEmpty)
        #expect(texts(NDJSONLines(Array("a\n".utf8), firstLine: 7)) == ["7:a"])
    }

    @Test func `A long line is marked`() {
        #expect(texts(NDJSONLines(Array("123\n1234\r\n".utf8), maxLineBytes: 3)) == ["1:123", "2:1234!"])
    }

    @Test(arguments: 1...9)
    func `A stream gives the same lines however it is split`(size: Int) {
        let text = Array("{\"a\":1}\n\n[22]\r\n333\n4444444444444444444444\n55555555\n6".utf8)
        var buffer = NDJSONBuffer(maxLineBytes: 8)
        var found: [String] = []
        var offset = 0
        while offset < text.count {
            buffer.append(text[offset..<min(offset + size, text.count)])
            #expect(buffer.count <= 64)
            if let lines = buffer.takeLines() { found += texts(lines) }
            offset += size
        }
        if let lines = buffer.finish() { found += texts(lines) }
        #expect(found == ["1:{\"a\":1}", "3:[22]", "4:333", "5:4444444444!", "6:55555555", "7:6"])
        #expect(buffer.finish().map { _ in true } == nil)
    }

    @Test func `A line without an end takes bounded memory`() {
        var buffer = NDJSONBuffer(maxLineBytes: 100)
        for _ in 0..<1_000 { buffer.append([UInt8](repeating: 0x61, count: 1_000)) }
        #expect(buffer.count <= 102)
        #expect(buffer.takeLines().map { _ in true } == nil)
        #expect(buffer.finish().map { texts($0).count } == 1)
    }
}
