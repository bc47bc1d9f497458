import SobreAdmission
import SobreIntake

extension Policy {
    /// The policy's opt-out rules in the form the intake needs.
    var withdrawalTerms: WithdrawalTerms {
        let scope: WithdrawalTerms.Scope =
            switch withdrawal.scope {
            case .category: .category
            case .topic: .topic
            case .all: .all
            }
        return WithdrawalTerms(
            stopWords: StopWords(adding: withdrawal.stopWords), scope: scope,
            reach: withdrawal.channels == .same ? .same : .all)
    }
}
