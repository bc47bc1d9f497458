import SobreIntake
import SobreSimulation

/// Reads profiles, one JSON object a line as `sobre profiles import` takes them, for the people of a log.
struct ProfileFile {
    let path: String
    private(set) var problems = LineProblems()

    init(_ path: String) { self.path = path }

    mutating func read(into population: inout Population, for log: RequestLog) throws {
        let reader = ProfileReader()
        problems = try NDJSONFile(path: path, title: "Reading people", nouns: "people", limits: reader.limits).read {
            population.add(try reader.read($0), in: log)
        }
    }
}
