import JSON
import SobreModel

/// Step `operator_pause`: what operators keep from being sent for now.
///
/// A pause holds and never drops. Pauses about the message alone are judged before everything else of the message, so
/// that `sobre pause --all` stops what any other step would do. Those about a channel or a provider are judged with the
/// channel.
extension Evaluation {
    /// The pause that keeps the message from every channel; nil when there is none.
    var operatorPause: SendingPause? { pauses.covering(message, on: nil) }

    /// The hold required by a pause of the message; nil when the step passes.
    func operatorPauseVerdict() -> Verdict? {
        if pauses.isEmpty { return nil }
        return operatorPause.map { hold($0, .pausedByOperator, step: .operatorPause) }
    }

    /// The pause that keeps the message from this channel, or from every provider of it that could take the message.
    func operatorPause(on channel: Channel, to address: Address) -> SendingPause? {
        if pauses.isEmpty { return nil }
        return pauses.covering(message, on: channel) ?? providerPause(on: channel, to: address)
    }

    /// Of the pauses of all providers that could take the message, the one that ends first: from then on it can go. Nil
    /// when one of them is not paused.
    private func providerPause(on channel: Channel, to address: Address) -> SendingPause? {
        var names = address.providers(among: conditions.providers[channel] ?? [])
        if channel == request.channel, let chosen = request.provider {
            guard pauses.covering(message, on: channel, through: chosen) != nil else { return nil }
            if request.hasOnlyProvider || request.possibleDuplicate || names.isEmpty { names = [chosen] }
        }
        var first: SendingPause?
        for name in names {
            guard let pause = pauses.covering(message, on: channel, through: name) else { return nil }
            if let known = first, (known.end, known.id) <= (pause.end, pause.id) { continue }
            first = pause
        }
        return first
    }

    /// Whether an operator keeps the message from the provider that was chosen, so that another one must be.
    var isProviderPaused: Bool {
        guard !pauses.isEmpty, let provider = request.provider else { return false }
        return pauses.covering(message, on: request.channel, through: provider) != nil
    }

    /// The hold that a pause requires. A message that expires before is offered again when it does.
    func hold(_ pause: SendingPause, _ reason: HoldReason, step: AdmissionStep) -> Verdict {
        var verdict = Verdict(.hold(until: notAfterExpiry(pause.end), reason), step: step)
        verdict.pause = pause
        return verdict
    }

    /// Writes the row of the step, when a pause covers the message.
    func write(_ pause: SendingPause?, to json: inout JSONWriter) {
        guard let pause else { return }
        step(.operatorPause, passes: false, to: &json) { json in
            json.key("pause")
            json.value(pause.id)
            json.member("scope", ifPresent: pause.filter.description)
            json.member("by", ifPresent: pause.by)
            json.member("since", ifPresent: pause.since.rfc3339)
            json.member("until", ifPresent: pause.until?.rfc3339)
            json.member("reason", ifPresent: pause.reason.isEmpty ? nil : pause.reason)
        }
    }
}
