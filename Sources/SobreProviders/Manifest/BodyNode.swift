/// A node of a request's body: a tree of data, never a text template, so that nothing can break out of its place.
///
/// A node that comes to nothing is left out, with its key; an object or list of which nothing is left, too.
indirect enum BodyNode: Sendable {
    /// A constant, as JSON. An empty object or list that a manifest writes out is one, and stays.
    case constant([UInt8])
    case text(Template)
    case object([Member])
    case array([BodyNode])
    /// `$each`/`$do`: an element for each one of a list.
    case each(ListField, BodyNode)
    /// `$if`/`$then`/`$else`.
    case condition(Expression, BodyNode, BodyNode?)
    /// `$pairs`: an object from names with values.
    case pairs(PairsField)
    /// `$kv: [Name, Value], of: …`: a list of objects with two members.
    case namedPairs(name: [UInt8], value: [UInt8], PairsField)
    /// `$merge`: the members of several objects; a name that `$pairs` gave already is not given again.
    case merge([BodyNode])

    struct Member: Sendable {
        let name: String
        /// The name with quotes and colon, ready for JSON.
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
