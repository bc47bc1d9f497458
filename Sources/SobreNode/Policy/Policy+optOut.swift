import SobreAdmission
import SobreIntake

extension Policy {
    /// The policy's opt-out rules in the form the intake needs.
    var optOutTerms: OptOutTerms {
        let scope: OptOutTerms.Scope =
            switch optOut.scope {
            case .category: .category
            case .topic: .topic
            case .all: .all
            }
        return OptOutTerms(
            keywords: OptOutKeywords(adding: optOut.keywords), scope: scope,
            reach: optOut.channels == .same ? .same : .all)
    }
}
