"""OpenDocument files, written here part by part in the form in which LibreOffice saves them."""

from __future__ import annotations

import io
import zipfile

from PIL import Image

_NAMES = " ".join(
    f'xmlns:{name}="{address}"'
    for name, address in (
        ("office", "urn:oasis:names:tc:opendocument:xmlns:office:1.0"),
        ("text", "urn:oasis:names:tc:opendocument:xmlns:text:1.0"),
        ("table", "urn:oasis:names:tc:opendocument:xmlns:table:1.0"),
        ("draw", "urn:oasis:names:tc:opendocument:xmlns:drawing:1.0"),
        ("style", "urn:oasis:names:tc:opendocument:xmlns:style:1.0"),
        ("fo", "urn:oasis:names:tc:opendocument:xmlns:xsl-fo-compatible:1.0"),
        ("svg", "urn:oasis:names:tc:opendocument:xmlns:svg-compatible:1.0"),
        ("presentation", "urn:oasis:names:tc:opendocument:xmlns:presentation:1.0"),
        ("dc", "http://purl.org/dc/elements/1.1/"),
        ("xlink", "http://www.w3.org/1999/xlink"),
    )
)
_REMARK = (
    "<office:annotation><dc:creator>Ann Berg</dc:creator><dc:date>2026-05-03T10:00:00</dc:date>"
    "<text:p>{words}</text:p></office:annotation>"
)


def package(kind: str, body: str, styles: str = "", master: str = "", **parts: bytes) -> bytes:
    """An archive with these parts; ``body`` is what is inside of ``office:body``."""
    content = (
        f'<?xml version="1.0" encoding="UTF-8"?><office:document-content {_NAMES}><office:automatic-styles>'
        f"{styles}</office:automatic-styles><office:body>{body}</office:body></office:document-content>"
    )
    page = (
        f'<?xml version="1.0" encoding="UTF-8"?><office:document-styles {_NAMES}><office:master-styles>'
        f"{master}</office:master-styles></office:document-styles>"
    )
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", f"application/vnd.oasis.opendocument.{kind}", zipfile.ZIP_STORED)
        archive.writestr("META-INF/manifest.xml", '<?xml version="1.0"?><manifest/>')
        archive.writestr("content.xml", content)
        archive.writestr("styles.xml", page)
        for name, data in parts.items():
            archive.writestr(name.replace("__", "/"), data)
    return out.getvalue()


def picture() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (400, 300), (200, 30, 30)).save(out, "PNG")
    return out.getvalue()


def letter() -> bytes:
    """A text with headings, lists, a table, a footnote, a comment, tracked changes and hidden words."""
    styles = (
        '<style:style style:name="Secret"><style:text-properties text:display="none"/></style:style>'
        '<style:style style:name="New"><style:paragraph-properties fo:break-before="page"/></style:style>'
        '<text:list-style style:name="L1"><text:list-level-style-number text:level="1" style:num-format="1"/>'
        '<text:list-level-style-number text:level="2" style:num-format="a" text:start-value="3"/></text:list-style>'
    )
    change = (
        '<text:tracked-changes><text:changed-region xml:id="c1"><text:deletion><office:change-info><dc:creator>Ann Berg'
        "</dc:creator></office:change-info><text:p>within ten days</text:p></text:deletion></text:changed-region>"
        "</text:tracked-changes>"
    )
    body = (
        f"<office:text>{change}"
        '<text:h text:outline-level="1">Rental agreement</text:h>'
        '<text:p>The rent is<text:s text:c="2"/>850 EUR<text:note><text:note-citation>1</text:note-citation>'
        "<text:note-body><text:p>Heating not included.</text:p></text:note-body></text:note> a month."
        '<text:change text:change-id="c1"/></text:p>'
        f"<text:p>Payment by the third.{_REMARK.format(words='Which account?')}</text:p>"
        '<text:p>Seen.<text:span text:style-name="Secret">Not to be seen</text:span></text:p>'
        '<text:list text:style-name="L1"><text:list-item><text:p>Keys</text:p><text:list><text:list-item>'
        "<text:p>Front door</text:p></text:list-item></text:list></text:list-item>"
        "<text:list-item><text:p>Cellar</text:p></text:list-item></text:list>"
        '<table:table><table:table-row><table:table-cell table:number-columns-spanned="2"><text:p>Meter readings'
        "</text:p></table:table-cell><table:covered-table-cell/></table:table-row><table:table-row><table:table-cell>"
        "<text:p>Water</text:p></table:table-cell><table:table-cell><text:p>417</text:p></table:table-cell>"
        "</table:table-row></table:table>"
        '<text:p><draw:frame svg:width="4cm"><draw:image xlink:href="Pictures/a.png"/></draw:frame></text:p>'
        '<text:p text:style-name="New">The deposit is 1,700 EUR.</text:p></office:text>'
    )
    master = (
        '<style:master-page style:name="S"><style:footer><text:p>Flat 12</text:p></style:footer></style:master-page>'
    )
    return package("text", body, styles, master, Pictures__a_png=b"", **{"Pictures__a.png": picture()})


def prices() -> bytes:
    """Two sheets with a formula, a comment, merged and repeated cells; the second one is hidden."""
    row = "<table:table-row{about}>{cells}</table:table-row>"
    text = '<table:table-cell office:value-type="string"{about}><text:p>{words}</text:p></table:table-cell>'
    number = (
        '<table:table-cell office:value-type="float" office:value="{value}"><text:p>{shown}</text:p></table:table-cell>'
    )
    total = (
        '<table:table-cell table:formula="of:=SUM([.B2:.B4])" office:value-type="float" office:value="61.5">'
        "<text:p>61.50 €</text:p></table:table-cell>"
    )
    words = f"{_REMARK.format(words='per metre')}<text:p>Rope</text:p>"
    remark = f'<table:table-cell office:value-type="string">{words}</table:table-cell>'
    rows = (
        row.format(about="", cells=text.format(about=' table:number-columns-spanned="2"', words="Price list")),
        row.format(about="", cells=remark + number.format(value="20.5", shown="20.50 €")),
        row.format(
            about=' table:number-rows-repeated="2"',
            cells=text.format(about="", words="Float") + number.format(value="20.5", shown="20.50 €"),
        ),
        row.format(about="", cells=text.format(about="", words="Total") + total),
        row.format(about=' table:number-rows-repeated="1048570"', cells="<table:table-cell/>"),
    )
    other = row.format(about="", cells=text.format(about="", words="Cost 11 €"))
    body = (
        f'<office:spreadsheet><table:table table:name="Prices 2026">{"".join(rows)}</table:table>'
        f'<table:table table:name="Cost" table:style-name="ta2">{other}</table:table></office:spreadsheet>'
    )
    styles = '<style:style style:name="ta2"><style:table-properties table:display="false"/></style:style>'
    return package("spreadsheet", body, styles)


def talk() -> bytes:
    """Two slides, out of order in the file, with notes."""
    slides = (
        '<draw:page draw:name="page1"><draw:frame svg:y="8cm" svg:x="2cm">'
        "<draw:text-box><text:p>Below the title</text:p>"
        '</draw:text-box></draw:frame><draw:frame presentation:class="title" svg:y="1cm" svg:x="2cm"><draw:text-box>'
        "<text:p>Harbour works</text:p></draw:text-box></draw:frame><presentation:notes><draw:frame><draw:text-box>"
        "<text:p>Mention the crane.</text:p></draw:text-box></draw:frame></presentation:notes></draw:page>"
        '<draw:page draw:name="page2"><draw:custom-shape svg:y="2cm" svg:x="2cm">'
        "<text:p>Dredging costs 48,000 EUR</text:p>"
        "</draw:custom-shape></draw:page>"
    )
    return package("presentation", f"<office:presentation>{slides}</office:presentation>")
