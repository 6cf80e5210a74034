"""What things in the viewer are called: the kind of a file, a page's picture, a region and where it is from."""

from __future__ import annotations

from pathlib import Path

from app.chat.evidence.places import Place
from app.i18n import tr
from app.ingest.filekind import Kind
from app.ingest.kinds import KINDS, kind_by_name
from app.session.items import Item
from app.text.times import clock
from app.ui.viewer.regions import Region


def kind_of(item: Item) -> Kind:
    """The kind of a file: as it was read, as it was saved, or by its name."""
    known = item.document.kind if item.document is not None else item.kind
    return known if known in KINDS else kind_by_name(item.path)


def page_name(item: Item, page: int) -> str:
    """A name for a page's picture."""
    stem = Path(item.name).stem[:80]
    return stem if not KINDS[kind_of(item)].paged else f"{stem} {tr('page {number}', number=page)}"


def region_name(item: Item, region: Region) -> str:
    """What a region is called in the list of files."""
    if region.time_s is not None:
        return tr("{name}, part at {time}", name=item.name, time=clock(region.time_s))
    if not KINDS[kind_of(item)].paged:
        return tr("{name}, part", name=item.name)
    if region.box is None:
        return tr("{name}, page {page}", name=item.name, page=region.page)
    return tr("{name}, part of page {page}", name=item.name, page=region.page)


def region_place(item: Item, region: Region) -> Place:
    """Where a region was cut from, so that it can be shown again."""
    document = item.document.content_hash if item.document is not None else item.expected
    return Place(document, region.page, region.time_s, (region.box,) if region.box is not None else ())
