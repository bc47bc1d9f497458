import JSON
import SobreModel

extension SimulationReport {
    /// The report as one JSON object. Keys and their order are stable.
    public func json() -> [UInt8] {
        var json = JSONWriter()
        json.object { json in
            json.key("requests")
            json.object { json in
                json.member("counted", requests)
                json.member("repeated", repeated)
                json.member("tests", tests)
                json.member("people", recipients)
                json.member("people_without_profile", withoutProfile)
                json.member("first_at", ifPresent: span?.first.rfc3339)
                json.member("last_at", ifPresent: span?.last.rfc3339)
            }
            json.member("same_words_judged", false)
            json.key("before")
            write(before, beforePolicy, to: &json)
            json.key("after")
            write(after, afterPolicy, to: &json)
            json.key("people")
            writePeople(to: &json)
        }
        json.newline()
        return json.bytes
    }

    private func write(_ tally: Tally, _ policy: PolicyName, to json: inout JSONWriter) {
        json.object { json in
            json.key("policy")
            json.object { json in
                json.member("name", policy.name)
                json.key("version")
                json.value(policy.version)
            }
            json.member("decisions", tally.decisions)
            json.key("total")
            json.object { write(tally.total, to: &$0) }
            json.key("campaigns")
            json.array { json in
                for campaign in tally.campaigns {
                    json.object { json in
                        json.member("campaign", campaign.name)
                        write(campaign.row, to: &json)
                    }
                }
            }
            json.key("rules")
            json.array { json in
                for rule in tally.rules {
                    json.object { json in
                        json.member("rule", rule.name)
                        json.member("kind", rule.kind)
                        json.member("held", rule.held)
                        json.member("sent_after_hold", rule.sentAfterHold)
                        json.member("dropped", rule.dropped)
                    }
                }
            }
            json.key("not_sent")
            json.array { json in
                for reason in tally.reasons {
                    json.object { json in
                        json.member("state", reason.state)
                        json.member("reason", reason.reason)
                        json.member("count", reason.count)
                    }
                }
            }
            json.key("weeks")
            json.array { json in
                for (contacts, weeks) in tally.weekly.weeks.enumerated() where weeks > 0 {
                    json.object { json in
                        json.member("contacts", contacts)
                        json.member("person_weeks", weeks)
                    }
                }
            }
        }
    }

    private func write(_ row: Tally.Row, to json: inout JSONWriter) {
        json.member("requested", row.requested)
        json.member("sent", row.sent)
        for channel in Channel.allCases {
            json.key("sent_by_\(channel)")
            json.value(row.sentOn[channel])
        }
        json.member("held", row.held)
        json.member("sent_after_hold", row.sentAfterHold)
        json.member("dropped", row.dropped)
        json.member("expired", row.expired)
        json.member("waiting", row.waiting)
    }

    private func writePeople(to json: inout JSONWriter) {
        json.object { json in
            json.member("unchanged", recipients - people.changed)
            json.member("other_times", people.onlyTimes)
            json.member("other_messages", people.others)
            json.member("fewer_messages", people.fewer)
            json.member("more_messages", people.more)
            json.key("most_changed")
            json.array { json in
                for person in people.most {
                    json.object { json in
                        json.member("id", person.id)
                        json.member("sent_before", person.sentBefore)
                        json.member("sent_after", person.sentAfter)
                        json.member("most_a_week_before", person.weekBefore)
                        json.member("most_a_week_after", person.weekAfter)
                    }
                }
            }
        }
    }
}
