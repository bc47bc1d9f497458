extension ReplyEvidence {
    /// Words that stand for each other in the phrases.
    static let vocabulary: [String: String] = [
        "mails": "mail email message emails mails messages recipients",
        "refused": "rejected refused denied blocked banned forbidden disallowed prohibited",
        "not": "not isnt isn wasnt arent doesnt dont didnt cannot cant couldnt wont never no",
        "hosts": "ip ips host hosts server servers mta mtas network networks",
        "senders":
            "sender senders absender absenderadresse expediteur expéditeur remitente mittente emetteur remetente",
        "boxes": "mailbox mailboxes inbox maildir mailfolder mailspool mailstore folder postbox",
        "persons": """
        user users recipient recipients mailbox mailboxes account addressee receiver alias person customer subscriber \
        username userid rcpt localpart employee box
        """,
        "gone":
            "unknown invalid nonexistent inexistent nonexistant unrecognized unrecognised undeliverable unregistered",
        "there":
            "found exist exists existing existent known recognized recognised listed present valid local registered",
    ]

    /// What is about the recipient.
    static let receiving: [(evidence: ReplyEvidence, text: String)] = [
        (.full, fullPhrases), (.unknown, unknownPhrases), (.unknown, foreignUnknownPhrases), (.closed, closedPhrases),
        (.domain, domainPhrases), (.restricted, restrictedPhrases), (.suspended, suspendedPhrases),
        (.busy, busyPhrases), (.address, addressPhrases),
    ]

    private static let fullPhrases = """
        $boxes * full|quota|quotas|overquota|storage|space|oversize~|exceed~|exhausted
        $boxes * limit|limits exceed~|reached
        mailbox size
        full mailbox|inbox|quota
        user|recipient|recipients|users|account|accounts|customer|receiver * full|quota|overquota|storage|space
        over|above * quota
        overquota~
        quota violation|exceed~|limit|full|overflow|reached
        exceed~ * quota
        quota * exceed~|violat~|reached
        insufficient|enough|sufficient|no * space|storage
        storage full|exceed~|allocation|limit|quota
        disk full|quota|space
        out of storage|space|quota|disk
        space * used|exhausted|left
        too many|much * messages|mail|mails|data * mailbox|server|folder|inbox
        receiving limits|limit
        postfach|speicher~ * voll|überfüllt|ueberfuellt|erschöpft|erschoepft
        boite|boîte|messagerie * pleine|saturee|saturée
        quota * depass~|dépass~
        buzón|buzon|casilla|cuota * lleno|llena|excedid~|superad~
        casella|cassetta * piena|esaurit~
        caixa * cheia|lotada
        ящик|почтовый * переполнен~|заполнен
        """

    private static let unknownPhrases = """
        $persons unknown|unk|unlisted|undeliverable
        $persons * $gone
        $persons * $not * $there
        address|addresses|addressees * unknown|nonexistent|inexistent|unrecognized|undeliverable|obsolete
        address|addresses invalid
        address|addresses * $not * $there
        email|mail name * $not found
        name $not found|known|recognized
        destination|destinations * $gone
        $gone|bad|incorrect|undefined|wrong $persons|address|addresses|local|destination|virtual|id|email|name
        $gone or illegal|inactive|nonexistent $persons|address
        unknown|invalid|illegal or * $persons|address
        illegal alias|user|recipient|mailbox
        unknown|invalid mail|e address|mailbox|mail
        non existent|existant|existing $persons|address|email
        no such $persons|address|addresses|mail|id|email|local|name|member|destination
        nosuchuser|userunknown|unknownuser|recipientunknown|usernotfound|mailboxnotfound|recipnotfound
        recipientnotfound|unknownrecipient|invalidrecipient|validrcptto
        no $persons|one|body|valid|active * here|by|named|with|at|found|available|called
        no mail|email|e box|account|mail * here|by|for|at|with|named|available
        no mailbox
        nobody * here|by|with|name|address
        no @|one * here|at|by|in|named|directory
        theres no|nobody * $persons|one|here|address
        is no one|$persons|such
        @ $gone
        @ user|recipient|address|mailbox|account $gone
        @ * $not * $there
        @ is|was|has * $gone
        $not|neither a|an|our|one|the|any|my|valid|known|in|of * $there $persons|address|customer|member|email|here
        $not|neither * $there $persons|address|here|at|to|in|on
        not our customer
        not|isnt a|an|our $persons|address
        not found|listed|present in|at * directory|table|database|list|ldap|system|organization|organisation
        not in * directory|table|database|validrcptto
        not in * list of * recipients|users
        doesnt|dont have|know * $persons|address
        does not have|like|know * $persons|@
        tried to reach * exist|exists|found|invalid|unknown
        unrouteable|unroutable|undeliverable address|recipient|destination|user
        $not|unable * find|locate|identify * $persons|address
        email|mail|recipient|addressee|destination address * wrong|misspelled|mistyped|incorrect
        unknown|invalid|bad local part
        missing home directory
        no longer * valid|exists|exist
        """

    private static let foreignUnknownPhrases = """
        utilisateur|destinataire|adresse|compte|boite|boîte|usager * inconnu~|invalide|inexistant~|introuvable|nexiste
        nexiste pas|plus
        aucun utilisateur|destinataire|compte
        usuario|destinatario|buzón|buzon|cuenta|dirección|direccion|casilla|correo * desconocid~|inexistente|existe
        usuario|destinatario|buzón|buzon|cuenta|dirección|direccion|casilla|correo * inválid~|invalid~|encontrado
        no existe * usuario|cuenta|persona|buzón|buzon|destinatario|dirección|direccion|casilla|correo
        utente|destinatario|casella|indirizzo * sconosciut~|inesistente|errat~|esiste|trovat~
        nessun utente|destinatario|indirizzo
        usuário|destinatário|conta|endereço|endereco|caixa * desconhecid~|inexistente|inválid~|existe|encontrad~
        empfänger~|empfaenger~|benutzer~|postfach|adressat|teilnehmer|konto * unbekannt|existiert|gefunden
        empfänger~|empfaenger~|benutzer~|postfach|adressat|teilnehmer|konto * ungültig|ungueltig|vorhanden|bekannt
        mailadresse|emailadresse|adresse * unbekannt|existiert|ungültig|ungueltig
        unbekannte~|ungültige~|ungueltige~|kein * empfänger~|empfaenger~|benutzer~|postfach|konto
        gebruiker|ontvanger|geadresseerde|postvak|adres * onbekend|bestaat|ongeldig
        onbekende gebruiker|ontvanger
        nie istnieje
        nie ma * konta|użytkownika|adresata|skrzynki
        użytkownik|adresat|konto|skrzynka|odbiorca * nieznan~|istnieje
        nieznany użytkownik|adresat|odbiorca
        пользователь|адрес|ящик|получатель|адресат * найден|существует|неизвестен|неверный
        нет такого|такой пользователя|адреса|ящика|почты
        неизвестный|неверный|несуществующий пользователь|получатель|адрес|адресат
        okänd|ukendt|ukjent|tuntematon mottagare|bruker|bruger|användare|modtager|vastaanottaja|käyttäjä
        neznámý|ismeretlen uživatel|příjemce|felhasználó|címzett
        kullanıcı|alıcı * bulunamadı|yok|bilinmiyor
        """

    private static let closedPhrases = """
        $persons|address|email * disabled|deactivated|inactive|closed|deleted|removed|terminated|expired|discontinued
        $persons|address|email * cancelled|canceled|defunct|retired|archived|abandoned|decommissioned|obsolete
        disabled|inactive|deactivated|closed|expired|terminated|deleted|archived|former|removed $persons|address
        disableduser
        no longer * accept~|available|use|active|used|works|working|with|employed|here|monitored|receive|member
        $persons|address * $not * active|activated|enabled
        not an|a active $persons|address
        $persons|address|@ has|have moved|left|retired
        been replaced
        tried to reach is|has|was * disabled|inactive|deleted|closed|deactivated
        $not * work here
        postfach|konto|benutzer|adresse * deaktiviert|geschlossen|gelöscht|geloescht|abgeschaltet|stillgelegt
        compte|boite|boîte|destinataire * desactiv~|désactiv~|ferme|fermé~|supprim~|archiv~|cloture|clôturé
        cuenta|buzón|buzon * desactivad~|cerrad~|eliminad~|deshabilitad~|inactiv~
        casella|utente * disattivat~|disabilitat~|chius~|dismess~
        """

    private static let domainPhrases = """
        domain|host|domains|site * unknown|nonexistent|inexistent|invalid|unreachable
        domain|host|site * $not * found|exist|exists|known|accept|resolved|reachable|handled|hosted
        unknown|invalid|nonexistent|bad|unresolvable domain|host|mailhost
        no such domain|host|site
        null mx
        nullmx
        no mx|mailer|mailserver * for|record|records|found
        doesnt accept mail|email|messages
        not accept mail|email|messages
        domain must exist
        dominio|domaine|domäne|domaene * inexistente|inconnu|unbekannt|existe|esiste|existiert|nexiste
        """

    private static let restrictedPhrases = """
        $refused|blacklisted|filtered by|from * recipient|recipients|addressee|owner|receiver
        recipient|user|addressee|receiver|recipients * refuse~|rejects|reject|preference~|rules|rule|restrict~|prefers
        recipient|user|recipients * whitelist~|allowlist~
        user reject
        only accept~ * from
        accept~ only * from
        accepts * only
        not on|in * whitelist|allowlist|bypass|safe|approved|contacts
        senders to accept
        members only
        non member~
        not subscribed
        not a member
        not allowed|permitted|authorized to post|write
        moderated|closed|private list|mailing|group
        is|are not accepting any|external
        resolver rst|fwd|msgtype|oof
        authrequired
        organizational|organizations|organisation|organization settings|policy|rules
        requires an|a upgrade
        delivery not authorized|authorised
        not preapproved
        not pre approved
        suppress~
        previously * bounced|complained|unsubscribed|marked
        bounced address
        unsubscribed
        """

    private static let suspendedPhrases = """
        suspended|suspend|locked|frozen|gesperrt|suspendu|suspendid~|sospes~|заблокирован
        temporar~ * disabled|inactive|unavailable|deactivated|closed
        disabled|inactive|unavailable|deactivated|closed temporar~
        on hold|vacation
        """

    private static let busyPhrases = """
        greylist~|graylist~|greylisting|postgrey
        grey|gray list~
        receiving mail|email|messages * too|rate|at
        rate that prevents
        mailbox|recipient|user * busy|overloaded
        first time * sender|seen|contact
        previously unseen
        """

    private static let addressPhrases = """
        address|addresses rejected|refused|denied|declined
        recipient|recipients rejected|refused|denied|declined|prohibited
        recipient * not accepted|ok|allowed|permitted
        """

    /// "The user, recipient or mailbox does not exist" in Chinese, Japanese and Korean.
    static let unspaced = [
        "用户不存在", "用戶不存在", "收件人不存在", "邮箱不存在", "郵箱不存在", "地址不存在", "帐号不存在", "账号不存在", "信箱不存在",
        "无此用户", "無此用戶", "没有此用户", "查无此人", "存在しません", "存在しない", "見つかりません", "宛先不明", "不明なユーザー",
        "ユーザー不明", "ユーザ不明", "존재하지", "없는사용자", "알수없는사용자",
    ]
}
