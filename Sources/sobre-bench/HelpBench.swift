import ChildProcess

/// The time of a bare `sobre --help`: the median of many runs.
struct HelpBench {
    let executable: String

    func run() throws {
        var times: [Duration] = []
        for _ in 0..<21 {
            let start = ContinuousClock.now
            let process = try ChildProcess(path: executable, arguments: ["--help"], output: .discard)
            while process.poll() == nil {}
            times.append(ContinuousClock.now - start)
        }
        times.sort()
        let median = times[times.count / 2].components.attoseconds
        SobreBench.report("help", Double(median) / 1e15, "ms")
    }
}
