"""What a question lists: the thing that each row is about, and what is wanted of it. English and German.

``every person with their phone number`` is a person and a phone number; ``number, date and total of all invoices``,
``all invoices with …``, ``for each invoice: …`` and ``each invoice's …`` are the same three fields of an invoice.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from app.chat.extract.names import clean

MAX_TEXT = 1000
_EVERY = (
    r"(?:all(?: of)?(?: the)?|every(?: single)?|each(?: of)?(?: the)?|any|"
    r"alle[nrs]?|jede[nmrs]?|sämtliche[nrs]?|jeweilige[nrs]?)"
)
_WHAT_FOR = r"(?:of|for|from|in|on|per|by|under)"
_WOFUER = r"(?:von|vom|für|zu|zum|zur|aus|bei|je|pro|in|auf|unter)"
_SHORT_WORDS = re.compile(
    r"\b(no|nr|qty|amt|tel|incl|excl|approx|inv|acc|art|bzw|inkl|einschl|ca|etc|usw|st|e\.g|i\.e|z\. ?b)\.",
    re.IGNORECASE,
)
_BULLET = re.compile(r"^\s*(?:[-*•–]|\d{1,2}[.)])\s+")
_GERMAN = re.compile(
    r"\b(?:und|mit|aller?n?|jede[nmrs]?|der|die|das|aus|von|für|liste|erstelle?|tabelle|welche[nrs]?|wie ?viele|zeige?|"
    r"nummern?|datum|betrag|beträge|summen?|preise?|menge|anzahl|namen|ort|kunden?|spalten?|bitte|zähle?)\b|"
    r"[äöüß]|\w(?:nummer|datum|betrag|ung|ungen)\b",
    re.IGNORECASE,
)
_ENGLISH = re.compile(r"\b(?:and|with|all|every|each|the|of|list|table|number|date|amount|from)\b", re.IGNORECASE)

_VERBS = (
    r"list|show|find|extract|collect|enumerate|tabulate|count|tally|make|create|build|draw up|produce|write(?: down)?|"
    r"generate|prepare|compile|put together|pull(?: out| together)?|gather|identify|output|return|export|read(?: out)?|"
    r"get|fetch|"
    r"give|tell|display|provide|capture|record|note|need|want|have|see|know|look for|search for|go through|turn|"
    r"liste|zeige?|finde?|suche?|sammle|gib|nenne?|erstelle?n?|mache?n?|zähle?n?|zaehle?|erfasse?n?|extrahiere?n?|"
    r"schreibe?|fertige?|brauche|benötige|möchte|hätte gern(?:e)?|will|lies|stelle?|ermittle|exportiere?|"
    r"trage?|füge?|lege|packe?|bringe?|fasse?|fülle?|put|enter|fill(?: in)?"
)
_COMMAND = re.compile(
    r"^(?:(?:please|kindly|bitte|hi|hello|hallo|ok|now|then|and|also|so|just|me|us|mir|uns|up|out|down|auf|"
    r"to|into|einmal|mal|here|everything about|"
    r"(?:with )?(?:one|a|a single|(?:je )?eine) (?:row|line|entry|record|zeile) "
    r"(?:per|for (?:each|every)|für jede[nrs]?|pro|je)|"
    r"(?:can|could|would|will) you|i'?d like(?: to)?|i would like(?: to)?|we'?d like(?: to)?|i|we|ich|wir|"
    r"könn(?:en|test|ten) (?:sie|du)|kannst du|"
    r"what(?:'s| is| are| was| were)|which(?: are)?|who are|how many|wie ?viele|was (?:ist|sind)|"
    r"welche[nrs]?|wer sind|sie|alles zu)(?=[\s,])"
    r"|(?:(?:the|die|das) )?(?:following|folgende[ns]?)"
    r"(?: (?:information|data|details|values|things|angaben|daten|werte))?(?=\s*:)|these(?=\s*:)"
    rf"|(?:{_VERBS})(?=\s+[^\s,;])(?!\s+(?:of|and|und|oder|or|price|preis)\b)"
    r"|(?:name|nenne)(?=\s+(?:all|every|each|the|me|any|alle|jede|sämtliche|mir|die)\b))"
    r"[\s,:]*",
    re.IGNORECASE,
)
_TABLE = re.compile(
    r"^(?:(?:a|an|the|one|my|eine?n?|die|der|das)\s+)?(?:(?:short|complete|full|simple|new|neue|vollständige|"
    r"einfache)\s+)?"
    r"(?:table|spreadsheet|list|overview|index|csv(?: file)?|excel(?: file| sheet| table)?|inventory|register|"
    r"tabelle|excel-?tabelle|csv(?:-datei)?|übersicht|uebersicht|aufstellung|liste|auflistung)\b"
    r"(?:\s*(?:of|for|from|out of|listing|containing|showing|that (?:lists|shows|contains|has)|"
    r"with(?:(?: one)? (?:row|line|entry) (?:for|per)(?= each| every))?|mit(?: allem)?|von|aus|für|über|zu|:)\s*"
    r"|(?=\s+(?:all|der|des|jede))\s*|\s*$)",
    re.IGNORECASE,
)
_FORMAT = re.compile(
    r"\s*,?\s*\b(?:as|in|into|to) (?:a |an )?(?:\w+ )?(?:table|spreadsheet|list|csv(?: file)?|excel(?: file| sheet)?|"
    r"json)\b(?! (?:of|with|for))|"
    r"\s*,?\s*\b(?:als|in) (?:einer? |eine )?(?:tabelle|liste|übersicht|csv(?:-datei)?|excel)\b"
    r"(?! mit)|"
    r"\s+(?:(?:zusammen|auf|her)?(?:stellen|listen|führen|suchen|schreiben|zeigen|finden|geben|nennen|machen|sammeln)|"
    r"ausgeben|anzeigen|erstellen|erfassen|extrahieren|heraussuchen|eintragen)(?=\s*(?:[,.!?]|mit\b|$))|"
    r"\s*,?\s*\b(?:sorted|ordered|grouped|arranged|sortiert|geordnet|gruppiert) (?:by|nach)\b.*$",
    re.IGNORECASE,
)
_CONTAINER = re.compile(
    r"(?<!number)(?<!count)(?<!anzahl)\s+(?:from|in|on|of|across|within|throughout|out of|"
    r"(?:that |which )?(?:appear(?:ing|s)?|"
    r"(?:are )?(?:found|mentioned|contained|listed|named|given))(?: (?:in|on))?)\s+"
    r"(?:(?:(?:all|each|every|any|the|these|this|those|that|my|our|attached|whole|entire|given|of|single|following)\s+)*"
    r"(?:pages?|documents?|files?|pdfs?|attachments?|folders?|scans?|papers?|text|videos?|clips?|images?|pictures?)"
    r"|(?:the|this|my|our|attached|that)\s+(?:\w+\s+)?(?:report|contract|book|archive|agreement|letter|file|folder))\b"
    r"|\s+(?:aus|in|im|auf|von|vom|der|des|innerhalb)\s+"
    r"(?:(?:allen?|aller|jede[rmsn]|dem|den|der|des|diese[mnrs]|meine[mnrs]|angehängten|gesamten|ganzen|einzelnen)\s+)*"
    r"(?:seiten?|dokument(?:e[ns]?|s)?|dateien?|pdfs?|anhängen?|ordners?|unterlagen|text|scans?|bildern?|berichts?)\b"
    r"|\s+for each(?: one| of them)?(?=\s*$)"
    r"|\s+(?:(?:that |which )?(?:there are|are there|exist|appear|are (?:mentioned|named|listed|given|found))|gibt es|"
    r"(?:werden |sind )?(?:genannt|erwähnt|aufgeführt)(?: werden| sind)?|kommen vor|vorkommen)\b",
    re.IGNORECASE,
)
_COLUMNS = re.compile(
    r"(?:\b(?:with|mit|having|using)\s+)?(?:\b(?:the|these|following|den|die|folgenden?)\s+)*\b(?:columns?|fields?|headings?|"
    r"headers?|spalten?|felder[n]?|kopfzeilen?)\b\s*(?:are|for|named|called|sind|für|namens)?[\s:]+(?=\S)",
    re.IGNORECASE,
)
_WITH = re.compile(
    r"\s*,?\s*(?:\b(?:along with|together with|with|including|showing|containing|listing|stating|incl|"
    r"and (?:for each(?: one| of them)?|(?:the )?(?=(?:its|their|his|her)\b)|"
    r"the (?:corresponding|respective|associated))|"
    r"jeweils mit|zusammen mit|mit|samt|inklusive|einschließlich|nebst|inkl|einschl|"
    r"(?:und|sowie) (?=(?:deren|dessen|ihre[mnrs]?|seine[mnrs]?|jeweilige[nrs]?|"
    r"die jeweilige[nrs]?|zugehörige[nrs]?)\b))"
    r"(?!\w))\s*:?\s*",
    re.IGNORECASE,
)
_FOR_EACH = re.compile(
    rf"^(?:{_WHAT_FOR}\s+{_EVERY}|{_WOFUER}\s+(?:alle[nr]?|jede[nmrs]?|sämtliche[nr]?)|per|pro|je)\s+"
    r"(?P<thing>[^,:]{2,60}?)"
    r"(?:\s*[,:]\s*|\s+(?=(?:give|list|show|extract|get|write|the|its|their|what|please|tell|i need|i want|"
    r"die|der|das|den|bitte|jeweils|ihre[nmrs]?)\b))(?P<rest>\S.*)$",
    re.IGNORECASE,
)
_FOR_EACH_NOUN = re.compile(
    rf"^(?i:{_WOFUER}\s+(?:alle[nr]?|jede[nmrs]?|sämtliche[nr]?)|pro|je)\s+(?P<thing>(?:[a-zäöü]+\s+)*[A-ZÄÖÜ][\w-]+)\s+"
    r"(?P<rest>[A-ZÄÖÜ]\S.*)$"
)
_THEN = re.compile(
    r"^(?P<thing>[^,:;]{2,80}?)\s*,?\s+(?:and|und|then|dann)\s+(?:then\s+|dann\s+)?"
    rf"(?:{_VERBS})\s+(?!price|preis)(?P<rest>[^\s,].*)$",
    re.IGNORECASE,
)
_OF_EVERY = re.compile(
    rf"^(?P<rest>.{{2,300}}?)\s+(?:{_WHAT_FOR}\s+{_EVERY}|aller|jede[rs]|sämtlicher|"
    rf"{_WOFUER}\s+(?:den |der )?(?:alle[nr]?|jede[nmrs]?|sämtliche[nr]?))\s+(?P<thing>.{{2,200}})$",
    re.IGNORECASE,
)
_PER = re.compile(
    r"^(?P<rest>.{2,300}?)\s+(?P<by>per|by|pro|je|nach)\s+"
    r"(?!(?:unit|item|piece|hour|day|week|month|year|person|head|night|kg|litre|stück|stunde|tag|woche|monat|jahr|kopf|nacht|"
    r"quadratmeter|square)\b)(?P<thing>.{2,200})$",
    re.IGNORECASE,
)
_OF_THE = re.compile(
    r"^(?P<rest>.{2,300}?)\s+(?:(?:of|for|from) (?:the|these|my|our)|der|des|von den|der einzelnen)\s+"
    r"(?P<thing>[^,;]{2,80})$",
    re.IGNORECASE,
)
_NOT_BEFORE_OF = re.compile(r"\b(?:number|count|anzahl|with|mit|is|are|was|ist|sind|war|wird)$", re.IGNORECASE)
_OWNER = re.compile(
    rf"^(?:{_EVERY}\s+|the\s+)?(?P<thing>[\w -]{{2,60}}?)(?:['’]s|s['’])\s+(?P<rest>\S.*)$", re.IGNORECASE
)
_AFTER_THING = re.compile(
    rf"^(?P<thing>(?:{_EVERY}\s+)?[\w -]{{2,60}}?)\s*(?:[:–—]|\s-\s|\()\s*(?P<rest>[^()]*?[,;/&+]?[^()]*?)\)?$",
    re.IGNORECASE,
)
_NOTHING = re.compile(
    r"(?:everything|anything|something|things?|them|it|those|these|who|one|alles|wer|das|dies|ones?|data|information|"
    r"details|angaben|informationen)",
    re.IGNORECASE,
)
_CUT = re.compile(
    r"(?:\s+|\s*,\s*)(?:here|there|hier|in|on|at|from|for|of|by|over|under|between|since|before|after|above|below|"
    r"without|to|"
    r"that|which|who|whose|where|when|are|is|were|was|have|has|do|does|if|"
    r"aus|auf|im|am|an|von|vom|für|bei|seit|vor|nach|ab|über|unter|ohne|der|die|das|des|den|dem|zu|zum|zur|"
    r"sind|ist|wurden?|waren?|werden|haben|hat)\b.*$",
    re.IGNORECASE,
)
_SPLIT = re.compile(
    r"\s*(?:[,;|\t]|\s/\s|\s\+\s|\band/or\b|\band\b|\bund\b|\bplus\b|\bsowie\b|\bas well as\b|\balong with\b|&|"
    r"\btogether with\b|\bbzw\b|\bwie auch\b|\bincluding\b)\s*",
    re.IGNORECASE,
)
_POSSESSIVE = re.compile(r"(?:its|their|his|her|ihre?[mnrs]?|seine?[mnrs]?|deren|dessen)\b", re.IGNORECASE)
_BRACKETS = re.compile(r"[(\[][^()\[\]]{0,200}[)\]]")
_SHARED = (
    "datum", "betrag", "name", "nummer", "preis", "summe", "adresse", "ort", "tag", "zeit", "wert", "menge", "anzahl",
    "steuer", "kosten", "gewicht", "satz", "beginn", "ende", "frist", "art", "stadt", "konto", "gebühr",
)  # fmt: skip
_PAIRS = (
    "first last middle given family", "start end", "unit total", "net gross", "billing shipping delivery postal",
    "old new", "issue due", "opening closing", "min max minimum maximum", "home work", "debit credit", "input output",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Phrase:
    """``thing`` is what a row is about, in the question's words and perhaps empty; ``fields`` are wanted of it."""

    thing: str
    fields: tuple[str, ...]
    german: bool


def read_phrase(text: str) -> Phrase:
    """What ``text`` lists: of several sentences the first one that lists fields, with the first thing that is named."""
    lines = [_BULLET.sub("", line).strip() for line in text[:MAX_TEXT].replace("\x00", "").splitlines()]
    flat = ""
    for line in filter(None, lines):
        flat += (" " if not flat or flat[-1] in ".:?!;," else ", ") + line
    flat = " ".join(_SHORT_WORDS.sub(lambda short: short[1].replace(".", ""), flat).split())
    german = bool(_GERMAN.search(flat)) and len(_GERMAN.findall(flat)) >= len(_ENGLISH.findall(flat))
    thing, fields = "", tuple[str, ...]()
    for sentence in re.split(r"[.?!]+(?:\s+|$)", flat)[:8]:
        found_thing, found = _read(sentence)
        if found:
            thing, fields = found_thing or thing, found
            break
        thing = thing or found_thing
    return Phrase(thing, fields, german)


def _read(sentence: str) -> tuple[str, tuple[str, ...]]:
    body = _without_command(_CONTAINER.sub("", _FORMAT.sub("", f" {sentence} ")).strip(" ,.:;"))
    if found := _COLUMNS.search(body):
        thing = _thing(_without_command(body[: found.start()].strip(" ,.:;")))
        rest = body[found.end() :]
        return _with_thing(thing, _of_thing(rest) or ("", items(rest)))
    for pattern in (_FOR_EACH_NOUN, _FOR_EACH):
        if found := pattern.match(body):
            return _thing(found["thing"]), items(_without_command(found["rest"]))
    if found := _THEN.match(body):
        return _thing(found["thing"]), items(_without_command(found["rest"]))
    if said := _of_thing(body):
        return said
    if found := _OWNER.match(body):
        return _thing(found["thing"]), items(found["rest"])
    if found := _WITH.search(body):
        before, after = body[: found.start()], body[found.end() :]
        if not before:
            return _read_plain(after)
        several = items(before)
        thing, fields = _with_thing(_thing(before) if len(several) < 2 else "", _of_thing(after) or ("", items(after)))
        return thing, (*(several if len(several) > 1 else ()), *fields)
    return _read_plain(body)


def _read_plain(body: str) -> tuple[str, tuple[str, ...]]:
    found = _AFTER_THING.match(body)
    if found and len(items(found["thing"])) == 1 and len(items(found["rest"])) > 1:
        return _thing(found["thing"]), items(found["rest"])
    several = items(body)
    if len(several) > 1 and _POSSESSIVE.match(several[1]) and not _POSSESSIVE.match(several[0]):
        return _thing(several[0]), several[1:]
    return ("", several) if len(several) > 1 else (_thing(body), ())


def _of_thing(body: str) -> tuple[str, tuple[str, ...]] | None:
    """``number and date of all invoices``; ``None`` for other wordings."""
    for pattern, least in ((_OF_EVERY, 1), (_PER, 1), (_OF_THE, 2)):
        found = pattern.match(body)
        if not found or _WITH.search(found["rest"]):
            continue
        fields = items(found["rest"])
        if _NOT_BEFORE_OF.search(found["rest"]) and (len(fields) == 1 or pattern is not _OF_EVERY):
            continue
        if len(fields) == 1 and found.groupdict().get("by") in ("by", "nach"):  # expenses by date, category and amount
            return _thing(found["rest"]), items(found["thing"])
        if len(fields) >= least:
            return _thing(found["thing"]), fields
    return None


def _with_thing(thing: str, found: tuple[str, tuple[str, ...]]) -> tuple[str, tuple[str, ...]]:
    return thing or found[0], found[1]


def _without_command(body: str) -> str:
    while (shorter := _TABLE.sub("", _COMMAND.sub("", body, count=1), count=1)) != body:
        body = shorter.strip(" ,:;")
    return body


def _thing(words: str) -> str:
    """The noun with what is before it."""
    words = re.split(_WITH, words)[0]
    found = clean(_CUT.sub("", clean(words)))
    return "" if _NOTHING.fullmatch(found) else found


def items(listed: str) -> tuple[str, ...]:
    """``a, b and c`` as three; what is in brackets stays together, and halves get the whole's end."""
    kept: list[str] = []

    def keep(found: re.Match[str]) -> str:
        kept.append(found[0])
        return f"\x00{len(kept) - 1}\x00"

    parts = _SPLIT.split(_BRACKETS.sub(keep, listed))
    parts = [re.sub(r"\x00(\d+)\x00", lambda found: kept[int(found[1])], part).strip() for part in parts]
    found = [part for part in parts if clean(part)]
    for place, part in enumerate(found[:-1]):
        if (whole := _whole(clean(part), clean(found[place + 1]))) != clean(part):
            found[place] = whole
    return tuple(found)


def _whole(part: str, after: str) -> str:
    """``Netto-`` before ``Bruttobetrag`` is the Nettobetrag; ``first`` before ``last name`` the first name."""
    if part.endswith("-"):
        end = next((end for end in _SHARED if after.casefold().endswith(end)), "")
        return f"{part[:-1]}{end}"
    words = after.casefold().split()
    if len(words) == 2 and any(part.casefold() in pair.split() and words[0] in pair.split() for pair in _PAIRS):
        return f"{part} {words[1]}"
    return part
