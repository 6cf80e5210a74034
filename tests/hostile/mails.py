"""Hostile mails and web pages: nested without end, with false encodings, full of addresses, cut anywhere."""

from __future__ import annotations

import random
import struct
from collections.abc import Iterator

from tests.app.ingest.formats.mail.outlook_files import attach, compound, mail, offer
from tests.app.ingest.formats.mail.packed_files import in_pieces, inside, packed, sealed, winmail
from tests.hostile.case import Case, flipped, spliced, spread, truncated

_HEAD = b"From: a@example.org\r\nTo: b@example.org\r\nSubject: x\r\nDate: Sun, 3 May 2026 10:00:00 +0200\r\n"
_MAIL = (
    _HEAD
    + b"MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/html\r\n\r\n"
    b"<p>Words <img src=cid:x></p>\r\n--b\r\nContent-Type: image/png\r\nContent-ID: <x>\r\n"
    b"Content-Transfer-Encoding: base64\r\n\r\niVBORw0KGgo=\r\n--b--\r\n"
)
_RICH = (
    rb"{\rtf1\ansi{\fonttbl{\f0 A;}{\f1\fcharset204 B;}}Words {\b bold}\par{\f1\'cf\u8364?}{\footnote n}"
    rb"\trowd\intbl a\cell b\cell\row\pard{\v hidden}{\pict\pngblip 89504e47}}"
)
_PAGE = b"<!DOCTYPE html><html><body><h1>A</h1><p>b <b>c</b></p><table><tr><td>1</td></tr></table></body></html>"


def cases(rng: random.Random, size: int) -> Iterator[Case]:
    """About ``size`` files."""
    yield from _mails()
    yield from _pages()
    yield from _attached()
    yield from _outlook()
    yield from _rich()
    yield from _packed()
    seeds = (("a.eml", _MAIL), ("b.html", _PAGE), ("c.mbox", (b"From a@b Sun May  3 10:00:00 2026\n" + _MAIL) * 3))
    seeds += (("offer.msg", offer()), ("letter.rtf", _RICH))
    seeds += (("winmail.tnef", winmail()), ("signed.eml", sealed(in_pieces(inside()))))
    each = max(1, size // 20)
    for name, data in seeds:
        yield Case(name, data, "read", "valid")
        yield from truncated(rng, name, data, spread(rng, len(data), each))
        yield from flipped(rng, name, data, each)
        yield from spliced(rng, name, data, rng.choice(seeds)[1], each)


def _mails() -> Iterator[Case]:
    family = "mails"
    multipart = b"".join(b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (n, n) for n in range(400))
    yield Case("nested.eml", _HEAD + multipart + b"\nwords", "either", family)
    inner = b"".join(b"Content-Type: message/rfc822\n\n" + _HEAD for _ in range(300))
    yield Case("mails.eml", _HEAD + inner + b"\n\nwords", "either", family)
    yield Case("header.eml", _HEAD + b"X: " + b"=?utf-8?q?a?= " * 20_000 + b"\n\nwords", "either", family)
    yield Case("subject.eml", b"Subject: " + b"=?x?b?" * 3000 + b"\n" + _HEAD + b"\n\nwords", "either", family)
    yield Case("charset.eml", _HEAD + b"Content-Type: text/plain; charset=rot13\n\nwords", "either", family)
    yield Case(
        "zip.eml", _HEAD + b"Content-Transfer-Encoding: x-uuencode\n\nbegin 644 x\n" + b"M" * 999, "either", family
    )
    parts = b"".join(b"--b\nContent-Type: text/plain\n\nx\n" for _ in range(3000))
    yield Case("parts.eml", _HEAD + b"Content-Type: multipart/mixed; boundary=b\n\n" + parts, "read", family)
    external = b'Content-Type: message/external-body; access-type=local-file; name="/etc/passwd"\n\n'
    yield Case("external.eml", _HEAD + external, "either", family)
    yield Case(
        "names.eml",
        _MAIL.replace(b"Content-ID: <x>", b'Content-Disposition: attachment; filename="../../x"'),
        "read",
        family,
    )


def _attached() -> Iterator[Case]:
    family = "attached files"
    head = _HEAD + b"MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n"
    names = (
        b"../../../../etc/cron.d/x",
        b"C:\\\\Windows\\\\x.exe",
        b"a" * 5000,
        b"\x00",
        b"...",
        b"=?utf-8?q?=E2=80=AEgpj.exe?=",
        b"=?x?b?%%%?=",
        b"nul.txt",
    )
    parts = b"".join(
        b'--b\r\nContent-Type: application/octet-stream\r\nContent-Disposition: attachment; filename="'
        + name
        + b'"\r\n\r\nwords\r\n'
        for name in names
    )
    yield Case("names-of-files.eml", head + parts + b"--b--\r\n", "read", family)
    many = b"--b\r\nContent-Disposition: attachment; filename=x\r\n\r\ny\r\n" * 2000
    yield Case("many-files.eml", head + many, "read", family)
    broken = b"--b\r\nContent-Disposition: attachment; filename=x\r\nContent-Transfer-Encoding: base64\r\n\r\n%%%\r\n"
    yield Case("broken-file.eml", head + broken, "read", family)
    inner = b"Content-Type: message/rfc822\r\nContent-Disposition: attachment; filename=m.eml\r\n\r\n"
    yield Case("mail-as-file.eml", head + (b"--b\r\n" + inner + _HEAD) * 30 + b"\r\nwords", "either", family)


def _outlook() -> Iterator[Case]:
    family = "Outlook mails"
    deep = mail("x", "innermost", header=24)
    for _ in range(30):
        outer = mail("x", "words", header=24)
        attach(outer, "inner", deep)
        deep = outer
    top = mail("x", "words")
    attach(top, "inner", deep)
    yield Case("mails-in-mails.msg", compound(top), "either", family)
    packed = struct.pack("<II4sI", 40, 0x7FFFFFFF, b"LZFu", 0) + b"\xff" * 40
    yield Case("packed.msg", compound(mail("x", "", rtf=packed)), "either", family)
    huge = mail("x", "words")
    huge.streams["__properties_version1.0"] = huge.streams["__properties_version1.0"] + b"\xff" * 40_000
    yield Case("properties.msg", compound(huge), "either", family)
    data = offer()
    yield Case("circle.msg", data[:512] + bytes(4) * 128 + data[1024:], "either", family)
    names = mail("x", "words")
    attach(names, "..\\..\\..\\x\0\u202egpj.exe", b"words", "text/\r\nBcc: x")
    yield Case("names.msg", compound(names), "read", family)


def _packed() -> Iterator[Case]:
    family = "mails in mails"
    words = "a" * 70_000
    deep = packed({0x1000: "x"})
    for _ in range(30):
        deep = packed({0x1000: "x"}, ("m", bytes(16) + deep))
    yield Case("deep.tnef", deep, "read", family)
    yield Case(
        "count.tnef",
        packed({0x1000: "x"}).replace(struct.pack("<I", 1) + b"\x1f\0", b"\xff" * 4 + b"\x1f\0"),
        "either",
        family,
    )
    yield Case("long.tnef", winmail()[:-600] + b"\2\x0f\x80\6\0\xff\xff\xff\x7f", "either", family)
    yield Case(
        "names.tnef",
        packed({0x1000: words}, ("../../../x\0y", b"z"), ("", b""), ("\u202egpj.exe", b"z")),
        "read",
        family,
    )
    yield Case("nested-signed.eml", sealed(b"\x30\x80" * 30_000), "either", family)
    signed = inside()
    for _ in range(12):
        signed = sealed(in_pieces(signed))
    yield Case("signed-often.eml", signed, "either", family)
    yield Case("length-signed.eml", sealed(b"\x30\xff" + b"\xff" * 127), "either", family)


def _rich() -> Iterator[Case]:
    family = "rich text"
    yield Case("deep.rtf", b"{\\rtf1 x" + b"{" * 200_000, "read", family)
    yield Case("closed.rtf", b"{\\rtf1 x" + b"}" * 200_000, "read", family)
    yield Case("fonts.rtf", b"{\\rtf1{\\fonttbl" + b"{\\f1\\fcharset128 x;}" * 50_000 + b"}x}", "read", family)
    yield Case("units.rtf", b"{\\rtf1 x" + b"\\u-10179?" * 50_000 + b"}", "read", family)
    yield Case(
        "object.rtf", b"{\\rtf1 x{\\object\\objemb{\\*\\objdata " + b"d0cf11e0" * 90_000 + b"}}}", "read", family
    )
    yield Case("picture.rtf", b"{\\rtf1 x{\\pict\\pngblip " + b"89504e47" * 500_000 + b"}}", "read", family)
    yield Case("cells.rtf", b"{\\rtf1\\intbl " + b"a\\cell " * 60_000 + b"\\row}", "either", family)
    yield Case("bin.rtf", b"{\\rtf1 x\\bin99999999999 y}", "read", family)
    field = b'{\\field{\\*\\fldinst INCLUDETEXT "file:///etc/passwd"}{\\fldrslt x}}'
    yield Case("include.rtf", b"{\\rtf1 " + field + b"}", "read", family)


def _pages() -> Iterator[Case]:
    family = "pages of the web"
    for name, part in (("div", b"<div>"), ("table", b"<table><tr><td>"), ("b", b"<b>"), ("ul", b"<ul><li>")):
        yield Case(f"deep-{name}.html", b"<html><body>" + part * 20_000 + b"x", "either", family)
    yield Case(
        "entities.html", b'<!DOCTYPE html [<!ENTITY a SYSTEM "file:///etc/passwd">]><p>&a; x</p>', "read", family
    )
    yield Case("attributes.html", b"<html><p " + b"a=1 " * 50_000 + b">x", "either", family)
    yield Case("spans.html", b"<html><table><tr><td colspan=99999999 rowspan=-5>x</table>", "read", family)
    yield Case("data.html", b"<html><img src='data:image/png;base64,%%%'><p>x", "read", family)
    yield Case("base.html", b"<html><base href='http://127.0.0.1:9/'><link rel=stylesheet href=x><p>x", "read", family)
    yield Case("frames.html", b"<html><frameset><frame src='file:///etc/passwd'></frameset>", "refused", family)
