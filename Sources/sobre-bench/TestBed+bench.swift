import TestBed

extension TestBed {
    /// Submits batches over four connections.
    ///
    /// - Parameter batches: lines of messages.
    /// - Throws: ``TestBed/Failure`` unless all were accepted.
    func enqueue(_ batches: [[UInt8]]) async throws {
        let (url, client) = (serverURL, client)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for worker in 0..<4 {
                group.addTask {
                    for index in stride(from: worker, to: batches.count, by: 4) {
                        try await client.enqueue(batches[index], at: url)
                    }
                }
            }
            try await group.waitForAll()
        }
    }

    /// Waits until so many deliveries were sent or dropped, by the server's own counter, which is incremented once the
    /// outcome is on disk.
    ///
    /// - Parameter count: how many.
    /// - Throws: ``TestBed/Failure`` when that takes more than ten minutes.
    func waitUntilSettled(_ count: Int) async throws {
        let deadline = ContinuousClock.now + .seconds(600)
        while ContinuousClock.now < deadline {
            if try await settled >= count { return }
            try await Task.sleep(for: .milliseconds(25))
        }
        throw Failure("not everything was sent or dropped within ten minutes")
    }

    /// How many deliveries were sent or dropped.
    var settled: Int {
        get async throws {
            let text = await client.send("GET", "\(serverURL)/metrics")?.text ?? ""
            let lines = text.split(separator: "\n").filter { line in
                ["sent", "dropped"].contains { line.hasPrefix("sobre_transitions_total{state=\"\($0)\"}") }
            }
            return Int(lines.compactMap { $0.split(separator: " ").last.flatMap { Double($0) } }.reduce(0, +))
        }
    }
}
