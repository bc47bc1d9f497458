/// The languages, after CLDR 46. Names are in one string each, separated by spaces.
enum LanguageTables {
    static let english = make(
        "en", ".", ",", "and or",
        "January February March April May June July August September October November December",
        "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec", "Sunday Monday Tuesday Wednesday Thursday Friday Saturday",
        "Sun Mon Tue Wed Thu Fri Sat", ["%-m/%-d/%y", "%b %-d, %Y", "%B %-d, %Y", "%A, %B %-d, %Y"]
    ) {
        $0.currencyFollows = false
        $0.serialComma = true
    }

    private static let british = changed(english) {
        $0.serialComma = false
        $0.patterns = ["%d/%m/%Y", "%-d %b %Y", "%-d %B %Y", "%A %-d %B %Y"]
    }

    private static let french = make(
        "fr", ",", "\u{202F}", "et ou",
        "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
        "janv. févr. mars avr. mai juin juil. août sept. oct. nov. déc.",
        "dimanche lundi mardi mercredi jeudi vendredi samedi", "dim. lun. mar. mer. jeu. ven. sam.",
        ["%d/%m/%Y", "%-d %b %Y", "%-d %B %Y", "%A %-d %B %Y"]
    ) { $0.percent = "\u{202F}%" }

    private static let german = make(
        "de", ",", ".", "und oder",
        "Januar Februar März April Mai Juni Juli August September Oktober November Dezember",
        "Jan. Feb. März Apr. Mai Juni Juli Aug. Sept. Okt. Nov. Dez.",
        "Sonntag Montag Dienstag Mittwoch Donnerstag Freitag Samstag", "So. Mo. Di. Mi. Do. Fr. Sa.",
        ["%d.%m.%y", "%d.%m.%Y", "%-d. %B %Y", "%A, %-d. %B %Y"]
    ) { $0.percent = "\u{A0}%" }

    private static let spanish = make(
        "es", ",", ".", "y o",
        "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre",
        "ene feb mar abr may jun jul ago sept oct nov dic",
        "domingo lunes martes miércoles jueves viernes sábado", "dom lun mar mié jue vie sáb",
        ["%-d/%-m/%y", "%-d %b %Y", "%-d de %B de %Y", "%A, %-d de %B de %Y"]
    ) {
        $0.firstGrouped = 5
        $0.percent = "\u{A0}%"
    }

    private static let italian = make(
        "it", ",", ".", "e o",
        "gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre",
        "gen feb mar apr mag giu lug ago set ott nov dic",
        "domenica lunedì martedì mercoledì giovedì venerdì sabato", "dom lun mar mer gio ven sab",
        ["%d/%m/%y", "%-d %b %Y", "%-d %B %Y", "%A %-d %B %Y"]
    ) { _ in }

    private static let brazilian = make(
        "pt", ",", ".", "e ou",
        "janeiro fevereiro março abril maio junho julho agosto setembro outubro novembro dezembro",
        "jan. fev. mar. abr. mai. jun. jul. ago. set. out. nov. dez.",
        "domingo segunda-feira terça-feira quarta-feira quinta-feira sexta-feira sábado",
        "dom. seg. ter. qua. qui. sex. sáb.", ["%d/%m/%Y", "%-d de %b de %Y", "%-d de %B de %Y", "%A, %-d de %B de %Y"]
    ) {
        $0.currencyFollows = false
        $0.currencyGap = "\u{A0}"
    }

    private static let portuguese = changed(brazilian) {
        $0.currencyFollows = true
        $0.group = "\u{A0}"
        $0.firstGrouped = 5
        $0.patterns[0] = "%d/%m/%y"
    }

    private static let dutch = make(
        "nl", ",", ".", "en of",
        "januari februari maart april mei juni juli augustus september oktober november december",
        "jan feb mrt apr mei jun jul aug sep okt nov dec",
        "zondag maandag dinsdag woensdag donderdag vrijdag zaterdag", "zo ma di wo do vr za",
        ["%d-%m-%Y", "%-d %b %Y", "%-d %B %Y", "%A %-d %B %Y"]
    ) {
        $0.currencyFollows = false
        $0.currencyGap = "\u{A0}"
    }

    private static let swedish = make(
        "sv", ",", "\u{A0}", "och eller",
        "januari februari mars april maj juni juli augusti september oktober november december",
        "jan. feb. mars apr. maj juni juli aug. sep. okt. nov. dec.",
        "söndag måndag tisdag onsdag torsdag fredag lördag", "sön mån tis ons tors fre lör",
        ["%Y-%m-%d", "%-d %b %Y", "%-d %B %Y", "%A %-d %B %Y"]
    ) { $0.percent = "\u{A0}%" }

    private static let danish = make(
        "da", ",", ".", "og eller",
        "januar februar marts april maj juni juli august september oktober november december",
        "jan. feb. mar. apr. maj jun. jul. aug. sep. okt. nov. dec.",
        "søndag mandag tirsdag onsdag torsdag fredag lørdag", "søn. man. tirs. ons. tors. fre. lør.",
        ["%d.%m.%Y", "%-d. %b %Y", "%-d. %B %Y", "%A den %-d. %B %Y"]
    ) { $0.percent = "\u{A0}%" }

    private static let norwegian = make(
        "nb", ",", "\u{A0}", "og eller",
        "januar februar mars april mai juni juli august september oktober november desember",
        "jan. feb. mars apr. mai juni juli aug. sep. okt. nov. des.",
        "søndag mandag tirsdag onsdag torsdag fredag lørdag", "søn. man. tir. ons. tor. fre. lør.",
        ["%d.%m.%Y", "%-d. %b %Y", "%-d. %B %Y", "%A %-d. %B %Y"]
    ) { $0.percent = "\u{A0}%" }

    private static let finnish = make(
        "fi", ",", "\u{A0}", "ja tai",
        "tammikuuta helmikuuta maaliskuuta huhtikuuta toukokuuta kesäkuuta heinäkuuta elokuuta syyskuuta lokakuuta "
            + "marraskuuta joulukuuta",
        "tammik. helmik. maalisk. huhtik. toukok. kesäk. heinäk. elok. syysk. lokak. marrask. jouluk.",
        "sunnuntai maanantai tiistai keskiviikko torstai perjantai lauantai", "su ma ti ke to pe la",
        ["%-d.%-m.%Y", "%-d.%-m.%Y", "%-d. %B %Y", "%A %-d. %B %Y"]
    ) { $0.percent = "\u{A0}%" }

    private static let polish = make(
        "pl", ",", "\u{A0}", "i lub",
        "stycznia lutego marca kwietnia maja czerwca lipca sierpnia września października listopada grudnia",
        "sty lut mar kwi maj cze lip sie wrz paź lis gru",
        "niedziela poniedziałek wtorek środa czwartek piątek sobota", "niedz. pon. wt. śr. czw. pt. sob.",
        ["%-d.%m.%Y", "%-d %b %Y", "%-d %B %Y", "%A, %-d %B %Y"]
    ) { $0.firstGrouped = 5 }

    private static let czech = make(
        "cs", ",", "\u{A0}", "a nebo",
        "ledna února března dubna května června července srpna září října listopadu prosince",
        "led úno bře dub kvě čvn čvc srp zář říj lis pro", "neděle pondělí úterý středa čtvrtek pátek sobota",
        "ne po út st čt pá so", ["%d.%m.%y", "%-d. %-m. %Y", "%-d. %B %Y", "%A %-d. %B %Y"]
    ) { $0.percent = "\u{A0}%" }

    private static let russian = make(
        "ru", ",", "\u{A0}", "и или",
        "января февраля марта апреля мая июня июля августа сентября октября ноября декабря",
        "янв. февр. мар. апр. мая июн. июл. авг. сент. окт. нояб. дек.",
        "воскресенье понедельник вторник среда четверг пятница суббота", "вс пн вт ср чт пт сб",
        ["%d.%m.%Y", "%-d %b %Y г.", "%-d %B %Y г.", "%A, %-d %B %Y г."]
    ) { $0.percent = "\u{A0}%" }

    private static let ukrainian = make(
        "uk", ",", "\u{A0}", "і або",
        "січня лютого березня квітня травня червня липня серпня вересня жовтня листопада грудня",
        "січ. лют. бер. квіт. трав. черв. лип. серп. вер. жовт. лист. груд.",
        "неділя понеділок вівторок середа четвер пʼятниця субота", "нд пн вт ср чт пт сб",
        ["%d.%m.%y", "%-d %b %Y р.", "%-d %B %Y р.", "%A, %-d %B %Y р."]
    ) { _ in }

    private static let turkish = make(
        "tr", ",", ".", "ve veya", "Ocak Şubat Mart Nisan Mayıs Haziran Temmuz Ağustos Eylül Ekim Kasım Aralık",
        "Oca Şub Mar Nis May Haz Tem Ağu Eyl Eki Kas Ara", "Pazar Pazartesi Salı Çarşamba Perşembe Cuma Cumartesi",
        "Paz Pzt Sal Çar Per Cum Cmt", ["%-d.%m.%Y", "%-d %b %Y", "%-d %B %Y", "%-d %B %Y %A"]
    ) { $0.currencyFollows = false }

    private static let japanese = make(
        "ja", ".", ",", "、 または", "1月 2月 3月 4月 5月 6月 7月 8月 9月 10月 11月 12月",
        "1月 2月 3月 4月 5月 6月 7月 8月 9月 10月 11月 12月", "日曜日 月曜日 火曜日 水曜日 木曜日 金曜日 土曜日",
        "日 月 火 水 木 金 土", ["%Y/%m/%d", "%Y/%m/%d", "%Y年%-m月%-d日", "%Y年%-m月%-d日%A"]
    ) { $0.currencyFollows = false }

    private static let chinese = make(
        "zh", ".", ",", "和 或", "一月 二月 三月 四月 五月 六月 七月 八月 九月 十月 十一月 十二月",
        "1月 2月 3月 4月 5月 6月 7月 8月 9月 10月 11月 12月", "星期日 星期一 星期二 星期三 星期四 星期五 星期六",
        "周日 周一 周二 周三 周四 周五 周六", ["%Y/%-m/%-d", "%Y年%-m月%-d日", "%Y年%-m月%-d日", "%Y年%-m月%-d日%A"]
    ) { $0.currencyFollows = false }

    private static let korean = make(
        "ko", ".", ",", "및 또는", "1월 2월 3월 4월 5월 6월 7월 8월 9월 10월 11월 12월",
        "1월 2월 3월 4월 5월 6월 7월 8월 9월 10월 11월 12월", "일요일 월요일 화요일 수요일 목요일 금요일 토요일",
        "일 월 화 수 목 금 토", ["%y. %-m. %-d.", "%Y. %-m. %-d.", "%Y년 %-m월 %-d일", "%Y년 %-m월 %-d일 %A"]
    ) { $0.currencyFollows = false }

    static let all: [String: Language] = [
        "en": english, "en-gb": british, "en-au": british, "en-ie": british, "en-nz": british, "fr": french,
        "de": german, "es": spanish, "it": italian, "pt": brazilian, "pt-br": brazilian, "pt-pt": portuguese,
        "nl": dutch, "sv": swedish, "da": danish, "nb": norwegian, "no": norwegian, "fi": finnish, "pl": polish,
        "cs": czech, "ru": russian, "uk": ukrainian, "tr": turkish, "ja": japanese, "zh": chinese, "ko": korean,
    ]

    private static func make(
        _ code: String, _ decimal: String, _ group: String, _ words: String, _ months: String, _ shortMonths: String,
        _ weekdays: String, _ shortWeekdays: String, _ patterns: [String], _ change: (inout Language) -> Void
    ) -> Language {
        func split(_ text: String) -> [String] { text.split(separator: " ").map(String.init) }
        let conjunctions = split(words)
        var language = Language(
            code: code, decimal: decimal, group: group, and: conjunctions[0], or: conjunctions[1],
            months: split(months), shortMonths: split(shortMonths), weekdays: split(weekdays),
            shortWeekdays: split(shortWeekdays), patterns: patterns)
        change(&language)
        return language
    }

    private static func changed(_ language: Language, _ change: (inout Language) -> Void) -> Language {
        var copy = language
        change(&copy)
        return copy
    }
}

/// The signs and smallest units of currencies.
enum Currency {
    /// The narrow sign, or the code itself for currencies without one.
    static func sign(_ code: String) -> String { signs[code] ?? code }

    /// The number of decimal places (ISO 4217).
    static func digits(_ code: String) -> Int {
        switch code {
        case "JPY", "KRW", "VND", "CLP", "ISK", "XAF", "XOF", "PYG", "UGX", "RWF": return 0
        case "BHD", "KWD", "OMR", "TND", "JOD", "IQD", "LYD": return 3
        default: return 2
        }
    }

    private static let signs = [
        "USD": "$", "EUR": "€", "GBP": "£", "JPY": "¥", "CNY": "¥", "KRW": "₩", "INR": "₹", "BRL": "R$", "RUB": "₽",
        "UAH": "₴", "TRY": "₺", "PLN": "zł", "CZK": "Kč", "SEK": "kr", "NOK": "kr", "DKK": "kr", "ISK": "kr",
        "HUF": "Ft", "ILS": "₪", "VND": "₫", "NGN": "₦", "PHP": "₱", "THB": "฿", "KZT": "₸", "CAD": "$", "AUD": "$",
        "NZD": "$", "MXN": "$", "ARS": "$", "CLP": "$", "COP": "$", "SGD": "$", "HKD": "$", "TWD": "$", "ZAR": "R",
        "RON": "lei", "CRC": "₡", "GEL": "₾",
    ]
}
