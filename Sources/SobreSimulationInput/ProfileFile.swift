import SobreIntake
import SobreSimulation

/// Reads the profiles of a log's recipients from a file in the format of `sobre profiles import`.
struct ProfileFile {
    let path: String
    private(set) var problems = LineProblems()

    init(_ path: String) { self.path = path }

    mutating func read(into population: inout Population, for log: RequestLog) throws {
        let reader = ProfileReader()
        problems = try NDJSONFile(path: path, title: "Reading people", nouns: "people", limits: reader.limits).read {
            population.add(try reader.read($0), in: log)
        }
        guard population.mayLackHolders else { return }
        _ = try NDJSONFile(path: path, title: "Reading shared addresses", nouns: "people", limits: reader.limits).read {
            population.addHolder(try reader.read($0), in: log)
        }
    }
}
