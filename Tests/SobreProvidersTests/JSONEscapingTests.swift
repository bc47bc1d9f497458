import Testing

@testable import SobreProviders

/// Text is searched sixteen bytes at a time; this compares with one byte at a time.
@Suite("Escaping text for JSON bodies") struct JSONEscapingTests {
    private static func simple(_ text: [UInt8]) -> [UInt8] {
        var out: [UInt8] = []
        let digits = Array("0123456789ABCDEF".utf8)
        for byte in text {
            switch byte {
            case 0x0a: out += Array("\\n".utf8)
            case 0x0d: out += Array("\\r".utf8)
            case 0x09: out += Array("\\t".utf8)
            case 0x22: out += Array("\\\"".utf8)
            case 0x5c: out += Array("\\\\".utf8)
            case 0..<0x20: out += Array("\\u00".utf8) + [digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            default: out.append(byte)
            }
        }
        return out
    }

    private static func escaped(_ text: [UInt8]) -> [UInt8] {
        var out = Array("before".utf8)
        Escaping.json.append(text, to: &out)
        #expect(out.starts(with: "before".utf8))
        return Array(out.dropFirst(6))
    }

    @Test func `Every byte is escaped alike at every place of a block`() {
        for byte in UInt8.min...UInt8.max {
            for place in 0..<34 {
                var text = [UInt8](repeating: 0x61, count: 34)
                text[place] = byte
                #expect(Self.escaped(text) == Self.simple(text), "\(byte) at \(place)")
            }
        }
    }

    @Test func `Texts of every length with any bytes are escaped alike`() {
        var state: UInt64 = 42
        func random() -> UInt64 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return state >> 33
        }
        for length in 0..<200 {
            // Dense and sparse escapes.
            for share in [2, 40] as [UInt64] {
                let text = (0..<length).map { _ in
                    random() % share == 0
                        ? [0x22, 0x5c, 0x0a, 0x00, 0x1f][Int(random() % 5)] : UInt8(random() % 224 + 32)
                }
                #expect(Self.escaped(text) == Self.simple(text))
            }
        }
    }
}
