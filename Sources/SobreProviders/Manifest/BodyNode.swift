/// A node of a request's body. The body is a tree of data, never a text template, so no value can escape its
/// position.
///
/// A node without a value is omitted with its key, and so is an object or list of which nothing is left.
indirect enum BodyNode: Sendable {
    /// A constant, as JSON. An empty object or list written in the manifest is a constant and is kept.
    case constant([UInt8])
    case text(Template)
    case object([Member])
    case array([BodyNode])
    /// `$each`/`$do`: one element for each element of a list.
    case each(ListField, BodyNode)
    /// `$each`/`$do` over names and values.
    case eachPair(PairsField, BodyNode)
    /// `$json`: a text that is the JSON of a node.
    case jsonText(BodyNode)
    /// `$if`/`$then`/`$else`.
    case condition(Expression, BodyNode, BodyNode?)
    /// `$pairs`: an object of names and values; `$prefix` precedes each name.
    case pairs(PairsField, prefix: String)
    /// `$kv: [Name, Value], of: …`: a list of objects with two members.
    case namedPairs(name: [UInt8], value: [UInt8], PairsField)
    /// `$file`: a file of a multipart form.
    case file(content: Template, name: Template, type: Template)
    /// `$merge`: the members of several objects. A name already set by `$pairs` is not repeated.
    case merge([BodyNode])

    /// Whether the recipient's address is somewhere in it.
    var hasAddress: Bool {
        switch self {
        case .constant, .pairs, .namedPairs: false
        case .text(let template): template.hasAddress
        case .file(let content, let name, let type): content.hasAddress || name.hasAddress || type.hasAddress
        case .object(let members): members.contains { $0.node.hasAddress }
        case .array(let nodes), .merge(let nodes): nodes.contains(where: \.hasAddress)
        case .each(let field, let node): field == .to || node.hasAddress
        case .eachPair(_, let node), .jsonText(let node): node.hasAddress
        case .condition(_, let then, let otherwise): then.hasAddress || otherwise?.hasAddress ?? false
        }
    }

    struct Member: Sendable {
        let name: String
        /// The name with quotes and colon, as JSON.
        let jsonKey: [UInt8]
        let node: BodyNode

        init(name: String, node: BodyNode) {
            self.name = name
            var key: [UInt8] = [UInt8(ascii: "\"")]
            Escaping.json.append(name, to: &key)
            key.append(UInt8(ascii: "\""))
            key.append(UInt8(ascii: ":"))
            jsonKey = key
            self.node = node
        }
    }
}
