"""The user's language: our own texts and Qt's, through Qt's translators. The source is in English."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QLibraryInfo, QLocale, QTranslator

from app import i18n, paths

CONTEXT = "Lectern"
_kept: list[QTranslator] = []


def chosen_language(setting: str) -> str:
    """``en`` or ``de``: as it is set, else as the system has it, else English."""
    languages = [setting] if setting != "system" else [name[:2] for name in QLocale.system().uiLanguages()]
    return next((one for one in languages if one in ("en", *available())), "en")


def available() -> tuple[str, ...]:
    """Codes of the languages that ship with Lectern."""
    return tuple(path.stem.partition("_")[2] for path in sorted(paths.resource("translations").glob("lectern_*.qm")))


def install(setting: str) -> str:
    """Use the chosen language from now on, before any widget is made; returns which one it is."""
    language = chosen_language(setting)
    application = QCoreApplication.instance()
    assert application is not None
    for translator in _kept:
        application.removeTranslator(translator)
    _kept.clear()
    i18n.install(None)
    if language == "en":
        return language
    own = QTranslator()
    if not own.load(str(paths.resource("translations", f"lectern_{language}.qm"))):
        return "en"
    qt = QTranslator()
    if qt.load(f"qtbase_{language}", QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)):
        _keep(qt)
    _keep(own)
    locale = QLocale(language)
    name = QLocale.languageToString(locale.language())
    i18n.install(looked_up_in(own), locale.groupSeparator() + locale.decimalPoint(), name)
    return language


def looked_up_in(translator: QTranslator) -> i18n.Translate:
    """What ``app.i18n`` needs of a translator. Qt chooses the plural form by the rules of the language."""

    def translate(text: str, n: int | None) -> str:
        found: str | None = translator.translate(CONTEXT, text, "", -1 if n is None else n)
        return found or ""

    return translate


def _keep(translator: QTranslator) -> None:
    application = QCoreApplication.instance()
    assert application is not None
    application.installTranslator(translator)
    _kept.append(translator)
