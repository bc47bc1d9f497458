/// Reads TZif, the compiled form of the IANA time zone database (RFC 8536), versions 1 to 4.
struct TZifReader {
    private let bytes: [UInt8]
    private var position = 0

    /// Larger files are rejected. The largest in the database has less than 4 KB.
    static let maxBytes = 256 * 1_024
    /// The number of years expanded from the rule at the end of a file.
    private static let yearsLaidOut = 400

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    /// - Returns: nil if the bytes are not a valid TZif file.
    static func zone(named name: String, from bytes: [UInt8]) -> Zone? {
        guard bytes.count <= maxBytes else { return nil }
        var reader = TZifReader(bytes)
        return reader.read(name: name)
    }

    private struct Header {
        var version: UInt8
        var isUTCount, isStandardCount, leapCount, timeCount, typeCount, charCount: Int

        func bodyBytes(timeBytes: Int) -> Int {
            timeCount * timeBytes + timeCount + typeCount * 6 + charCount + leapCount * (timeBytes + 4)
                + isStandardCount + isUTCount
        }
    }

    private mutating func read(name: String) -> Zone? {
        guard var header = readHeader() else { return nil }
        var timeBytes = 4
        if header.version >= UInt8(ascii: "2") {
            // The first body is for readers of version 1. The same data with 64-bit times follows.
            position += header.bodyBytes(timeBytes: 4)
            guard let second = readHeader() else { return nil }
            header = second
            timeBytes = 8
        }
        guard header.typeCount > 0, header.leapCount == 0,
            position + header.bodyBytes(timeBytes: timeBytes) <= bytes.count
        else { return nil }
        let end = position + header.bodyBytes(timeBytes: timeBytes)
        var times: [Int64] = []
        for _ in 0..<header.timeCount { times.append(readInteger(bytes: timeBytes)) }
        let types = (0..<header.timeCount).map { _ in Int(readInteger(bytes: 1) & 0xff) }
        var typeOffsets: [Int32] = []
        for _ in 0..<header.typeCount {
            typeOffsets.append(Int32(truncatingIfNeeded: readInteger(bytes: 4)))
            position += 2
        }
        // A last change outside of the years 0 to 9999 means a damaged file, and would overflow the calendar
        // arithmetic.
        guard types.allSatisfy({ $0 < header.typeCount }), zip(times, times.dropFirst()).allSatisfy(<),
            typeOffsets.allSatisfy({ abs(Int($0)) < 26 * 3_600 }),
            (-62_167_219_200...253_402_300_799).contains(times.last ?? 0)
        else { return nil }
        position = end
        var footer: POSIXRule?
        if timeBytes == 8 {
            guard let text = readFooter() else { return nil }
            if !text.isEmpty {
                guard let rule = POSIXRule(text) else { return nil }
                footer = rule
            }
        }
        // Before the first transition, the first type applies (RFC 8536 §3.2).
        return Self.layOut(
            name: name, times: times, offsets: [typeOffsets[0]] + types.map { typeOffsets[$0] }, footer: footer)
    }

    private static func layOut(name: String, times: [Int64], offsets: [Int32], footer: POSIXRule?) -> Zone {
        var times = times
        var offsets = offsets
        var repeatsFrom: Int64?
        if let footer {
            let last = times.last ?? Int64.min / 4
            let firstYear = times.isEmpty ? 1_970 : CivilTime(secondsSinceEpoch: last).date.year
            if footer.daylight != nil {
                // A cycle may begin with the first full year that only the rule covers.
                repeatsFrom = CivilTime(CivilDate(year: firstYear + 1, month: 1, day: 1)!).secondsSinceEpoch
                for year in firstYear...(firstYear + 1 + yearsLaidOut) {
                    for change in footer.changes(in: year)
                    where change.at > last && change.at < repeatsFrom! + Zone.cycle {
                        times.append(change.at)
                        offsets.append(change.offset)
                    }
                }
            } else if times.isEmpty {
                offsets = [footer.standard]
            }
        }
        // Skip entries that change only the abbreviation, because they do not change the clock.
        var kept: [Int64] = []
        var keptOffsets = [offsets[0]]
        for (index, time) in times.enumerated() where offsets[index + 1] != keptOffsets[keptOffsets.count - 1] {
            kept.append(time)
            keptOffsets.append(offsets[index + 1])
        }
        return Zone(name: name, transitions: kept, offsets: keptOffsets, repeatsFrom: repeatsFrom)
    }

    private mutating func readHeader() -> Header? {
        guard position + 44 <= bytes.count, bytes[position..<(position + 4)].elementsEqual("TZif".utf8) else {
            return nil
        }
        let version = bytes[position + 4]
        position += 20
        let counts = (0..<6).map { _ in Int(readInteger(bytes: 4)) }
        guard counts.allSatisfy({ $0 >= 0 && $0 <= Self.maxBytes }) else { return nil }
        return Header(
            version: version, isUTCount: counts[0], isStandardCount: counts[1], leapCount: counts[2],
            timeCount: counts[3], typeCount: counts[4], charCount: counts[5])
    }

    /// Reads a big-endian two's complement integer.
    private mutating func readInteger(bytes count: Int) -> Int64 {
        var value = Int64(Int8(bitPattern: bytes[position]))
        for byte in bytes[(position + 1)..<(position + count)] { value = value << 8 | Int64(byte) }
        position += count
        return value
    }

    private func readFooter() -> String? {
        guard position < bytes.count, bytes[position] == 10,
            let end = bytes[(position + 1)...].firstIndex(of: 10)
        else { return nil }
        return String(decoding: bytes[(position + 1)..<end], as: UTF8.self)
    }
}
