import SobreAdmission
import SobreIntake

extension Policy {
    /// What the policy says about people who want no more, as the intake wants it.
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
