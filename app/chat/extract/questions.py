"""Questions that need every page: "list all…", "how many…", "make a table of…", in English and German.

Such a question answered from what happens to be in the context miscounts, so the window offers to go through every
page. The columns that it asks for are guessed from its own words; the user sees and changes them first.
"""

from __future__ import annotations

import re
from dataclasses import replace

from app.chat.extract.names import column_of, joined
from app.chat.extract.phrases import read_phrase
from app.chat.extract.schema import Column, Schema

MOST = 8
"""Columns that are suggested; more can be added by hand."""
_LOOK_UP = r"(?!(?:pages|days|weeks|months|years|hours|minutes|percent|euros?|dollars?)\b)"
_LOOK_UP_DE = r"(?!(?:seiten|tage|wochen|monate|jahre|stunden|minuten|prozent|euro)\b)"
"""How many days of notice: a single number in the text, nothing to count."""
_EVERYWHERE = [
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        r"\b(list|show|give me|name|find|collect|extract|enumerate|get)\b[^.?!\n]{0,30}\b(all|every|each)\b",
        r"^\W*(please )?(list|enumerate|tabulate|collect|extract|count)\b",
        r"\b(count|tally)\b (all|every|each|how|the|up)\b",
        rf"\bhow many {_LOOK_UP}",
        r"\b(make|create|build|draw up|give me|as|into|produce|write)\b[^.?!\n]{0,20}"
        r"\b(table|spreadsheet|csv|overview|index)\b",
        r"\b(on|of|from|in) (every|each) page\b|\bevery (single|occurrence|mention|entry)\b",
        r"\b(liste|zähle?|zaehle?|nenne?|zeige?|finde?|suche?|sammle|gib)\b[^.?!\n]{0,30}"
        r"\b(alle[nrs]?|jede[nrs]?|sämtliche[nrs]?)\b",
        r"^\W*(bitte )?(liste|zähle?|zaehle?|erfasse|sammle)\b",
        rf"\bwie ?viele {_LOOK_UP_DE}",
        r"\b(erstelle?|mach(e|en)?|als|in|fertige)\b[^.?!\n]{0,20}\b(tabelle|übersicht|uebersicht|aufstellung)\b",
        r"\bauf (jeder|allen) seiten?\b",
        r"^\W*(all|every|each|alle|jede[nrs]?|sämtliche) \w",
    )
]
_RECORDS = re.compile(
    r"^(?:invoice|bill|receipt|order|transaction|payment|transfer|booking|contract|agreement|letter|delivery"
    r"|shipment|statement|quote|quotation|offer|document|page|file|record|entry|row|line|case|claim|form"
    r"|report|ticket|expense|meeting|event|appointment|visit|trip|flight|session|purchase|refund|voucher|mail"
    r"|email|message|application|note|memo)$"
    r"|(?:rechnung|beleg|quittung|bestellung|zahlung|buchung|überweisung"
    r"|vertrag|brief|lieferung|lieferschein|angebot|auftrag|dokument|seite|eintrag|datei|zeile|formular"
    r"|bericht|gutschrift|antrag|termin|sitzung|besprechung|veranstaltung|besuch|reise|flug|kauf|vorgang|abrechnung|mahnung|nachricht"
    r"|protokoll|bescheid|auszug)$"
)
"""A record that has no name: its number and its date identify it."""
_NUMBERS = ("number", "id", "nummer")
_DATES = ("date", "datum")
_NAMES = re.compile(
    r"(?:(?:full_|first_|last_|given_|family_|vor|nach)?name|title|subject|heading|code|reference|description|label|nummer|titel|bezeichnung|betreff|kennung"
    r"|kennzeichen|aktenzeichen|überschrift|beschreibung)"
)
_STATES = re.compile(
    r"^(?:(?:open|unpaid|paid|overdue|new|old|outstanding|attached|mentioned|named|listed|given|important|existing|"
    r"offene[nr]?|bezahlte[nr]?|unbezahlte[nr]?|überfällige[nr]?|neue[nr]?|alte[nr]?|wichtige[nr]?|vorhandene[nr]?|"
    r"genannte[nr]?|erwähnte[nr]?|angehängte[nr]?|enthaltene[nr]?|\d+)\s+)+",
    re.IGNORECASE,
)


def is_everywhere_question(text: str) -> bool:
    """Whether the answer needs every page rather than the best one."""
    text = " ".join(text.split())
    return 0 < len(text) <= 2000 and any(pattern.search(text) for pattern in _EVERYWHERE)


def suggest_schema(text: str) -> Schema:
    """Columns for a question, from its own words; one column ``item`` where they name none.

    None is required: a row that lacks a required value is left out, and no question asks for that.
    """
    phrase = read_phrase(text)
    thing = column_of(_STATES.sub("", _noun(phrase.thing, german=phrase.german)), german=phrase.german)
    columns: dict[str, Column] = {}
    named = [column for label in phrase.fields if (column := column_of(label, german=phrase.german))]
    owner = thing or _owner(named)
    for column in named:
        column = _of_thing(column, owner, german=phrase.german)
        columns.setdefault(column.name.casefold(), column)
    found = list(columns.values())
    if thing is not None and not (found and _says_which(thing, found)):
        found.insert(0, thing)
    return Schema(tuple(found[:MOST]) or (Column("item", description="what is asked for"),))


def _noun(thing: str, *, german: bool) -> str:
    """German nouns have capitals, and are one word."""
    nouns = [word for word in thing.split() if word[:1].isupper()]
    return (nouns or thing.split() or [""])[-1] if german else thing


def _owner(columns: list[Column]) -> Column | None:
    """What has the number that is asked for: ``invoice number, date, total`` is about invoices."""
    found = (re.fullmatch(r"(.+?)(?:_number|_id|s?nummer)", column.name) for column in columns)
    return next((Column(one[1]) for one in found if one and _RECORDS.search(one[1].split("_")[-1])), None)


def _of_thing(column: Column, thing: Column | None, *, german: bool) -> Column:
    """A number alone is the thing's number, a date the thing's date: only so can it be told from others on a page."""
    if thing is None or column.name not in (*_NUMBERS, *_DATES):
        return column
    label = joined(thing.name.replace("_", " "), column.name, german=german)
    if column.name in _DATES:
        return replace(column, title=label)  # called as the question calls it
    named = column_of(label, german=german)
    return replace(named, description=column.description) if named is not None else column


def _says_which(thing: Column, columns: list[Column]) -> bool:
    """Whether rows can be told apart without a column for the thing itself."""
    noun = thing.name.split("_")[-1]
    if _RECORDS.search(noun):
        return True
    return any(
        _NAMES.fullmatch(column.name) or noun in column.name or _is_its_number(noun, column.name) for column in columns
    )


def _is_its_number(noun: str, name: str) -> bool:
    """``policy_number`` of an insurance policy, ``Kontonummer`` of a Kontoauszug."""
    return name.endswith(("number", "nummer", "_id")) and name.startswith(noun[:4])
