import SobreModel
import Text
import YAMLDocument
import ZoneInfo

extension PolicyReader {
    mutating func caps(_ mappings: [YAMLMapping]) throws(YAMLError) -> [CapRule] {
        var positions: [String: Int] = [:]
        for (position, mapping) in mappings.enumerated() { positions[try mapping.string("name")] = position }
        var rules: [CapRule] = []
        for mapping in mappings { rules.append(try cap(mapping, positions)) }
        try checkOverrides(rules, mappings)
        return rules
    }

    /// Rejects rules that override each other in a cycle. None of them would apply.
    private func checkOverrides(_ rules: [CapRule], _ mappings: [YAMLMapping]) throws(YAMLError) {
        for start in rules.indices where !rules[start].overrides.isEmpty {
            var reached: Set<Int> = []
            var ahead = rules[start].overrides
            while let next = ahead.popLast() {
                guard reached.insert(next).inserted else { continue }
                ahead += rules[next].overrides
            }
            guard reached.contains(start) else { continue }
            throw mappings[start].value.error(
                "\"\(rules[start].name)\" overrides itself through other rules, so none of them would apply",
                help: "remove one of the \"overrides\"")
        }
    }

    private mutating func cap(_ mapping: YAMLMapping, _ positions: [String: Int]) throws(YAMLError) -> CapRule {
        try mapping.checkKeys(known: [
            "name", "applies_to", "counts", "limit", "window", "in", "week_starts", "gap", "per", "on_cap", "otherwise",
            "reserve", "overrides", "segment", "on_error", "personal",
        ])
        let (limit, window) = try limitAndWindow(mapping)
        let onCap = try mapping.choice("on_cap", default: RuleAction.drop)
        let otherwise = try fallback(mapping, onCap)
        let appliesTo = try selector(mapping["applies_to"])
        let counts = mapping["counts"]
        return CapRule(
            name: try mapping.string("name"), appliesTo: appliesTo,
            counts: counts == nil ? appliesTo : try selector(counts), limit: limit, window: window,
            scope: try scope(mapping["per"]), onCap: onCap, otherwise: otherwise,
            reserve: try reserve(mapping, limit: limit), overrides: try overrides(mapping, positions),
            segment: try segment(mapping), personal: try mapping.choice("personal", default: .tighten),
            line: mapping.value.line)
    }

    /// The fallback of `next_channel`. Rejects `otherwise` beside any other action.
    func fallback(_ mapping: YAMLMapping, _ action: RuleAction) throws(YAMLError) -> RuleFallback {
        if action != .nextChannel, let value = mapping["otherwise"] {
            throw value.error(
                "\"otherwise\" is allowed only together with \"next_channel\"", help: "remove the key \"otherwise\"")
        }
        return try mapping.choice("otherwise", default: RuleFallback.hold)
    }

    private func limitAndWindow(_ mapping: YAMLMapping) throws(YAMLError) -> (Int, CapWindow) {
        if let gap = mapping["gap"] {
            for key in ["limit", "window"] where mapping[key] != nil {
                throw mapping[key]!.error(
                    "a rule has either \"gap\" or \"limit\" and \"window\"",
                    help: "\"gap: 4h\" means at most one in any 4 hours")
            }
            return (1, .rolling(milliseconds: try gap.duration(in: Self.dayRange).milliseconds))
        }
        let limit = try mapping.require("limit").int(in: 0...1_000_000)
        return (limit, try window(mapping))
    }

    private func window(_ mapping: YAMLMapping) throws(YAMLError) -> CapWindow {
        let value = try mapping.require("window")
        let text = try value.string()
        let words = text.split(separator: " ").map(String.init)
        let help = "write \"7d\", \"calendar day\", \"calendar 2 weeks\", \"calendar month\" or \"lifetime\""
        let window: CapWindow
        if words == ["lifetime"] {
            window = .lifetime
        } else if words.first == "calendar", let calendar = calendar(Array(words.dropFirst())) {
            var calendar = calendar
            calendar.zone = try zoneChoice(mapping["in"])
            if let start = mapping["week_starts"] {
                guard calendar.unit == .week else {
                    throw start.error("\"week_starts\" applies only to calendar weeks", help: "remove it")
                }
                let name = try start.string()
                guard let day = Weekday(name: name) else {
                    throw start.unknownName(name, known: Weekday.allCases.map(\.description))
                }
                calendar.weekStart = day
            }
            return .calendar(calendar)
        } else {
            let length = text.hasSuffix(" rolling") ? text.dropLast(" rolling".count) : text[...]
            guard let duration = DurationText.parse(length), Self.dayRange.contains(duration) else {
                throw value.error("\"\(text)\" is not a window from 1s to 400d", help: help)
            }
            window = .rolling(milliseconds: duration.milliseconds)
        }
        for key in ["in", "week_starts"] where mapping[key] != nil {
            throw mapping[key]!.error("\"\(key)\" applies only to calendar windows", help: "remove it")
        }
        return window
    }

    /// `day`, `2 weeks`, `month`; nil for anything else.
    private func calendar(_ words: [String]) -> CalendarWindow? {
        guard let last = words.last, words.count <= 2 else { return nil }
        let count = words.count == 2 ? Int(words[0]) ?? 0 : 1
        let name = last.hasSuffix("s") ? String(last.dropLast()) : last
        guard let unit = CalendarWindow.Unit(rawValue: name) else { return nil }
        let most = [CalendarWindow.Unit.day: 400, .week: 57, .month: 12][unit]!
        guard count >= 1, count <= most else { return nil }
        return CalendarWindow(unit: unit, count: count, zone: nil, weekStart: .monday)
    }

    private func scope(_ value: YAMLValue?) throws(YAMLError) -> CapScope {
        var scope: CapScope = []
        guard let value else { return scope }
        for part in try value.string().split(separator: "+", omittingEmptySubsequences: false) {
            guard let known = CapScope.names.first(where: { $0.name == part }) else {
                throw value.unknownName(String(part), known: CapScope.names.map(\.name))
            }
            scope.formUnion(known.scope)
        }
        return scope
    }

    private func reserve(_ mapping: YAMLMapping, limit: Int) throws(YAMLError) -> (priority: Priority, slots: Int)? {
        guard let reserve = try mapping.mapping(ifPresent: "reserve") else { return nil }
        try reserve.checkKeys(known: ["priority", "slots"])
        return (try priority(reserve.require("priority")), try reserve.require("slots").int(in: 0...limit))
    }

    func priority(_ value: YAMLValue) throws(YAMLError) -> Priority {
        let name = try value.string()
        guard let priority = Priority(name: name) else {
            throw value.unknownName(name, known: Priority.allCases.map(\.description))
        }
        return priority
    }

    private func overrides(_ mapping: YAMLMapping, _ positions: [String: Int]) throws(YAMLError) -> [Int] {
        var overrides: [Int] = []
        for value in mapping["overrides"]?.listOrOne ?? [] {
            let name = try value.string()
            guard let position = positions[name] else { throw value.unknownName(name, known: positions.keys.sorted()) }
            let own = try mapping.string("name")
            guard name != own else { throw value.error("the rule \"\(name)\" cannot override itself") }
            overrides.append(position)
        }
        return overrides
    }
}
