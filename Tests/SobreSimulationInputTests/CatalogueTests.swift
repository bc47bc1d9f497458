import Files
import SobreModel
import SobreNode
import SobreRendering
import TestFolders
import Testing

import SobreSimulationInput

@Suite("What intake is told of templates and the policy") struct CatalogueTests {
    /// A folder of templates, one with every message field that a manifest can have, and one with none.
    private func templates() throws -> TemporaryFolder {
        let folder = TemporaryFolder()
        let manifests = [
            "all": """
            category: transactional
            campaign: spring
            topic: orders
            channels: [sms, email]
            route: {escalate: {after: 10m, until: clicked}}
            priority: high
            """,
            "none": "channels: [email]",
            "broken": "channels: [pigeon]",
        ]
        for (name, manifest) in manifests {
            try Folder.make("\(folder.path)/\(name)")
            try TextFile.replace("\(folder.path)/\(name)/template.yaml", with: manifest)
            try TextFile.replace("\(folder.path)/\(name)/sms.liquid", with: "Words.")
            try TextFile.replace("\(folder.path)/\(name)/email.subject.liquid", with: "Words.")
            try TextFile.replace("\(folder.path)/\(name)/email.text.liquid", with: "Words.")
        }
        return folder
    }

    private func policy(_ text: String) throws -> SimulatedPolicy {
        let folder = TemporaryFolder()
        try TextFile.replace("\(folder.path)/policy.yaml", with: text)
        return try SimulatedPolicy(file: "\(folder.path)/policy.yaml")
    }

    @Test func `a simulation completes requests as the server does`() throws {
        let folder = try templates()
        let catalogue = try TemplateCatalogue(root: folder.path)
        let rules = try #require(
            try policy(
                """
                default_timezone: UTC
                categories:
                  news: {obeys_caps: true, counts_toward_caps: false}
                  alerts: {obeys_caps: false, counts_toward_caps: true, priority: critical}
                """
            ).policy)
        let served = NodeCatalogue(templates: catalogue, policy: PolicyInForce(rules))
        let simulated = SimulationCatalogue(templates: catalogue, before: nil, after: rules)
        #expect(served.templateNames == ["all", "broken", "none"])
        for name in served.templateNames {
            let defaults = try #require(served.template(name))
            #expect(simulated.template(name) == defaults, "\(name)")
        }
        #expect(Set(simulated.categories) == Set(served.categories))
        for category in served.categories + ["no such category"] {
            #expect(simulated.capFlags(of: category) == served.capFlags(of: category), "\(category)")
            #expect(simulated.priority(of: category) == served.priority(of: category), "\(category)")
        }
        #expect(simulated.capFlags(of: "transactional") == (false, false))
        #expect(simulated.capFlags(of: "news") == (true, false))
        #expect(simulated.capFlags(of: "alerts") == (false, true))
        #expect(simulated.priority(of: "transactional") == .high)
        #expect(simulated.priority(of: "news") == .normal)
        #expect(simulated.priority(of: "alerts") == .critical)
    }

    @Test func `the policy under which requests were made says what is usual for their category`() throws {
        let strict = try policy("default_timezone: UTC\ncategories: {news: {obeys_caps: true}}")
        let lax = try policy("default_timezone: UTC\ncategories: {news: {obeys_caps: false}}")
        let catalogue = SimulationCatalogue(templates: nil, before: strict.policy, after: lax.policy)
        #expect(catalogue.capFlags(of: "news") == (true, true))
        #expect(SimulationCatalogue(templates: nil, before: nil, after: lax.policy).capFlags(of: "news").obeys == false)
        #expect(SimulationCatalogue(templates: nil, before: nil, after: nil).capFlags(of: "news") == (true, true))
    }
}
