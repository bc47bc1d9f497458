import JSON
import TestBed

/// How long the counts of the queue and pages of the current state take with many finished and many waiting messages, at
/// rest and while the line sends, and how much of the line's pace these readers take.
struct QueueBench {
    let executable: String
    /// Messages that are sent before the measurement.
    let finished: Int
    /// Messages of a paused campaign.
    let waiting: Int
    /// Messages of one round of the line.
    let messages: Int

    private static let people = 100_000
    private static let requests = 1_000
    private static let rounds = 3
    /// The bound of each answer's 99th percentile.
    private static let mostMilliseconds = 50.0
    private static let page =
        "/v1/messages?state=held&reason=paused_by_operator&campaign=waiting&limit=50"

    func run() async throws {
        let sink = try LeanSink.start(program: CommandLine.arguments[0])
        defer { sink.stop() }
        let bed = try TestBed(executable: executable, folder: try Files.temporaryFolder("queue"))
        defer { BenchFolder.remove(bed.folder) }
        try bed.writeConfiguration(capLimit: 1_000, capWindow: "1d", resendAfter: "30s", sink: sink.port)
        try bed.startServer(environment: TestBed.secrets)
        defer { bed.stopServer() }
        try await bed.putProfiles(count: Self.people)
        let line = LineRun(bed: bed, people: Self.people)
        var filled = 0
        while filled < finished {
            let end = min(filled + 500_000, finished)
            print("\(filled) messages are in; further ones at \(Int(try await line.send(filled..<end)))/s")
            filled = end
        }
        try await hold(bed)
        try await read(bed, "at-rest")
        var alone: [Double] = []
        var beside: [Double] = []
        for _ in 0..<Self.rounds {
            alone.append(try await line.send(filled..<filled + messages))
            filled += messages
            let range = filled..<filled + messages
            async let pace = line.send(range)
            try await read(bed, "beside-the-line")
            beside.append(try await pace)
            filled += messages
        }
        let (free, busy) = (SobreBench.median(alone), SobreBench.median(beside))
        SobreBench.report("line-with-readers", busy, "messages/s", ratio: busy / free, base: "line-without")
    }

    /// Pauses a campaign and waits until all of its messages are held.
    private func hold(_ bed: TestBed) async throws {
        let order = Array(#"{"campaign":"waiting","reason":"bench"}"#.utf8)
        let answer = await bed.client.send("POST", "\(bed.serverURL)/v1/pauses", body: order)
        guard let answer, (200..<300).contains(answer.status) else {
            throw TestBed.Failure("the campaign is not paused: \(answer?.text ?? "no answer")")
        }
        try await bed.enqueue(
            OfferBatch(name: "waiting", campaign: "waiting").batches(of: waiting, people: Self.people))
        let deadline = ContinuousClock.now + .seconds(600)
        while ContinuousClock.now < deadline {
            let pauses = try await bed.client.send("GET", "\(bed.serverURL)/v1/pauses")?.json()
            if pauses?["pauses"]?[0]?["held"]?.int == waiting { return }
            try await Task.sleep(for: .milliseconds(200))
        }
        throw TestBed.Failure("not all of the paused campaign is held within ten minutes")
    }

    private func read(_ bed: TestBed, _ when: String) async throws {
        try await measure("queue-\(when)", bed) { _ in "/v1/queue" }
        try await measure("state-page-\(when)", bed) { $0.map { "\(Self.page)&after=\($0)" } ?? Self.page }
    }

    /// Sends requests one after another, each with the cursor of the last answer.
    private func measure(_ name: String, _ bed: TestBed, _ path: (_ after: String?) -> String) async throws {
        var times: [Double] = []
        var after: String?
        for _ in 0..<Self.requests {
            let begun = ContinuousClock.now
            let answer = await bed.client.send("GET", bed.serverURL + path(after))
            times.append((ContinuousClock.now - begun) / .milliseconds(1))
            guard let answer, answer.status == 200 else {
                throw TestBed.Failure("\(path(after)) was answered \(answer?.text.prefix(300) ?? "not at all")")
            }
            after = try answer.json()["next_after"]?.string
        }
        times.sort()
        let p99 = times[times.count * 99 / 100]
        print("\(name): 50th percentile \(SobreBench.format(times[times.count / 2], digits: 2)) ms")
        SobreBench.report(
            "\(name)-p99", p99, "ms", ratio: p99 / Self.mostMilliseconds,
            base: "\(Int(Self.mostMilliseconds)) ms")
    }
}
