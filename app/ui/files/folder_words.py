"""What is known about a folder, in words: for its card, its list and a screen reader."""

from __future__ import annotations

from app.i18n import number, tr, tr_n, translated
from app.session.folders import Changes, Counts, Entry, Folder, beyond_words
from app.session.items import Items
from app.ui.files.words import summary


def facts(folder: Folder, found: Counts, seen: int | None) -> str:
    """How much there is, and how far reading is. ``seen``: entries so far, while it is looked through."""
    if folder.taken is None and not found.files:
        return tr_n("Looking through it: {n} entry so far…", "Looking through it: {n} entries so far…", seen or 0)
    words = [tr_n("{n} file", "{n} files", found.files)]
    if found.reading:
        words.append(tr("{n} read", n=number(found.read)))
        words.append(tr("{n} queued", n=number(found.reading)))
    elif found.pages:
        words.append(tr_n("{n} page", "{n} pages", found.pages))
    if found.failed:
        words.append(tr_n("{n} not read", "{n} not read", found.failed))
    return " · ".join(words)


def left_out(folder: Folder, found: Counts) -> str:
    """What of the folder is not part of questions, and why."""
    lines = []
    if found.locked:
        lines.append(tr_n("{n} file needs a password", "{n} files need a password", found.locked))
    if broken := found.failed - found.locked:
        lines.append(tr_n("{n} file could not be read", "{n} files could not be read", broken))
    if copies := found.aside - found.taken_out:
        lines.append(tr_n("{n} copy of another file", "{n} copies of other files", copies))
    if found.taken_out:
        lines.append(tr_n("{n} file that you removed", "{n} files that you removed", found.taken_out))
    if found.refused:
        lines.append(tr_n("{n} entry left out", "{n} entries left out", found.refused))
    if found.hidden:
        lines.append(tr_n("{n} hidden entry", "{n} hidden entries", found.hidden))
    listing = folder.taken
    rows = [", ".join(lines), translated(beyond_words(listing)) if listing is not None else ""]
    return "\n".join(one for one in rows if one)


def changed(changes: Changes) -> str:
    """What has changed since its files were taken in; empty where nothing has."""
    parts = []
    if changes.added:
        parts.append(tr_n("{n} new", "{n} new", len(changes.added)))
    if changes.changed:
        parts.append(tr_n("{n} changed", "{n} changed", len(changes.changed)))
    if changes.removed:
        parts.append(tr_n("{n} gone", "{n} gone", len(changes.removed)))
    return tr("Since it was read: {changes}", changes=", ".join(parts)) if parts else ""


def altered(folder: Folder, items: Items) -> str:
    """A remark that files have changed since the conversation was saved."""
    count = sum(item.altered for item in items.in_folder(folder.key))
    if not count:
        return ""
    return tr_n(
        "{n} file has changed since it was attached; earlier answers are based on the older version.",
        "{n} files have changed since they were attached; earlier answers are based on the older versions.",
        count,
    )


def gone(folder: Folder, items: Items) -> str:
    """That it is not there any more, and what can be done all the same."""
    if any(item.document is not None for item in items.in_folder(folder.key)):
        return tr(
            "The folder is no longer where it was ({folder}), or cannot be opened. You can still ask about what was "
            "read of it; to see its pages, put it back, or add it from its new location.",
            folder=folder.path,
        )
    return tr(
        "The folder is no longer where it was ({folder}), or cannot be opened. You can still read the conversation; to "
        "ask more about its files, put it back, or add it from its new location.",
        folder=folder.path,
    )


def standing(entry: Entry) -> str:
    """The state of one file."""
    match entry.standing:
        case "new":
            return tr("New: not read yet")
        case "reading" | "read" if entry.item is not None:
            words = summary(entry.item)
            if entry.missing:
                return tr("{words} · no longer there", words=words)
            return tr("{words} · changed on disk", words=words) if entry.item.stale else words
    return translated(entry.why)


def spoken(entry: Entry) -> str:
    """One line of the list for a screen reader."""
    return f"{entry.name}, {standing(entry)}"
