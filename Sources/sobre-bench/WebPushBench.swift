import Signing

/// How many web pushes one core encrypts in a second: a key of its own for each, as RFC 8291 asks.
struct WebPushBench {
    func run() {
        let text = [UInt8](repeating: 0x61, count: 600)
        let browser = PrivateKey.generateP256().p256Point ?? []
        let secret = randomBytes(16)
        var count = 0
        let start = ContinuousClock.now
        var taken = Duration.zero
        while taken < .seconds(3) {
            for _ in 0..<100 {
                guard WebPushEncryption.encrypt(text, point: browser, secret: secret) != nil else {
                    fatalError("A web push could not be encrypted.")
                }
            }
            count += 100
            taken = ContinuousClock.now - start
        }
        let seconds = Double(taken.components.seconds) + Double(taken.components.attoseconds) / 1e18
        SobreBench.report("web-push", Double(count) / seconds, "encryptions/s")
    }
}
