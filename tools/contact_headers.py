"""What the columns of exported address books are called, in the languages of the mail programs.

A target is what a column holds: ``given``, ``email``, ``phone.work``, ``city.home`` … Names of persons and
companies are looked up as a whole; addresses, telephone numbers and the like are put together by the programs
from a word for the thing and one for the place (*Straße geschäftlich*, *Телефон (дом.)*, *勤務先の番地*), so they
are recognised by these two words. A dozen languages cover the programs' translations; what is left is told by
the values, see :mod:`contact_csv`.
"""

import re

from .names import fold
from .text import compose

# Columns that stand alone. A word that may be the first or the whole name is settled by its neighbours.
_WHOLE = {
    "name": """
        name; display name; displayname; full name; fullname; complete name; fn; contact name; contact; file as;
        anzeigename; vollständiger name; nom complet; nom affiché; nom à afficher; nombre completo; nombre para
        mostrar; nome completo; nome visualizzato; nome para exibição; volledige naam;
        weergavenaam; отображаемое имя; полное имя; фио; краткое имя; 表示名; 氏名; フルネーム; 姓名; 显示名称;
        顯示名稱; 全名; 联系人; họ và tên; họ tên; tên hiển thị; tên đầy đủ; tên liên hệ; người liên hệ;
        nazwa wyświetlana; imię i nazwisko; visningsnamn; fullständigt namn; visningsnavn; visat
        namn; näyttönimi; teljes név; megjelenítendő név; zobrazované jméno; görünen ad; ad
        soyad; 이름 전체; 표시 이름; 성명
    """,
    "given": """
        first; first name; firstname; given name; givenname; given; forename; vorname; prénom; prenom;
        nombre; nombre de pila; nome; primo nome; primeiro nome; voornaam; имя; 名; 名字; tên; imię;
        förnamn; fornavn; etunimi; utónév; keresztnév; jméno; křestní jméno; prenume; ad; adı;
        ім'я; 이름
    """,
    "middle": """
        middle; middle name; middlename; additional name; additional names; second name; weitere
        vornamen; zweiter vorname; deuxième prénom; autre prénom; segundo nombre; secondo nome;
        segundo nome; tweede naam; middelste naam; отчество; 第 2 名; ミドル ネーム; ミドルネーム; 中间名; 中間名;
        tên đệm; chữ lót; tên lót; drugie imię; mellannamn; mellemnavn; mellomnavn; toinen nimi;
        középső név; prostřední jméno; ikinci ad; по батькові; 중간 이름
    """,
    "family": """
        last; last name; lastname; surname; family name; familyname; family; sn; nachname;
        familienname; nom; nom de famille; apellido; apellidos; primer apellido; cognome;
        sobrenome; apelido; último nome; achternaam; фамилия; прізвище; 姓; 姓氏; họ; họ đệm; họ và đệm;
        họ tên đệm; họ và tên đệm; họ lót; họ và tên lót; họ và chữ lót; nazwisko;
        efternamn; efternavn; etternavn; sukunimi; vezetéknév; családnév; příjmení; nume; nume de
        familie; soyadı; soyad; 성
    """,
    "prefix": """
        anrede; titre; título; titolo; titel; обращение; 敬称; 称谓; 稱謂; danh xưng; prefix; name
        prefix; honorific prefix; salutation; courtesy title; título de cortesía; tratamento;
        tytuł; titulli; titul; unvan; megszólítás; arvonimi; звертання; 호칭; 경칭
    """,
    "suffix": """
        suffix; name suffix; honorific suffix; suffixe; sufijo; suffisso; sufixo; achtervoegsel;
        суффикс; hậu tố; サフィックス; 肩書き; 后缀; 後綴; 字尾; sufiks; utótag; pääte; přípona; sonek; 접미사
    """,
    "nickname": """
        nickname; nick name; nick; spitzname; surnom; apodo; alias; soprannome; bijnaam; ник;
        псевдоним; ニックネーム; 昵称; 暱稱; biệt danh; biệt hiệu; smeknamn; kælenavn; kallenavn;
        pseudonim; becenév; přezdívka; takma ad; 애칭
    """,
    "company": """
        company; company name; companyname; organization; organisation; organization name;
        organization 1 name; employer; account name; accounts; associated company; associated company primary;
        primary company; firma; firmenname; unternehmen; société;
        societe; entreprise; organisation; compañía; empresa; organización; organizzazione;
        società; azienda; ditta; organização; bedrijf; organisatie; организация; компания; фирма;
        会社名; 会社; 勤務先; 組織; 公司; 公司名称; 单位; 單位; 组织; công ty; tên công ty; tổ chức; cơ quan; đơn vị;
        företag; organisation; virksomhed; bedrift; spółka; organizacja; yritys; cég; vállalat;
        společnost; şirket; компанія; організація; 회사; 조직
    """,
    "department": """
        department; organization department; organization 1 department; abteilung; service;
        département; departamento; dipartimento; ufficio reparto; reparto; afdeling; отдел; подразделение; 部署;
        部门; 部門; phòng ban; phòng; bộ phận; dział; avdelning; avdeling; osasto; osztály; oddělení;
        bölüm; відділ; підрозділ; 부서
    """,
    "function": """
        job title; jobtitle; organization title; organization 1 title; organization job title;
        position; job position; role; function; occupation; arbeitstitel; funktion; stellenbezeichnung;
        berufsbezeichnung; fonction; poste; poste occupé; titre professionnel; cargo; puesto; puesto de trabajo;
        título laboral;
        posizione; posizione lavorativa; funzione; qualifica; mansione; functie;
        должность; посада; 役職; 职务; 職稱; 职位; chức vụ; chức danh; vị trí; vị trí công việc; stanowisko; befattning;
        stilling; tehtävänimike; beosztás; funkce; pracovní funkce; iş unvanı; occupation title; profession;
        직책; 직함
    """,
    "birthday": """
        birthday; birth date; birthdate; date of birth; dob; bday; geburtstag; geburtsdatum;
        anniversaire; date de naissance; naissance; cumpleaños; fecha de nacimiento; compleanno;
        data di nascita; aniversário; data de nascimento; verjaardag; geboortedatum; день
        рождения; дата рождения; 誕生日; 生年月日; 生日; 出生日期; sinh nhật; ngày sinh; ngày tháng năm sinh;
        urodziny; data urodzenia; födelsedag; fødselsdag; syntymäpäivä; születésnap; születési
        dátum; narozeniny; datum narození; doğum günü; doğum tarihi; день народження; дата
        народження; 생일
    """,
    "birth_year": """
        birth year; geburtsjahr; année de naissance; año de nacimiento; anno di nascita; ano de nascimento;
        geboortejaar; rok urodzenia; năm sinh; год рождения; рік народження; 誕生年; 出生年份
    """,
    "birth_month": """
        birth month; geburtsmonat; mois de naissance; mes de nacimiento; mese di nascita; mês de nascimento;
        geboortemaand; miesiąc urodzenia; tháng sinh; месяц рождения; місяць народження; 誕生月; 出生月份
    """,
    "birth_day": """
        birth day; geburtstag tag; jour de naissance; día de nacimiento; giorno di nascita; dia de nascimento;
        geboortedag; dzień urodzenia; ngày sinh trong tháng;
        誕生日 日; 出生日
    """,
    "notes": """
        notes; note; comment; comments; description; remarks; notizen; notiz; bemerkungen;
        bemerkung; remarques; commentaires; notas; comentarios; commenti; observações;
        opmerkingen; notities; заметки; примечания; примечание; メモ; 備考; 备注; 附注; 附註; 便笺; ghi chú;
        chú thích; notatki; anteckningar; notater; noter; huomautukset; muistiinpanot;
        megjegyzések; jegyzetek; poznámky; notlar; нотатки; примітки; 메모
    """,
    "categories": """
        categories; category; labels; label; group membership; groups; group; tags; tag;
        kategorien; kategorie; gruppen; catégories; catégorie; groupes; categorías; categoría;
        etiquetas; categorie; categoria; categorias; gruppi; categorieën; категории; категория;
        группы; 分類項目; 分類; グループ; 类别; 類別; 组; 群組; thể loại; danh mục; nhóm; nhãn; thẻ; kategorie;
        kategorier; luokat; kategóriák; kategoriler; категорії; 범주; 그룹
    """,
    "language": """
        language; sprache; langue; idioma; lingua; taal; язык; 言語; 语言; 語言; ngôn ngữ; język;
        språk; sprog; kieli; nyelv; jazyk; dil; мова; 언어
    """,
    "vat": """
        vat; vat number; vat no; vat id; tax id; tax code; taxid; tin; ust id; ust idnr; ustid;
        umsatzsteuer id; steuernummer; numéro de tva; tva; nif; cif; p iva; partita iva; cnpj;
        btw nummer; инн; mã số thuế; mst; 税号; 統一編號; nip; adószám; dič; vergi numarası
    """,
}
# Whom one deals with: the whole name, or the company of the person whose name stands in another column.
_PARTNER = """
    customer; customer name; client; client name; supplier; supplier name; vendor; vendor name; kunde; kundenname;
    khách hàng; tên khách hàng; tên khách; tên kh; đối tác; tên đối tác; nhà cung cấp; tên nhà cung cấp; ncc; tên ncc
"""
_WHOLE["name"] += f"; {_PARTNER}"
# What has no field, though its values look like those of one: where a picture lies is no website of the contact.
_WHOLE["extra"] = """
    photo; photo url; picture; foto; bild; ảnh; hình ảnh; фото; 写真; 照片; imaddress; im address;
    anniversary; wedding anniversary; jahrestag; hochzeitstag; anniversaire de mariage; anniversaire de mariage ou
    fête; aniversário de casamento; anniversario; bryllupsdag; årsdag; годовщина; річниця; 記念日; 纪念日; 紀念日;
    周年纪念日; 기념일; ngày kỷ niệm; ngày cưới; rocznica; évforduló; výročí; yıl dönümü
"""
# A number under the name of what it is used for.
_WHOLE["phone"] = "contact no; contact number; contact nr; hotline; số liên hệ"
_WHOLE["phone.mobile"] = "zalo; số zalo; whatsapp; viber; mob; dđ; đtdđ"
# What stands beside an e-mail address in the columns for its kind and the name shown with it.
_NO_ADDRESS = """
    typ; type; tipo; loại; kind; display name; displayname; angezeigter; nom complet; nombre de
    pantalla; nombre para mostrar; visualizzato; nome para exib; nome de exib; hiển thị; тип; имя;
    種類; 表示名; 类型; 類型; 显示; 顯示; 종류; 표시; rodzaj; nazwa; visningsnamn; visningsnavn; weergavenaam;
    megjelen; zobraz; görünen
"""
# What a column says of an address or a number in place of one: Email Opt Out, Do not allow Phone Calls, Email Domain.
_ABOUT = """
    opt out; opted out; optout; opt in; opted in; unsubscrib; do not; don t; allow; consent; bounce; verified;
    validated; verification; domain; abgemeldet; désabonn; отписан; hủy đăng ký
"""
# Numbers and names of people beside the contact, and how a name is spoken: no number of the contact's own.
_BESIDE = """
    assist; secretar; secrétaire; помощник; секретар; アシスタント; 秘書; 助理; 秘书; trợ lý; thư ký; asystent;
    phonet; callback; rückmeldung; rappel; обратный вызов; devolución; isdn; rnis; telex; телекс; テレックス; tty;
    radio
"""

_KINDS = (
    # (kind, words, parts of words); the first one that fits counts
    (
        "pobox",
        """
        postfach
        """,
        """
        po box; p o box; boîte postale; apartado postal; caixa postal; casella postale; почтовый
        ящик; 私書箱; 邮政信箱; hộp thư bưu
        """,
    ),
    (
        "zip",
        """
        zip; plz; cap; cep; psč; irsz; cp
        """,
        """
        postal code; postcode; post code; zip; postleitzahl; code postal; código postal; codice
        postale; индекс; почтовый код; 郵便番号; 邮政编码; 郵遞區號; 邮编; mã bưu; mã zip; kod pocztowy;
        postnummer; postinumero; irányítószám; posta kodu; індекс; 우편
        """,
    ),
    (
        "fax",
        """
        fax
        """,
        """
        telecop; télécop; telefax; факс; ファックス; fakusu; 传真; 傳真; faks; 팩스
        """,
    ),
    (
        "pager",
        "",
        """
        pager; пейджер; ポケットベル; 寻呼; 呼叫器; máy nhắn tin; radiomessag; buscapersonas; cercapersone;
        semafoon; localizador; 호출기
        """,
    ),
    (
        "email",
        """
        mail
        """,
        """
        e mail; email; courriel; adresse électronique; messagerie; adresse de courrier; courrier elec; correo; posta
        elettronica; почт; メール; 邮件; 邮箱; 電子郵件; 電郵; thư điện tử; hộp thư; sähköposti; e posta;
        eposta; e post; 이메일; 메일; пошт
        """,
    ),
    (
        "mobile",
        """
        gsm; handy; cell; natel
        """,
        """
        mobil; cellul; cell phone; móvil; portable; di động; мобил; мобіл; переносной; сотов; 携帯;
        移动电话; 手机; 行動電話; 手機; telemóvel; celular; matkapuhelin; komórk; cep telefon; 휴대; 핸드폰
        """,
    ),
    (
        "phone",
        """
        tel; tél; phone; sđt; fon; tlf
        """,
        """
        phone; telefon; téléphone; teléfono; telefoon; телефон; 電話; 电话; điện thoại; puhelin; đt ;
        전화
        """,
    ),
    (
        "website",
        """
        web; url; www; homepage; website
        """,
        """
        web page; webpage; web site; webseite; page web; página web; pagina web; sitio web; веб;
        网页; 網頁; 网站; trang web; web ページ; ウェブ; hemsida; weboldal; honlap; strona internetowa; 웹
        """,
    ),
    (
        "state",
        "",
        """
        bundesland; distrito federal; pays état
        """,
    ),
    (
        "country",
        """
        country; land; pays; país; kraj; maa; nước; ország; ülke; paese
        """,
        """
        country; nazione; стран; країна; 国; 國; quốc gia; zem; nazione; 국가
        """,
    ),
    (
        "state",
        """
        state; region; région; kanton; dép; bang; fylke; län
        """,
        """
        bundesland; province; provincia; província; estado; distrito federal; stato provincia;
        область; регион; 都道府県; 省; 州; tỉnh; województwo; megye; kraj województwo; county; 시 도
        """,
    ),
    (
        "city",
        """
        city; ort; stadt; town; ville; stad; plaats; poststed; şehir; miasto; kaupunki; huyện; población
        """,
        """
        locality; ciudad; città; cidade; localidade; localidad; woonplaats; город; місто; 市; 区;
        城市; thành phố; város; město; 구 군
        """,
    ),
    (
        "street",
        """
        street; rue; via; calle; rua; straat; gata; gate; vej; ulica; utca; phố; domicilio
        """,
        """
        street; straße; strasse; address; adresse; anschrift; dirección; direccion; endereço;
        indirizzo; adres; улица; адрес; вулиця; 番地; 住所; 町; 街道; 地址; đường; địa chỉ; adress;
        katuosoite; osoite; cím; adresa; cadde; adres; 주소; 번지
        """,
    ),
)
_PLACES = (
    (
        "home",
        """
        home; dom; ab; hem; koti; casa; thuis; huis; ev
        """,
        """
        privat; privé; domicil; personnel; personal; particular; abitazion; residenc; residenz; проживан; дом; 自宅;
        住宅; 家庭; 家里; nhà; domow; otthon; 자택; 집
        """,
    ),
    (
        "other",
        """
        other; otro; otra; altro; altra; outro; outra; autre; ander; inny; inna; inne; annan;
        muu; egyéb; jiný; diğer; khác
        """,
        """
        weiter; другой; друг; その他; 其他; 其它; 기타; overig
        """,
    ),
    (
        "work",
        """
        work; job; arbete; arbeid; työ; praca; iş; werk; uff
        """,
        """
        business; office; geschäft; dienstlich; bureau; professionnel; trabajo; laboral; ufficio; lavoro;
        comercial; trabalho; zakelijk; раб; служ; 勤務先; 会社; 商务; 商務; 公司; 单位; cơ quan; công ty;
        doanh nghiệp; kinh doanh; làm việc; firm; société; compañía; empresa; društ; służbow;
        munkahely; робоч; служб; 회사; 근무처; company
        """,
    ),
)
# Of whom the column is, where a program exports several kinds of records: Person - Name
_OF_WHOM = re.compile(r"^(?:person|contact|people|kontakt|liên hệ)\s*[-–—:.]\s*", re.IGNORECASE)
_HUMP = re.compile(r"(?<=[a-z])(?=[A-Z])")
_MAIN = re.compile(r"\b(?:main|primary|haupt\w*|principal\w*|основн\w*|chinh)\b|代表|主要")
_GOOGLE = re.compile(
    r"(e mail|phone|website) (\d+) (value|type|label)$"
    r"|(address|relation|event|custom field|im|organization) (\d+) (.+)$"
)


def _words(text):
    return [fold(word) for word in text.split(";") if fold(word)]


def _spelled(text):
    """Return the words of ``text`` in small letters, with their accents."""
    return " ".join(re.findall(r"\w+", text.lower()))


def _both(text):
    """Return the words as they are spelled and without accents."""
    return list(dict.fromkeys([*_words(text), *filter(None, map(_spelled, text.split(";")))]))


_LOOKUP = {word: target for target, text in _WHOLE.items() for word in reversed(_words(text))}
# an "alias" that two targets share belongs to the one that stands first
_LOOKUP.update(dict.fromkeys(_words(_WHOLE["given"]), "given"))
_BESIDE_WORDS = _words(_BESIDE)
_NO_ADDRESS_WORDS = _words(_NO_ADDRESS)
_ABOUT_WORDS = _words(_ABOUT)
_SPLIT_KINDS = [(kind, frozenset(_both(words)), _both(parts)) for kind, words, parts in _KINDS]
_SPLIT_PLACES = [(place, frozenset(_both(words)), _both(parts)) for place, words, parts in _PLACES]
_SPELLED = frozenset(
    _spelled(word) for text in _WHOLE.values() for word in text.split(";") if not word.isascii()
)
# one letter alone is met by chance
_SPELLED_PARTS = [
    word
    for _kind, words, parts in (*_KINDS, *_PLACES)
    for word in map(_spelled, f"{words};{parts}".split(";"))
    if len(word) > 1 and not word.isascii()
]
PARTNER_NAMES = frozenset(_words(_PARTNER))
_TITLE = frozenset({"title"})
# Parts of what dates of birth are called, for the names that are not listed: Geb.-Datum, Born.
_BIRTH = """
    birth; born; bday; geb; naiss; nacim; nasc; рожд; народж; sinh; 誕生; 生日; 生年; 出生; 생일; 출생; födel; født;
    synty; szül; naroz; urodz; doğum; d o b
"""
_BIRTH_WORDS = _words(_BIRTH)
_ENGLISH_BIRTH = ("birth", "born", "bday", "dob", "d o b")
# what Mailchimp writes beside the contacts of an audience
_MAILCHIMP = {"member rating", "optin time", "confirm time", "leid", "euid"}
# "Date of Birth (dd/mm/yyyy)"
_PATTERN = re.compile(r"[(\[]([dmy/.\-\s]+)[)\]]\s*$", re.IGNORECASE)
# what means the first name beside a family name, and the whole name without one
AMBIGUOUS_NAMES = frozenset(
    map(fold, ("nombre", "nome", "tên", "имя", "名", "ad", "jméno", "nom", "nume", "이름", "name"))
)

ADDRESS_PARTS = ("street", "street2", "street3", "city", "state", "zip", "country", "pobox")


def header_target(header):
    """Return what the column of this name holds, or None if the name says nothing.

    >>> [header_target(name) for name in ("Vorname", "Straße geschäftlich 2", "Телефон дом. 2", "自宅の郵便番号")]
    ['given', 'street2.work', 'phone.home', 'zip.home']
    >>> [header_target(name) for name in ("E-mail 1 - Value", "Pays/Région (bureau)", "Di động", "Shoe size")]
    ['email', 'country.work', 'phone.mobile', None]
    >>> [header_target(name) for name in ("workPostalCode", "Person - Organization", "Email Opt Out")]
    ['zip.work', 'company', 'extra']
    """
    key = fold(header)
    if key in _LOOKUP:
        return _LOOKUP[key]
    plain = _HUMP.sub(" ", _OF_WHOM.sub("", header.strip()))
    return _read_header(plain if fold(plain) else header)


def _read_header(header):
    key = fold(header)
    if not key:
        return None
    if key in _LOOKUP:
        return _LOOKUP[key]
    if key in _TITLE:
        return "title"
    if match := _GOOGLE.match(key):
        return _google_target(*filter(None, match.groups()))
    if any(word in key for word in _BESIDE_WORDS):
        return "extra"
    if (match := _PATTERN.search(header)) and _LOOKUP.get(fold(header[: match.start()])) == "birthday":
        return "birthday"
    # tỉnh is a province, but tính and tình are not, nor is cấp Italy's CAP
    spelled = _spelled(header) if header_language([header]) == "vi" else key
    kind = _found(spelled, _SPLIT_KINDS)
    if not kind:
        return None
    if kind in ("email", "phone", "mobile", "fax") and any(_has(key, word) for word in _ABOUT_WORDS):
        return "extra"
    if kind == "email" and any(_has(key, word) for word in _NO_ADDRESS_WORDS):
        return "skip"
    place = _found(spelled, _SPLIT_PLACES)
    number = re.search(r"(?<!\d)([23])(?!\d)", key)
    if kind == "street":
        kind += number[1] if number else ""
    if kind in ADDRESS_PARTS:
        return f"{kind}.{place}" if place else kind
    if kind == "fax":
        return f"fax.{place}" if place else "fax"
    if kind == "mobile":
        return "phone.mobile"
    if kind == "phone":
        if _MAIN.search(key):
            place = "main"
        return f"phone.{place}" if place else "phone"
    return kind


def _found(key, table):
    words = set(key.split())
    for name, whole, parts in table:
        if words & whole or any(_has(key, part) for part in parts):
            return name
    return None


def _has(key, part):
    """Tell whether ``part`` stands in ``key``; several words, and short ones, at the beginning of a word."""
    if " " in part or (len(part) <= 4 and part.isascii()):
        return f" {part}" in f" {key}"
    return part in key


def _google_target(kind, number, part):
    """Return the target of Google's numbered columns; the kinds stand in columns beside them."""
    if part in ("type", "label"):
        return f"label.{kind.replace(' ', '_')}.{number}"
    if kind == "e mail":
        return "email"
    if kind == "phone":
        return f"phone.google{number}"
    if kind == "website":
        return "website"
    if kind == "address":
        parts = {
            "street": "street",
            "city": "city",
            "region": "state",
            "postal code": "zip",
            "country": "country",
            "po box": "pobox",
            "extended address": "street2",
            "formatted": "formatted",
        }
        if part in parts:
            return f"{parts[part]}.google{number}"
        # Dynamics numbers addresses in the same way: Address 1: Street 2, Address 1: ZIP/Postal Code
        base = (header_target(part) or "").partition(".")[0]
        return f"{base}.google{number}" if base in ADDRESS_PARTS else "skip"
    if kind == "organization":
        return {"name": "company", "title": "function", "department": "department"}.get(part)
    return f"extra.{kind.replace(' ', '_')}.{number}" if part == "value" else None


def header_language(headers):
    """Return a language whose people write the family name first, if the headers are in one of them.

    >>> header_language(["Họ", "Tên đệm", "Tên"]), header_language(["First Name"])
    ('vi', '')
    """
    text = " ".join(headers)
    if re.search("[\u3040-\u30ff]", text):
        return "ja"
    if re.search("[\uac00-\ud7af]", text):
        return "ko"
    if re.search("[\u4e00-\u9fff]", text):
        return "zh"
    if re.search("[\u1ea0-\u1ef9]", text):
        return "vi"
    if re.search("vezet[ée]kn|keresztn|születés", text, re.IGNORECASE):
        return "hu"
    return ""


def count_spelled(headers):
    """Return how many names have letters beyond ASCII and are spelled as the programs do.

    >>> count_spelled(["Imię", "Imiê", "姓", "Email", "Straße geschäftlich"])
    3
    """
    count = 0
    for header in headers:
        key = _spelled(compose(header))
        if not key.isascii():
            count += key in _SPELLED or any(part in key for part in _SPELLED_PARTS)
    return count


def may_be(header, target):
    """Tell whether a column of a name that says nothing may have what its values look like, beside others that do.

    The date of an order, the address of a salesperson and a bank account look like what contacts have, too.

    >>> may_be("Created on", "birthday"), may_be("Owner", "email"), may_be("Geb.-Datum", "birthday")
    (False, False, True)
    >>> may_be("Work", "phone"), may_be("", "phone")
    (True, True)
    """
    key = fold(header)
    if target == "birthday":
        return any(_has(key, word) for word in _BIRTH_WORDS)
    return not key or (target == "phone" and bool(_place_of(header)))


def _place_of(header):
    """Return the place that is all a name says: Yahoo calls telephone numbers so."""
    return _found(fold(header), _SPLIT_PLACES) if len(fold(header).split()) == 1 else None


def birthday_order(headers, targets):
    """Return the order of day and month that the name of the column of birthdays tells, or None.

    Only programs in English write the month first, and Mailchimp always does: it keeps birthdays as MM/DD.

    >>> birthday_order(["Name", "Date of Birth (mm/dd/yyyy)"], ["name", "birthday"])
    'mdy'
    >>> birthday_order(["Email", "Ngày sinh"], ["email", "birthday"]), birthday_order(["Birthday"], ["birthday"])
    ('dmy', None)
    >>> birthday_order(["Email Address", "Birthday", "MEMBER_RATING"], ["email", "birthday", "skip"])
    'mdy'
    """
    dates = ("birthday", "birth_year")
    header = next((name for name, target in zip(headers, targets, strict=False) if target in dates), "")
    if match := _PATTERN.search(header):
        letters = re.sub(r"[^dm]", "", match[1].lower())
        if "d" in letters and "m" in letters:
            return "dmy" if letters[0] == "d" else "mdy"
    key = fold(header)
    if key == "birthday" and not _MAILCHIMP.isdisjoint(map(fold, headers)):
        return "mdy"
    is_named = header_target(header) in dates or may_be(header, "birthday")
    return "dmy" if is_named and not any(_has(key, word) for word in _ENGLISH_BIRTH) else None
