"""Names of months and days in the languages that formats ask for, as ``[$-407]`` for German."""

from __future__ import annotations

import re

_ENGLISH = (
    "January February March April May June July August September October November December",
    "Monday Tuesday Wednesday Thursday Friday Saturday Sunday",
)
_NAMES = {
    "de": (
        "Januar Februar März April Mai Juni Juli August September Oktober November Dezember",
        "Montag Dienstag Mittwoch Donnerstag Freitag Samstag Sonntag",
    ),
    "fr": (
        "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
        "lundi mardi mercredi jeudi vendredi samedi dimanche",
    ),
    "es": (
        "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre",
        "lunes martes miércoles jueves viernes sábado domingo",
    ),
    "it": (
        "gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre",
        "lunedì martedì mercoledì giovedì venerdì sabato domenica",
    ),
    "nl": (
        "januari februari maart april mei juni juli augustus september oktober november december",
        "maandag dinsdag woensdag donderdag vrijdag zaterdag zondag",
    ),
    "pt": (
        "janeiro fevereiro março abril maio junho julho agosto setembro outubro novembro dezembro",
        "segunda-feira terça-feira quarta-feira quinta-feira sexta-feira sábado domingo",
    ),
}
_BY_NUMBER = {0x07: "de", 0x0C: "fr", 0x0A: "es", 0x10: "it", 0x13: "nl", 0x16: "pt"}
"""By the lower ten bits of Windows's numbers for languages."""

_ASKED = re.compile(r"\[\$[^\]-]*-([^\],]+)")


def names_for(form: str) -> tuple[list[str], list[str]]:
    """Months and days, from Monday on, in the language that the format asks for, else in English."""
    asked = _ASKED.search(form)
    code = asked[1].casefold() if asked is not None else ""
    numbered = re.fullmatch("[0-9a-f]+", code)
    language = _BY_NUMBER.get(int(code, 16) & 0x3FF, "") if numbered else code[:2]
    months, days = _NAMES.get(language, _ENGLISH)
    return months.split(), days.split()
