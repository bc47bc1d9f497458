extension ReplyEvidence {
    /// What is about us or about this email. Facts from the replies of Postfix, Exim, Sendmail, qmail and Exchange, and
    /// from what large providers and block lists publish about theirs.
    static let sending: [(evidence: ReplyEvidence, text: String)] = [
        (.limit, limitPhrases), (.rate, ratePhrases), (.login, loginPhrases), (.client, clientPhrases),
        (.sender, senderPhrases), (.authentication, authenticationPhrases), (.content, contentPhrases),
        (.link, linkPhrases), (.size, sizePhrases),
    ]

    private static let limitPhrases = """
        $mails * per|each|every hour|day|minute|month
        limit|limits|quota|maximum|max|allowance * per|each|every hour|day|minute|month
        hourly|daily|weekly|monthly * limit|limits|quota|maximum|allowance|max|cap
        limit|quota * hourly|daily|today
        sending|outgoing|outbound|submission|mailing|messaging|relay|send limit|limits|quota|quotas|allowance
        sending|outgoing|outbound * limit|quota * exceed~|reached|used
        your limit|limits|quota|credits|credit|allowance|plan
        exceeded your|its|their sending|messaging|allowed|hourly|daily
        you|sender|domain|ip|client|sending exceeded|reached * limit|limits|quota|maximum|max|allowance|number
        you|sender|domain|ip|client * have|has exceeded|reached * limit|limits|quota|max|maximum|number
        credit|credits|balance|funds * exceed~|exhausted|insufficient|used|low|expired
        insufficient|no|maximum credit|credits|balance|funds
        out of credit|credits
        versandlimit|tageslimit|stundenlimit|sendelimit
        limit * erreicht|ueberschritten|überschritten
        quota|limite denvoi|denvois
        limite de envio|envios|envío|envíos
        """

    private static let ratePhrases = """
        too many|much connections|connection|sessions|concurrent|simultaneous|parallel|recipients|traffic
        too many|much messages|emails|mails|mail|email|requests|errors|commands|attempts|unsuccessful|failed
        too many|much invalid|unknown|bad|wrong|nonexistent recipients|users|addresses|commands|rcpt|recipient
        too fast|quickly|often|frequent~
        slow down
        slower
        throttl~
        rate limit~
        ratelimit~
        rate * exceed~|limited
        exceed~ * rate|frequency
        connection|sending|message|mail rate
        maximum|max number
        maximum|max|concurrent|simultaneous connections|sessions
        connection|connections|session|sessions limit|limits
        reduce * rate|speed|connections|volume
        frequency limited
        unusual rate|volume|traffic
        flooding
        trop de connexions|messages|sessions|destinataires
        zu viele verbindungen|nachrichten|empfänger|empfaenger|sitzungen
        demasiadas|demasiados conexiones|mensajes|destinatarios
        """

    private static let loginPhrases = """
        relay~ access|attempt denied|prohibited|forbidden
        relay~ denied|refused|prohibited|forbidden|rejected|disabled
        relay~ * $not permitted|allowed|authorized|authorised|accepted|possible|configured|enabled
        $not|unable|refuse|refused * relay|relaying
        allowed rcpthost~
        rcpthosts
        dont|not handle mail for
        authentication|authorization|auth|login * required|needed|necessary|first|mandatory|requise
        requires|require|need|needs|needed|must|please authenticate|authentication|auth|login
        must * authenticated|logged
        authentication|auth|login failed|failure|failures|credentials|invalid|unsuccessful|disabled|incorrect
        not authenticated|logged
        unauthenticated sender|senders|user|users|client|clients|connection|access|relay
        $not|without authenticate|authentication|auth
        smtp auth|authentication
        wrong|invalid|bad|incorrect|expired password|credentials|login|username
        your|sender|senders|sending account * suspended|disabled|deactivated|blocked|locked|inactive|expired
        your|sender|senders|sending account * restricted|limited|closed|paused
        your|sending|senders account * $not * active|activated|enabled|verified|authorized|allowed|subscribed
        sending|outgoing|outbound|sendings * disabled|suspended|paused|blocked|deactivated|restricted
        account * disabled|suspended|blocked|disallowed|prevented * from|for sending|send
        outgoing|outbound $mails
        account not subscribed to
        not authorized|authorised|allowed|permitted to perform
        anmeldung|authentifizierung * erforderlich|notwendig|fehlgeschlagen
        authentification * requise|invalide|necessaire|nécessaire
        """

    private static let clientPhrases = """
        blacklist~|blocklist~|denylist~
        black|block|deny list~
        blocked using|via
        is|was|are|been|currently|ip|found listed
        liste noire|noires
        lista|listas negra|nera|negras
        schwarzen|schwarze liste
        rbl|rbls|dnsbl|dnsbls|dnsrbl|attrbl|xbl|sbl|pbl|drbl|shxbl|bl|cbl
        spamhaus|spamcop|sorbs|abuseat|barracudacentral|uceprotect|surriel|mailspike|invaluement|ivmsip
        spamrl|senderscore|hostkarma|abusix|nixspam|backscatterer|cobion|spamrats
        reputation
        banned sending|ip|ips|host|server|client|network|country|sender|address|domain
        client host|hosts|ip|address
        your|sending|connecting|originating|sender|senders|source $hosts|hostname
        your|sending mail|email|smtp host|server
        remotehost
        ip|ipv4|ipv6 address * $refused|listed|not|isnt|has|doesnt
        access from ip|host|server|network|country|region|your
        from ip|ips|dynamic|your * $refused
        ip|ips * $refused|listed|restricted|gesperrt|blockiert|bloquee|bloqueada|bloqueado|problem
        $refused by|for|from|due|the|your * ip|ips
        $refused * ip address|addresses
        bad|suspicious|extreme|dynamic|residential|poor|generic * ip|ips|rdns|hostname|pool
        dialup|residential
        dial up
        dynamic host|hosts|address|addresses|range
        open proxy|proxies|relays
        insecure mail relay
        helo|ehlo
        reverse dns|hostname|host|lookup|name|mapping|record|resolution|pointer
        rdns
        ptr
        forward confirmed
        hostname|hostnames * resolve|lookup|found|match|mismatch|mismatches
        cannot|cant|couldnt|unable * find|resolve|verify|lookup your hostname|host|ip|server
        cannot|cant|couldnt|unable * find|resolve|verify|lookup hostname
        name lookup failed
        connection|connections refused|denied|blocked|not|rejected|dropped|disallowed
        connection|connections will|from * not|rejected|refused|blocked|denied
        not|never allowed|permitted|authorized|authorised|welcome to connect
        not * accepting|accept|accepts|taking * $mails|mail|connections from your|this|ip|host|server|dynamic|ips
        $not accept * $mails|mail|connections from dynamic|hosts|servers|ips|ip|your
        access to * system|server|service has|was|is|been|rejected|denied|refused|blocked
        submit messages to
        mail originating from
        spammer~|spamming
        spam source|sources|host|server|sender|ip|from|sending
        sending|send|sends|sent spam
        spams from
        user|users|spam complaint|complaints
        complaint|complaints rate|from|about|level
        unexpected volume
        for|due|because abuse
        as|be abusive
        abus detecte
        geographic~
        go away
        confirm this mail server
        server requires confirmation
        one or more recipients * blocked
        esmtp not accepting
        untrusted host|server|network|client|ip
        adresse|dirección|direccion|endereço|endereco|indirizzo ip
        ip adresse
        """

    private static let senderPhrases = """
        $senders address|addresses|domain|domains|email|mailbox|verify|verification|id|callout|policy
        $senders * address|domain rejected|denied|refused|blocked|invalid|unknown
        $senders rejected|denied|refused|blocked|invalid|unknown|bad|illegal|forbidden|not|isnt|must|is|was
        $senders abgelehnt|unbekannt|gesperrt|invalide|inconnu|desconocido|sconosciuto|rechazado|refuse|refusé
        invalid|unknown|bad|unroutable|unrouteable|unresolvable|unverified|illegal|forged|fake $senders|originator
        blocked|unauthorized|unauthorised|unregistered sender|senders
        envelope * sender|from|senders
        mail from address|domain|not|must|command|is|does|doesnt|identity|header|user|@
        mailfrom
        from|froms address|header|domain|field|line|identity|addresses
        rfc5322|rfc5321 from
        return|reverse path|paths
        domain of sender|@
        sending|originating domain|domains|address|addresses|identity|identities|user
        originator
        on behalf
        send as
        send $mails|mail|as * from|for|on
        not|isnt owned
        doesnt own
        not|isnt|neither allowed|authorized|authorised|permitted|entitled to * send|use
        spoof~|forged|impersonat~
        your domain|domains|address|identity|mailbox * $refused|blacklist~|not|listed|isnt|invalid|unverified
        your email|mail * address|domain|id * $refused|blacklist~|not|isnt|invalid|unverified
        identity|identities|domain|address * $not verified|registered|configured|validated
        domain|address|email unverified|unregistered
        failed the check
        purported responsible
        batv
        null sender|senders
        empty envelope|sender|from|mail
        bogus mail from
        """

    private static let authenticationPhrases = """
        spf|dkim|dmarc|domainkeys|domainkey|senderid
        sender id|policy framework|violation
        unauthenticated email|mail|message|messages
        authentication|auth|arc results|level|requirements
        """

    private static let contentPhrases = """
        virus~|malware|trojan|worm|infected|phish~|attachment~|content~|header~|subject|mime
        spam~|junk~|bulk|unsolicited|advertis~|ube|uce|malformed|charset|profanity|dangerous|suspicious|score~
        rfc 5322|2822|822
        rfc5322|rfc2822|rfc822
        line|lines too long
        message|mail|email|messages rejected|refused|filtered|blocked|denied|looks|appears|contains|seems
        """

    private static let linkPhrases = """
        uribl~|surbl~|dbl|hyperlink~
        url|urls|link|links|uri|uris in|blacklist~|listed|blocked|found|contained|is
        blacklisted|blocked|bad|malicious|banned|suspicious url|urls|link|links|uri
        """

    private static let sizePhrases = """
        message|mail|email|messages|letter|attachment|data * too|exceed~ * big|large|long|size|maximum|limit|length
        message|mail|email * size|length * exceed~|limit|limits|big|large
        too big|large|long
        size limit|limits|exceed~
        max|maximum|maximal * size|length|bytes
        exceed~ * size
        message size
        recipsizelimit|sizelimit|oversize~
        nachricht * gross|groß|grösse|größe
        message trop gros|volumineux|grand
        mensaje * grande
        """
}
