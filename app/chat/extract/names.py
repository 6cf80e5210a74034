"""A column out of the words that name it: ``the invoice dates (as printed)`` is a date called ``invoice_date``.

English and German, by their nouns: the last one of an English label and the end of a German compound tell what a value
is. What no rule knows is text, which holds anything.
"""

from __future__ import annotations

import re

from app.chat.extract.schema import Column, ColumnType, SchemaError, check_name

_DETERMINER = re.compile(
    r"^(?:(?:the|a|an|its|their|his or her|his/her|his|her|our|my|your|all|every|each|any|some|"
    r"both|also|then|respective|corresponding|"
    r"individual|exact|associated|following|single|different|various|other|"
    r"which|what(?:'s| is| are| was| were| it| they)?|"
    r"der|die|das|den|dem|des|ein(?:e[mnrs]?)?|alle[mnrs]?|jede[mnrs]?|sämtliche[mnrs]?|ihre?[mnrs]?|seine?[mnrs]?|"
    r"deren|dessen|jeweils|jeweilige[mnrs]?|(?:da)?zugehörige[mnrs]?|genaue[mnrs]?|einzelne[mnrs]?|auch|"
    r"verschiedene[mnrs]?|folgende[mnrs]?|welche[mnrs]?|"
    r"of|with|for|mit|von|zum|zur)(?:\s+|$)|['\"“”„‘’`*]+|\d+\s+(?=\w))",
    re.IGNORECASE,
)
_TAIL = re.compile(
    r"(?:\s+(?:if (?:any|available|present|given|known|there is one)|where (?:given|available|present|known)|"
    r"when (?:given|available)|each|respectively|too|as well|etc|falls (?:vorhanden|angegeben|bekannt)|"
    r"(?:so|wo) (?:vorhanden|angegeben)|jeweils|usw|auf|heraus|an|zusammen|"
    r"please|bitte|here|hier|ein|aus|ab|vor|mentioned|named|listed|referenced|"
    r"found|shown|involved|cited|discussed|present|genannten?|erwähnten?)|['\"“”„‘’`*\s.:?!;,]+)$",
    re.IGNORECASE,
)
_LONGEST_TAIL = 60
_CLAUSE = re.compile(
    r"\s+(?:that|which|who|whose|(?:on|in|for|by|at|to|of|from) (?:which|whom)|where|when|"
    r"over|above|below|under|exceeding|between|more than|less than|at least|greater than|"
    r"are|is|was|were|have|has|had|sind|ist|wurden?|werden|haben|hat|"
    r"über|unter|mehr als|weniger als|mindestens|größer als)\s+.*$",
    re.IGNORECASE,
)
_ASIDE = re.compile(r"\s+(?:in|on|from|at|as|aus|auf|im|am|als|laut)\s+\S.*$", re.IGNORECASE)
_CLAUSE_ONLY = re.compile(
    r"^(?:(?:on|in|for|by|at|to|of|from) )?(?:which|whom|that)\b|"
    r"^(?:(?:an|in|auf|zu|von|mit|für|bei|aus) )?(?:dem|der|denen|die|das|den)\b.*\b"
    r"(?:wurden?|wird|werden|ist|sind|hat|haben|steht|stehen|waren?|worden)$",
    re.IGNORECASE,
)
_WHETHER = re.compile(
    r"^(?:whether|if|ob)\s+(?:(?:or not|it|they|he|she|there|es|sie|er|this|diese[rs]?)\s+)*"
    r"(?:(?:is|was|are|were|has been|have been|has|have)\s+)?(?:(?:a|an|eine?n?)\s+)?(.+?)"
    r"(?:\s+(?:ist|sind|wurden?|waren?|worden ist|hat|or not|oder nicht))?$",
    re.IGNORECASE,
)
_OR_NOT = re.compile(r"^(.+?)\s+(?:or not|yes/no|y/n|oder nicht|ja/nein|ja oder nein|yes or no)$", re.IGNORECASE)
_THEM = r"(?:(?:it|they|he|she|this|that|each)\s+)?"
_VERB = rf"{_THEM}(?:(?:is|was|are|were|has been|have been|do|does|did)\s+)?{_THEM}"
_QUESTIONS: tuple[tuple[str, str, ColumnType], ...] = (
    (rf"^when\b\s*{_VERB}(.*)$", "{} date", "date"),
    (r"^how much\b.*$", "amount", "number"),
    (r"^how old\b.*$", "age", "integer"),
    (r"^how long\b.*$", "duration", "string"),
    (r"^how (?:high|large|big|expensive)\b.*$", "amount", "number"),
    (r"^wie (?:hoch|teuer|groß)\b.*$", "betrag", "number"),
    (r"^how many\s+(\w+).*$", "number of {}", "integer"),
    (rf"^who\b\s*{_VERB}(signed|wrote|sent|paid|issued|approved|made|bought|sold)\b.*$", "{} by", "string"),
    (r"^(?:by |to |from |with )?whom?\b.*$", "name", "string"),
    (r"^what\b.*\bcosts?$|^(?:it|they) costs?$", "price", "number"),
    (r"^was\b.*\bkoste(?:t|n)\b.*$", "preis", "number"),
    (r"^where\b.*$", "place", "string"),
    (r"^wann\b.*$", "datum", "date"),
    (r"^wie ?viel\b.*$", "betrag", "number"),
    (r"^wie ?viele\s+(\w+).*$", "anzahl {}", "integer"),
    (r"^(?:wer|wem|wen)\b.*$", "name", "string"),
    (r"^wo\b.*$", "ort", "string"),
)
_ASKING = tuple((re.compile(pattern, re.IGNORECASE), made, kind) for pattern, made, kind in _QUESTIONS)
_TYPE_WORDS: dict[str, ColumnType] = {
    "date": "date", "datum": "date", "number": "number", "zahl": "number", "text": "string", "yes/no": "boolean",
    "ja/nein": "boolean", "yes or no": "boolean", "ja oder nein": "boolean", "true/false": "boolean",
}  # fmt: skip
_SHORT = {
    "no": "number", "nr": "nummer", "num": "number", "nos": "numbers", "qty": "quantity", "amt": "amount",
    "#": "number", "dob": "date of birth", "tel": "phone", "addr": "address", "desc": "description",
}  # fmt: skip
_ALREADY_THERE = re.compile(
    r"(?:pages?|page (?:numbers?|no|nos|references?)|number of the page|source(?: page)?|files?|file ?names?|"
    r"seiten?|seiten(?:zahl|nummer|angabe)(?:en|n)?|fundstellen?|dateien?|dateinamen?)",
    re.IGNORECASE,
)
"""Every row has its document and its page anyway."""
_LONGEST_LABEL = 6
_HEAD = re.compile(r"\s+(?:of|per|for|by|before|after|without|including|excluding|von|pro|je|ohne|inkl|vor|nach)\s+")

_AFTER_NOUN = re.compile(
    r"(?:due|paid|issued|payable|received|signed|owed|sold|ordered|requested|outstanding|charged|billed|invoiced|"
    r"included|incl|excl|net|gross)"
)
_DATE = re.compile(
    r"(?:\w*dates?|deadline|\w*days?|birthday|due|expiry|expiration|until|since|\w*datum|frist|\w*fälligkeit|fällig|"
    r"termin|(?:geburts|stich|liefer|zahl|kauf|buchungs|prüf|bestell|fälligkeits)?tag|start|end|\w*beginn|"
    r"(?:vertrags|laufzeit|miet)?ende)"
)
_NUMBER = re.compile(
    r"(?:amounts?|(?:sub|grand)?totals?|sum|price|costs?|value|fees?|balance|net|gross|vat|tax|discount|salary|wages?|"
    r"rent|rate|percentage|percent|weight|height|length|width|area|distance|temperature|revenue|profit|turnover|income|"
    r"premium|deposit|credit|debit|score|charges?|interest|budget|turnover|"
    r"\w*(?:betrag|summe|preis|kosten|wert|gebühr|saldo|steuer|rabatt|gehalt|lohn|miete|steuersatz|zinssatz|prozentsatz|"
    r"stundensatz|gewicht|länge|breite|fläche|umsatz|gewinn|prämie|entgelt|honorar|netto|brutto|prozent|temperatur)|"
    r"(?:rechnungs)?höhe|mwst|ust|skonto|zinsen|zins|kaution|guthaben|gesamt|provision|einkommen|\w*beitrag|verbrauch)"
)
_INTEGER = re.compile(
    r"(?:quantity|count|age|year|\w*anzahl|\w*menge|stückzahl|stück|teilnehmerzahl|personenzahl|alter|\w*jahr)"
)
_BOOLEAN = re.compile(
    r"(?:paid|unpaid|signed|approved|accepted|rejected|cancelled|canceled|active|valid|completed?|refundable|mandatory|"
    r"bezahlt|unterschrieben|unterzeichnet|genehmigt|erledigt|storniert|gültig|aktiv|abgelehnt|vorhanden)"
)
_COUNTED = re.compile(r"(?:number|count|anzahl)(?: of| der| von)? \w+")

_IRREGULAR = {
    "people": "person", "persons": "person", "children": "child", "men": "man", "women": "woman", "buses": "bus",
    "criteria": "criterion", "analyses": "analysis", "statuses": "status", "indices": "index",
}  # fmt: skip
_SAME = {
    "terms", "details", "goods", "contents", "savings", "proceeds", "news", "series", "species", "hours", "minutes",
    "costs", "wages", "sales", "means", "kurs", "zins", "its", "gps", "sms", "vis", "conditions", "remarks",
    "notes", "comments",
}  # fmt: skip
_GERMAN_PLURALS = tuple(
    (re.compile(f"{many}$"), one)
    for many, one in (
        ("ungen", "ung"), ("heiten", "heit"), ("keiten", "keit"), ("schaften", "schaft"), ("ionen", "ion"),
        ("täten", "tät"), ("schriften", "schrift"), ("nummern", "nummer"), ("namens?", "name"), ("trägen?", "trag"),
        ("^daten", "datum"), ("summen", "summe"), ("preisen?", "preis"), ("adressen", "adresse"),
        ("personen", "person"), ("kunden", "kunde"), ("belegen?", "beleg"), ("terminen?", "termin"),
        ("fristen", "frist"), ("^orten?", "ort"), ("werten?", "wert"), ("artikeln", "artikel"),
        ("produkten?", "produkt"), ("gebühren", "gebühr"), ("mengen", "menge"), ("seiten", "seite"),
        ("firmen", "firma"), ("lieferanten", "lieferant"), ("parteien", "partei"), ("städten?", "stadt"),
        ("ländern?", "land"), ("geräten?", "gerät"), ("zeiten", "zeit"), ("raten", "rate"), ("scheinen?", "schein"),
        ("briefen?", "brief"), ("begriffen?", "begriff"), ("angeboten?", "angebot"), ("projekten?", "projekt"),
        ("konten", "konto"), ("mails", "mail"), ("titeln", "titel"), ("(er|el)innen", r"\1in"), ("(er|el)[ns]", r"\1"),
        ("ahlen", "ahl"), ("osen", "ose"), ("([oay])s", r"\1"),
         ("quellen", "quelle"), ("steuern", "steuer"), ("trags", "trag"), ("jekts", "jekt"),
        ("ments", "ment"), ("klauseln", "klausel"), ("fabriken", "fabrik"), ("straßen", "straße"),
        ("dokumenten?", "dokument"), ("medikamenten?", "medikament"), ("patienten", "patient"),
        ("studenten", "student"),
    )
)  # fmt: skip
_JOINED = re.compile(r"(?:ung|heit|keit|schaft|ion|tät|trag|angebot)$")


def column_of(label: str, *, german: bool = False) -> Column | None:
    """The column that ``label`` names; ``None`` where it names none, or one that every table has."""
    label, about = _without_aside(clean(label))
    kind: ColumnType | None = _TYPE_WORDS.get(about.casefold())
    if kind is not None:
        about = ""
    if found := _WHETHER.match(label) or _OR_NOT.match(label):
        about, label, kind = about or " ".join(label.split()), clean(found[1]), "boolean"
    else:
        for pattern, made, asked_kind in _ASKING:
            if found := pattern.match(label):
                about, kind = about or label, asked_kind
                label = made.format(*(group or "" for group in found.groups())).strip()
                break
    if _CLAUSE_ONLY.match(label) or len(label.split()) > _LONGEST_LABEL or _ALREADY_THERE.fullmatch(label):
        return None
    words = _words(label, german=german)
    name = "_".join(words)[:40].strip("_")
    if name == "time":
        name = "time_of_day"  # a column called so is the place in a video
    try:
        check_name(name)
    except SchemaError:
        return None
    return Column(name, kind or type_of(" ".join(words)), about)


def clean(label: str) -> str:
    """Without the little words before and after a noun. ``the`` is not the beginning of ``their``."""
    label = " ".join(label.split())
    while label:
        if found := _DETERMINER.match(label):
            label = label[found.end() :].lstrip()
        elif found := _TAIL.search(label, max(0, len(label) - _LONGEST_TAIL)):
            label = label[: found.start()]
        else:
            break
    return label


def type_of(label: str) -> ColumnType:
    """What a value is, by the noun at the head of a label in lower case."""
    if _COUNTED.fullmatch(label):
        return "integer"
    words = _HEAD.split(label)[0].split()
    if len(words) > 1 and _AFTER_NOUN.fullmatch(words[-1]) and _kind(words[-2]) != "string":
        words.pop()  # the amount that is due
    return _kind(words[-1]) if words else "string"


def _kind(word: str) -> ColumnType:
    kinds: tuple[tuple[ColumnType, re.Pattern[str]], ...] = (
        ("date", _DATE),
        ("integer", _INTEGER),
        ("number", _NUMBER),
        ("boolean", _BOOLEAN),
    )
    return next((kind for kind, words in kinds if words.fullmatch(word)), "string")


def singular(word: str, *, german: bool) -> str:
    """One of what a noun in lower case names several of; the word itself where no rule knows it."""
    if german:
        return next((plural.sub(one, word) for plural, one in _GERMAN_PLURALS if plural.search(word)), word)
    if word in _IRREGULAR:
        return _IRREGULAR[word]
    if word in _SAME or len(word) < 4 or word.endswith(("ss", "us", "is", "eis")) or not word.endswith("s"):
        return word
    if word.endswith("ies") and len(word) > 4:
        return f"{word[:-3]}y"
    return word[:-2] if word.endswith(("sses", "shes", "ches", "xes", "zes")) else word[:-1]


def joined(thing: str, noun: str, *, german: bool) -> str:
    """``invoice`` and ``number`` as one label: ``invoice number``, ``Rechnungsnummer``."""
    if not german:
        return f"{thing} {noun}"
    link = "s" if _JOINED.search(thing) else "n" if thing.endswith("e") else "en" if thing == "person" else ""
    return f"{thing}{link}{noun}"


def _without_aside(label: str) -> tuple[str, str]:
    """The noun, and what a model should know besides: in brackets, a clause, a unit."""
    about = ""
    if found := re.fullmatch(r"([^()\[\]]*?)\s*[(\[]([^()\[\]]*)[)\]]?\s*", label):
        label, about = clean(found[1]), " ".join(found[2].split())
    whole = label
    if not re.match(r"(?:whether|if|ob|when|who|where|how|what|wann|wer|wo|wie|was)\b", label, re.IGNORECASE):
        label = clean(_ASIDE.sub("", _CLAUSE.sub("", label)))
    return label, about or (whole if label != whole else "")


def _words(label: str, *, german: bool) -> list[str]:
    """The words of a name, in lower case; the head in the singular."""
    label = re.sub(r"(?<=[a-zäöü]{3})(?=[A-Z][a-z])", " ", label).lower()
    label = re.sub(r"(\w)-(?=nr\b|nummer|datum|betrag|name\b)", r"\1", label).replace("nr.", "nr")
    label = re.sub(r"(?<=\w)nr$", "nummer", label)
    words = [part for word in re.split(r"[^\w#]+", label) if (part := _SHORT.get(word, word))]
    words = [word for part in words for word in part.split()]
    head = next((place for place, word in enumerate(words) if word in ("of", "per", "for", "von", "pro")), len(words))
    counted = head and words[0] in ("number", "count", "anzahl")
    if head and not counted:
        words[head - 1] = singular(words[head - 1], german=german)
    words = [bare for word in words if (bare := re.sub(r"\W+", "", word))]
    if german and len(words) == 2 and words[1] == "nummer":  # "Rechnung Nr."
        words = [joined(*words, german=True)]
    return words
