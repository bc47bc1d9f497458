import Glibc

/// MD5, SHA-256 and HMAC-SHA-256 in plain Swift, so that the language needs no library. For links and avatars only;
/// code that protects a secret uses the project's OpenSSL.
enum Digest {
    static func sha256(_ message: ByteSlice) -> [UInt8] { sha256(prefix: nil, message) }

    static func hmacSHA256(_ message: ByteSlice, key: ByteSlice) -> [UInt8] {
        var block = key.count > 64 ? sha256(key) : key.bytes
        block.append(contentsOf: repeatElement(0, count: 64 - block.count))
        let inner = sha256(prefix: block.map { $0 ^ 0x36 }, message)
        return inner.withUnsafeBufferPointer { bytes in
            // 32 bytes, which have an address.
            let inner = ByteSlice(base: bytes.baseAddress.unsafelyUnwrapped, count: bytes.count)
            return sha256(prefix: block.map { $0 ^ 0x5C }, inner)
        }
    }

    static func md5(_ message: ByteSlice) -> [UInt8] {
        var state = MD5State()
        sines.withUnsafeBufferPointer { sines in
            eachBlock(prefix: nil, message, isBigEndian: false) { block in state.compress(block, sines) }
        }
        return [state.a, state.b, state.c, state.d].flatMap { word in
            [
                UInt8(truncatingIfNeeded: word), UInt8(truncatingIfNeeded: word >> 8),
                UInt8(truncatingIfNeeded: word >> 16), UInt8(truncatingIfNeeded: word >> 24),
            ]
        }
    }

    /// The digest of a block of 64 bytes and a message behind it.
    private static func sha256(prefix: [UInt8]?, _ message: ByteSlice) -> [UInt8] {
        var state = SHA256State()
        withUnsafeTemporaryAllocation(of: UInt32.self, capacity: 64) { words in
            roundConstants.withUnsafeBufferPointer { constants in
                eachBlock(prefix: prefix, message, isBigEndian: true) { block in
                    state.compress(block, words, constants)
                }
            }
        }
        return state.words.flatMap { word in
            [
                UInt8(truncatingIfNeeded: word >> 24), UInt8(truncatingIfNeeded: word >> 16),
                UInt8(truncatingIfNeeded: word >> 8), UInt8(truncatingIfNeeded: word),
            ]
        }
    }

    /// Calls `body` with each block of 64 bytes: the prefix, the message where it stands, and the padded rest.
    private static func eachBlock(
        prefix: [UInt8]?, _ message: ByteSlice, isBigEndian: Bool, _ body: (UnsafePointer<UInt8>) -> Void
    ) {
        var length = message.count
        if let prefix {
            length += prefix.count
            prefix.withUnsafeBufferPointer { body($0.baseAddress.unsafelyUnwrapped) }
        }
        let whole = message.count / 64
        for block in 0..<whole { body(message.base + block * 64) }
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 128) { tail in
            let base = tail.baseAddress.unsafelyUnwrapped
            base.initialize(repeating: 0, count: 128)
            let rest = message.count - whole * 64
            if rest > 0 { memcpy(base, message.base + whole * 64, rest) }
            base[rest] = 0x80
            let size = rest < 56 ? 64 : 128
            let bits = UInt64(length) * 8
            for index in 0..<8 {
                let shift = UInt64(isBigEndian ? 56 - index * 8 : index * 8)
                base[size - 8 + index] = UInt8(truncatingIfNeeded: bits >> shift)
            }
            body(UnsafePointer(base))
            if size == 128 { body(UnsafePointer(base + 64)) }
        }
    }

    /// The first 32 bits of the fractions of the cube roots of the first 64 primes (FIPS 180-4).
    static let roundConstants: [UInt32] = [
        0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5, 0xd807aa98,
        0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174, 0xe49b69c1, 0xefbe4786,
        0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da, 0x983e5152, 0xa831c66d, 0xb00327c8,
        0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967, 0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13,
        0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85, 0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819,
        0xd6990624, 0xf40e3585, 0x106aa070, 0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a,
        0x5b9cca4f, 0x682e6ff3, 0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7,
        0xc67178f2,
    ]

    /// The integer parts of 2^32 × |sin(1…64)| (RFC 1321).
    static let sines: [UInt32] = [
        0xd76aa478, 0xe8c7b756, 0x242070db, 0xc1bdceee, 0xf57c0faf, 0x4787c62a, 0xa8304613, 0xfd469501, 0x698098d8,
        0x8b44f7af, 0xffff5bb1, 0x895cd7be, 0x6b901122, 0xfd987193, 0xa679438e, 0x49b40821, 0xf61e2562, 0xc040b340,
        0x265e5a51, 0xe9b6c7aa, 0xd62f105d, 0x02441453, 0xd8a1e681, 0xe7d3fbc8, 0x21e1cde6, 0xc33707d6, 0xf4d50d87,
        0x455a14ed, 0xa9e3e905, 0xfcefa3f8, 0x676f02d9, 0x8d2a4c8a, 0xfffa3942, 0x8771f681, 0x6d9d6122, 0xfde5380c,
        0xa4beea44, 0x4bdecfa9, 0xf6bb4b60, 0xbebfbc70, 0x289b7ec6, 0xeaa127fa, 0xd4ef3085, 0x04881d05, 0xd9d4d039,
        0xe6db99e5, 0x1fa27cf8, 0xc4ac5665, 0xf4292244, 0x432aff97, 0xab9423a7, 0xfc93a039, 0x655b59c3, 0x8f0ccc92,
        0xffeff47d, 0x85845dd1, 0x6fa87e4f, 0xfe2ce6e0, 0xa3014314, 0x4e0811a1, 0xf7537e82, 0xbd3af235, 0x2ad7d2bb,
        0xeb86d391,
    ]
}
