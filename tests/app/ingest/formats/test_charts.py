"""The numbers that charts of office files store."""

from __future__ import annotations

from app.ingest.formats.laid_out.charts import chart_html

_C = "http://schemas.openxmlformats.org/drawingml/2006/chart"


def _side(name: str, values: list[str]) -> str:
    points = "".join(f'<c:pt idx="{place}"><c:v>{value}</c:v></c:pt>' for place, value in enumerate(values))
    return f"<c:{name}><c:numRef><c:numCache>{points}</c:numCache></c:numRef></c:{name}>"


def test_a_chart_is_a_table_of_its_numbers() -> None:
    series = "".join(
        f"<c:ser>{_side('tx', [name])}{_side('cat', ['May', 'June'])}{_side('val', values)}</c:ser>"
        for name, values in (("Ferries", ["14", "0.30000000000000004"]), ("A & B".replace("&", "&amp;"), ["1", "2"]))
    )
    html = chart_html(f'<c:chartSpace xmlns:c="{_C}"><c:bar3DChart>{series}</c:bar3DChart></c:chartSpace>'.encode())
    assert "<td></td><td>May</td><td>June</td>" in html
    assert "<td>Ferries</td><td>14</td><td>0.3</td>" in html and "<td>A &amp; B</td><td>1</td><td>2</td>" in html


def test_what_is_no_chart_is_nothing() -> None:
    for data in (b"", b"<a", b"<a/>", b"<!DOCTYPE a [<!ENTITY b SYSTEM 'file:///etc/passwd'>]><a>&b;</a>"):
        assert chart_html(data) == ""
