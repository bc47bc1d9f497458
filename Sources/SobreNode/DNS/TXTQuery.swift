/// One question for the TXT records of a name, and how its answer is read (RFC 1035, RFC 6891).
struct TXTQuery {
    /// What a server said.
    enum Answer: Equatable {
        /// The texts of the records, each with its strings joined. Empty when the name exists without any.
        case records([String])
        /// There is no such name.
        case noName
        /// The answer did not fit; it has to be asked for over TCP.
        case truncated
        /// The server did not answer the question, with what it said.
        case failed(String)
    }

    private static let typeTXT: UInt16 = 16
    private static let classInternet: UInt16 = 1
    /// The size of answers over UDP that pass without fragments (DNS flag day 2020).
    private static let udpBytes: UInt16 = 1232

    let id: UInt16
    /// The question as it is sent.
    let bytes: [UInt8]
    private let question: [UInt8]

    /// - Parameters:
    ///   - name: a domain name in ASCII, of which labels may begin with `_`.
    ///   - id: a random number, which the answer repeats.
    init?(_ name: String, id: UInt16) {
        var question: [UInt8] = []
        for label in name.split(separator: ".", omittingEmptySubsequences: false) {
            let label = Array(label.utf8)
            guard (1...63).contains(label.count), label.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else { return nil }
            question.append(UInt8(label.count))
            question += label
        }
        guard question.count <= 254 else { return nil }
        question += [0, 0, UInt8(Self.typeTXT), 0, UInt8(Self.classInternet)]
        self.id = id
        self.question = question
        let (high, low) = (UInt8(id >> 8), UInt8(truncatingIfNeeded: id))
        // Recursion desired; one question; one additional record, which tells the size that is taken.
        let head: [UInt8] = [high, low, 0x01, 0, 0, 1, 0, 0, 0, 0, 0, 1]
        let size: [UInt8] = [UInt8(Self.udpBytes >> 8), UInt8(truncatingIfNeeded: Self.udpBytes)]
        bytes = head + question + [0, 0, 41] + size + [0, 0, 0, 0, 0, 0]
    }

    /// Reads an answer. Nil when it is not one to this question, so that a stray or forged packet is passed over.
    func answer(in packet: [UInt8]) -> Answer? {
        guard packet.count >= 12, word(packet, 0) == id, packet[2] & 0x80 != 0 else { return nil }
        let (questions, answers) = (word(packet, 4), word(packet, 6))
        // A server that cannot read the question repeats none.
        guard questions == 1 else { return questions == 0 && packet[3] & 15 != 0 ? failure(packet[3] & 15) : nil }
        guard packet.count >= 12 + question.count, isQuestion(packet[12..<12 + question.count]) else { return nil }
        if packet[2] & 0x02 != 0 { return .truncated }
        switch packet[3] & 15 {
        case 0: break
        case 3: return .noName
        case let code: return failure(code)
        }
        var texts: [String] = []
        var place = 12 + question.count
        for _ in 0..<answers {
            guard let start = endOfName(packet, from: place), start + 10 <= packet.count else {
                return .failed("broken")
            }
            let end = start + 10 + Int(word(packet, start + 8))
            guard end <= packet.count else { return .failed("broken") }
            if word(packet, start) == Self.typeTXT, word(packet, start + 2) == Self.classInternet {
                guard let text = Self.text(packet[(start + 10)..<end]) else { return .failed("broken") }
                texts.append(text)
            }
            place = end
        }
        return .records(texts)
    }

    private func failure(_ code: UInt8) -> Answer {
        let names: [UInt8: String] = [1: "FORMERR", 2: "SERVFAIL", 4: "NOTIMP", 5: "REFUSED"]
        return .failed(names[code] ?? "code \(code)")
    }

    private func word(_ packet: [UInt8], _ place: Int) -> UInt16 {
        UInt16(packet[place]) << 8 | UInt16(packet[place + 1])
    }

    /// The case of letters may differ in an answer.
    private func isQuestion(_ bytes: ArraySlice<UInt8>) -> Bool {
        bytes.elementsEqual(question) { first, second in
            first == second || (first | 0x20 == second | 0x20 && (first | 0x20) &- 0x61 < 26)
        }
    }

    /// Where a name ends: behind its last label, or behind a pointer to the rest of it. Pointers are not followed.
    private func endOfName(_ packet: [UInt8], from start: Int) -> Int? {
        var place = start
        while place < packet.count {
            let length = packet[place]
            if length == 0 { return place + 1 }
            if length >= 0xC0 { return place + 2 }
            guard length < 64 else { return nil }
            place += 1 + Int(length)
        }
        return nil
    }

    /// The strings of a record, joined.
    private static func text(_ data: ArraySlice<UInt8>) -> String? {
        var bytes: [UInt8] = []
        var place = data.startIndex
        while place < data.endIndex {
            let end = place + 1 + Int(data[place])
            guard end <= data.endIndex else { return nil }
            bytes += data[(place + 1)..<end]
            place = end
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
