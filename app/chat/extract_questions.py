"""Questions that need every page: "list all…", "how many…", "make a table of…", in English and German.

Such a question answered from what happens to be in the context miscounts, so the window offers to go through every
page. The columns that it asks for are guessed from its own words; the person sees and changes them first.
"""

from __future__ import annotations

import re

from app.chat.extract_schema import Column, ColumnType, Schema, SchemaError, check_name

_MOST = 8
_THINGS = r"[^.?!\n]{2,200}"
_LOOK_UP = r"(?!(?:pages|days|weeks|months|years|hours|minutes|percent|euros?|dollars?)\b)"
_LOOK_UP_DE = r"(?!(?:seiten|tage|wochen|monate|jahre|stunden|minuten|prozent|euro)\b)"
"""How many days of notice: one number that stands somewhere, nothing to count."""
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
    )
]
_WITH = re.compile(
    r"\b(?:with|including|showing|columns?|mit|samt|inklusive|spalten?)\b:?\s*"
    r"(?:the|their|its|dem|der|den|ihre[mnr]?|jeweils)?\s*"
    rf"({_THINGS})",
    re.IGNORECASE,
)
_ALL = re.compile(
    r"\b(?:all|every|each|how many|count|table of|list of|list|alle[nrs]?|jede[nrs]?|wie ?viele|sämtliche[nrs]?|"
    r"tabelle (?:aller|der|von))\b\s*(?:of )?(?:the|der|die|den)?\s*([^.?!\n,;:]{2,60}?)"
    r"(?=\s*(?:$|[.?!,;:]|\b(?:with|including|in|on|from|that|which|are|appear|does|do|and|"
    r"mit|samt|aus|auf|die|sind|gibt|und)\b))",
    re.IGNORECASE,
)
_SPLIT = re.compile(r"\s*(?:,|;|\band\b|\bund\b|\bplus\b|&)\s*", re.IGNORECASE)
_SKIP = re.compile(
    r"^(?:the|its|their|a|an|der|die|das|den|dem|ihre[mnr]?|jeweilige[mnrs]?|also|all)\s+", re.IGNORECASE
)
_TYPES: tuple[tuple[ColumnType, str], ...] = (
    ("date", r"\b(\w*date|deadline|day|\w*datum|frist|tag|wann|when)\b"),
    ("number", r"\b(amount|total|sum|price|cost|value|fee|balance|\w*betrag|summe|preis|kosten|wert|gebühr)\b"),
    ("integer", r"\b(quantity|number of \w+|count|anzahl|menge|stückzahl)\b"),
)


def is_everywhere_question(text: str) -> bool:
    """Whether the answer needs every page rather than the best one."""
    text = " ".join(text.split())
    return 0 < len(text) <= 2000 and any(pattern.search(text) for pattern in _EVERYWHERE)


def suggest_schema(text: str) -> Schema:
    """Columns for a question, from its own words; one column ``item`` where they say nothing."""
    text = " ".join(text.split())
    labels: list[str] = []
    if found := _WITH.search(text):
        labels += _SPLIT.split(found[1])
    thing = _ALL.search(text)
    first = _clean(thing[1]) if thing else ""
    if not labels or (first and not any(_same(first, label) for label in labels)):
        labels.insert(0, first)
    columns: dict[str, Column] = {}
    for label in map(_clean, labels):
        name = _name(label)
        if name and name not in columns and len(columns) < _MOST:
            columns[name] = Column(name, _type(label), required=not columns)
    return Schema(tuple(columns.values()) or (Column("item", description="what is asked for", required=True),))


def _clean(label: str) -> str:
    label = label.strip(" \t.?!:\"'")
    while (shorter := _SKIP.sub("", label)) != label:
        label = shorter
    return label


def _same(first: str, label: str) -> bool:
    return bool(set(first.casefold().split()) & set(label.casefold().split()))


def _name(label: str) -> str:
    name = re.sub(r"\W+", "_", label.casefold()).strip("_")[:40]
    try:
        check_name(name)
    except SchemaError:
        return ""
    return name


def _type(label: str) -> ColumnType:
    return next((kind for kind, words in _TYPES if re.search(words, label, re.IGNORECASE)), "string")
