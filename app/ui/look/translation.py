"""The person's language: our own texts and Qt's, through Qt's translators. English is what stands in the source."""

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
    """The translations that ship."""
    return tuple(path.stem.partition("_")[2] for path in sorted(paths.resource("translations").glob("lectern_*.qm")))


def install(setting: str) -> str:
    """Speak the chosen language from now on, before any widget is made; which one it is."""
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
    separators = locale.groupSeparator() + locale.decimalPoint()
    i18n.install(lambda text: own.translate(CONTEXT, text) or text, _templates(own), separators)
    return language


def _keep(translator: QTranslator) -> None:
    application = QCoreApplication.instance()
    assert application is not None
    application.installTranslator(translator)
    _kept.append(translator)


def _templates(translator: QTranslator) -> list[tuple[str, str]]:
    """Sentences with numbered places, which are recognised when they come finished."""
    listed = paths.resource("translations", "sentences.txt")
    sources = listed.read_text(encoding="utf-8").split("\0") if listed.exists() else []
    return [(source, target) for source in sources if (target := translator.translate(CONTEXT, source))]
