import SobreModel
import Testing

@Suite("The table of channels")
struct ChannelTests {
    @Test("Numbers have no gaps and names are unique, so that arrays and files have a place for each")
    func numbers() {
        #expect(Channel.allCases.map { Int($0.rawValue) } == Array(1...Channel.allCases.count))
        #expect(Channel.allCases.map(\.index) == Array(0..<Channel.allCases.count))
        #expect(Set(Channel.names).count == Channel.allCases.count)
        for channel in Channel.allCases { #expect(Channel(name: channel.description) == channel) }
        #expect(Channel.allCases.count <= UInt64.bitWidth)
    }

    @Test("What is stored of the first channels never changes")
    func stored() {
        #expect(Channel.email.rawValue == 1 && Channel.sms.rawValue == 2 && Channel.push.rawValue == 3)
        #expect(Channel.names.starts(with: ["email", "sms", "push"]))
    }

    @Test("Each part of a template belongs to one channel, and each channel has a part that it needs")
    func parts() {
        #expect(TemplatePart.all.map(\.index) == Array(0..<TemplatePart.all.count))
        #expect(Set(TemplatePart.all.map(\.file)).count == TemplatePart.all.count)
        for channel in Channel.allCases { #expect(channel.parts.contains { $0.need == .required }) }
    }

    @Test("A set holds what was put in, for every subset")
    func sets() {
        for mask in 0..<(1 << Channel.allCases.count) {
            let members = Channel.allCases.filter { mask & (1 << $0.index) != 0 }
            let set = ChannelSet(members)
            for channel in Channel.allCases { #expect(set.contains(channel) == members.contains(channel)) }
        }
        #expect(Channel.allCases.allSatisfy { ChannelSet.all.contains($0) && !ChannelSet.none.contains($0) })
    }

    @Test("Values by channel are equal when their contents are, however they came about")
    func values() {
        for channel in Channel.allCases {
            var changed = ByChannel(repeating: 0)
            for other in Channel.allCases { changed[other] = other.index + 5 }
            #expect(changed.channels == Channel.allCases)
            for other in Channel.allCases.reversed() where other != channel { changed[other] = 0 }
            var direct = ByChannel(repeating: 0)
            direct[channel] = channel.index + 5
            #expect(changed == direct && changed.hashValue == direct.hashValue)
            #expect(direct.channels == [channel])
            changed[channel] = 0
            #expect(changed == ByChannel(repeating: 0))
        }
    }
}
