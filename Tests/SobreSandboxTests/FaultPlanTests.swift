import JSON
import Testing

@testable import SobreSandbox

@Suite struct FaultPlanTests {
    @Test func `A plan has the same meaning in both formats`() throws {
        let text =
            "429=5%, 5xx=0.02, reset=1%,latency=20ms..80ms@50%,smtp.latency=2s,twilio.hang=0.1%,421=1%,"
            + "rcpt4xx=2%,garbage=0.5%,http.drop=3%,token.429=1,retry-after=7s"
        let plan = try FaultPlan(parsing: text)
        let json = """
            {"429": 0.05, "5xx": "2%", "reset": 0.01, "latency": "20ms..80ms@0.5", "smtp.latency": "2000ms",
            "twilio.hang": 0.001, "421": 0.01, "rcpt4xx": "2%", "garbage": 0.005, "http.drop": "3%", "token.429": 1,
            "retry-after": 7, "seed": 4}
            """
        let fromJSON = try FaultPlan(json: parsed(json))
        #expect(fromJSON == plan)
        #expect(plan[.twilio].tooManyRequests == 0.05 && plan[.fcm].serverError == 0.02)
        #expect(plan[.smtp].reset == 0.01 && plan[.smtp].tooManyRequests == 0 && plan[.token].reset == 0)
        #expect(plan[.twilio].hang == 0.001 && plan[.fcm].hang == 0)
        #expect(plan[.token].tooManyRequests == 1)
        #expect(plan[.smtp].latency == Faults.Latency(lowMilliseconds: 2000, highMilliseconds: 2000))
        #expect(plan[.webhook].latency == Faults.Latency(lowMilliseconds: 20, highMilliseconds: 80, rate: 0.5))
        #expect(plan[.smtp].serviceUnavailable == 0.01 && plan[.smtp].recipientDeferred == 0.02)
        #expect(plan.dropHTTP == 0.03 && plan.dropSMTP == 0 && plan.retryAfterSeconds == 7)
    }

    @Test func `A plan written by the sandbox reads back as the same plan`() throws {
        let plan = try FaultPlan(parsing: "429=5%,reset=0.1%,latency=1ms..3ms@10%,rcpt4xx=1%,drop=2%,token.5xx=3%")
        let bytes = jsonObject { plan.write(to: &$0, seed: 9) }
        let (read, seed) = try FaultPlan.read(parsed(bytes))
        #expect(read == plan && seed == 9)
    }

    @Test(
        arguments: [
            ("429", "NAME=VALUE"), ("428=5%", "not known"), ("429=lots", "not a rate"), ("429=5", "write 5%"),
            ("reset=120%", "between 0% and 100%"), ("reset=-1%", "between 0% and 100%"), ("reset=nan", "not a rate"),
            ("latency=5", "needs a unit"), ("latency=80ms..20ms", "shorter delay first"), ("latency=9999s", "600s"),
            ("smtp.429=1%", "an HTTP fault"), ("fcm.rcpt4xx=1%", "an SMTP fault"), ("mail.reset=1%", "scope"),
            ("twilio.drop=1%", "before its path is known"), ("retry-after=soon", "whole seconds"),
            ("429=60%,5xx=50%", "more than 100%"), ("=5%", "not known"), ("latency=20ms@200%", "between 0% and 100%"),
        ])
    func `An invalid entry is named, with a valid example`(text: String, hint: String) throws {
        let error = #expect(throws: SandboxError.self) { try FaultPlan(parsing: text) }
        #expect(error?.description.contains(hint) == true, "\(error?.description ?? "")")
    }

    @Test(arguments: ["[]", "3", #"{"429": true}"#, #"{"429": [1]}"#, #"{"seed": -1}"#, #"{"429": "5%", "x": 1}"#])
    func `A plan in JSON of another form is rejected`(text: String) throws {
        #expect(throws: SandboxError.self) { try FaultPlan(json: parsed(text)) }
    }

    @Test func `A seed gives one sequence for each endpoint, and another seed gives another`() throws {
        let plan = try FaultPlan(parsing: "429=20%,reset=10%,latency=1ms..9ms@50%")
        func sequence(seed: UInt64, between: Bool) -> [String] {
            var dice = FaultDice(plan: plan, seed: seed)
            return (0..<500).map { _ in
                if between { _ = dice.roll(.smtp) }
                let (roll, delay) = dice.roll(.twilio)
                return "\(roll.name ?? "-") \(delay)"
            }
        }
        #expect(sequence(seed: 1, between: false) == sequence(seed: 1, between: true))
        #expect(sequence(seed: 1, between: false) != sequence(seed: 2, between: false))
    }

    @Test func `Faults occur at their rates`() throws {
        let plan = try FaultPlan(parsing: "429=5%,5xx=10%,garbage=1%,hang=0.5%,latency=10ms..20ms@25%")
        var dice = FaultDice(plan: plan, seed: 3)
        var counts: [String: Int] = [:]
        var delays: [Int] = []
        for _ in 0..<100_000 {
            let (roll, delay) = dice.roll(.fcm)
            if case .serverError = roll { counts["5xx", default: 0] += 1 }
            counts[roll.name ?? "none", default: 0] += 1
            if delay > 0 { delays.append(delay) }
        }
        #expect(abs((counts["429"] ?? 0) - 5000) < 300)
        #expect(abs((counts["5xx"] ?? 0) - 10_000) < 400)
        #expect(abs((counts["garbage"] ?? 0) - 1000) < 150)
        #expect(abs((counts["hang"] ?? 0) - 500) < 100)
        #expect(abs(delays.count - 25_000) < 700)
        #expect(Set(delays) == Set(10...20))
        #expect(["500", "502", "503", "504"].allSatisfy { (counts[$0] ?? 0) > 2000 })
    }

    @Test func `A higher rate keeps the faults of the lower one`() throws {
        func hits(_ rate: String) throws -> Set<Int> {
            var dice = FaultDice(plan: try FaultPlan(parsing: "twilio.reset=\(rate)"), seed: 5)
            return Set((0..<2000).filter { _ in dice.roll(.twilio).roll == .reset })
        }
        let few = try hits("2%")
        let more = try hits("10%")
        #expect(few.isSubset(of: more) && few.count > 10 && more.count > few.count)
    }
}
