import TestBed

/// Sends messages through a running server and waits until each is recorded.
struct LineRun {
    let bed: TestBed
    /// Over how many recipients the messages are spread.
    let people: Int

    private static let batch = 500
    private static let clients = 4

    /// Enqueues messages from several clients at once and waits until the server has recorded as many outcomes.
    ///
    /// - Parameter numbers: the messages' numbers, which make their keys unique.
    /// - Returns: messages per second, from the first request to the last outcome.
    /// - Throws: `TestBed.Failure` when a batch is refused, or when outcomes are missing after ten minutes.
    func send(_ numbers: Range<Int>) async throws -> Double {
        let settledBefore = try await bed.settled
        let offers = OfferBatch(name: "line", campaign: "bench")
        let (people, client, url) = (people, bed.client, bed.serverURL)
        let start = ContinuousClock.now
        try await withThrowingTaskGroup(of: Void.self) { group in
            for worker in 0..<Self.clients {
                group.addTask {
                    let first = numbers.lowerBound + worker * Self.batch
                    for start in stride(from: first, to: numbers.upperBound, by: Self.clients * Self.batch) {
                        let range = start..<min(start + Self.batch, numbers.upperBound)
                        try await client.enqueue(offers.lines(range) { TestBed.person($0 % people) }, at: url)
                    }
                }
            }
            try await group.waitForAll()
        }
        try await bed.waitUntilSettled(settledBefore + numbers.count)
        return Double(numbers.count) / ((ContinuousClock.now - start) / .seconds(1))
    }
}
