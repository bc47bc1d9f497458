/// Echoes each request's body or resets its stream. It parses no header block, so it needs no HPACK.
struct FrameServer {
    let connection: TestConnection
    let resets: Bool

    init(_ connection: TestConnection, resets: Bool = false) {
        self.connection = connection
        self.resets = resets
    }

    func serve() {
        var bodies: [UInt32: [UInt8]] = [:]
        guard connection.read(count: 24) == Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8) else { return }
        write(type: 4, flags: 0, stream: 0, [])
        while let head = connection.read(count: 9) {
            let length = Int(head[0]) << 16 | Int(head[1]) << 8 | Int(head[2])
            let stream = head[5...].reduce(0) { $0 << 8 | UInt32($1) } & 0x7FFF_FFFF
            guard let payload = connection.read(count: length) else { return }
            let isEnd = head[4] & 1 != 0
            switch head[3] {
            case 0:
                bodies[stream, default: []] += payload
                if length > 0 {
                    // Returns the connection's flow-control window.
                    write(type: 8, flags: 0, stream: 0, withUnsafeBytes(of: UInt32(length).bigEndian, Array.init))
                }
                if isEnd { answer(stream, bodies.removeValue(forKey: stream) ?? []) }
            case 1 where isEnd:
                answer(stream, [])
            case 4 where head[4] & 1 == 0:
                write(type: 4, flags: 1, stream: 0, [])
            case 6 where head[4] & 1 == 0:
                write(type: 6, flags: 1, stream: 0, payload)
            default:
                break
            }
        }
    }

    private func answer(_ stream: UInt32, _ body: [UInt8]) {
        if resets {
            // INTERNAL_ERROR
            write(type: 3, flags: 0, stream: stream, [0, 0, 0, 2])
            return
        }
        // 0x88 is `:status: 200` of HPACK's static table.
        write(type: 1, flags: 4, stream: stream, [0x88])
        write(type: 0, flags: 1, stream: stream, body)
    }

    private func write(type: UInt8, flags: UInt8, stream: UInt32, _ payload: [UInt8]) {
        let length = withUnsafeBytes(of: UInt32(payload.count).bigEndian) { Array($0.dropFirst()) }
        connection.write(length + [type, flags] + withUnsafeBytes(of: stream.bigEndian, Array.init) + payload)
    }
}
