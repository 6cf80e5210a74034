"""Hostile videos: playlists and addresses, broken times, no frames, huge frames, boxes with false sizes."""

from __future__ import annotations

import random
import re
import struct
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.files import samples
from tests.hostile.case import Case, flipped, spliced, spread, truncated

_BOX = re.compile(rb"ftyp|moov|mvhd|trak|tkhd|mdia|mdhd|minf|stbl|stsd|stts|stss|stsc|stsz|stco|mdat")


def cases(rng: random.Random, size: int) -> Iterator[Case]:
    """About ``size`` videos."""
    seeds = list(_valid())
    for name, data in seeds:
        yield Case(name, data, "read", "valid")
    yield from _addresses(seeds[0][1])
    yield from _shapes()
    yield from _boxes(rng, seeds[0][1])
    each = max(1, size // (4 * len(seeds)))
    for name, data in seeds:
        ends = [match.start() for match in _BOX.finditer(data)]
        yield from truncated(rng, name, data, rng.sample(ends, min(len(ends), each // 4 + 1)))
        yield from truncated(rng, name, data, spread(rng, len(data), each // 6 + 1))
        yield from flipped(rng, name, data, 2 * each)
        yield from spliced(rng, name, data, rng.choice(seeds)[1], each)


def _valid() -> Iterator[tuple[str, bytes]]:
    kinds = (("a.mp4", "mpeg4"), ("b.mkv", "mpeg4"), ("c.webm", "libvpx"), ("d.avi", "mpeg4"), ("e.mov", "h264"))
    with TemporaryDirectory() as folder:
        for name, codec in kinds:
            yield name, samples.clip(Path(folder) / name, seconds=2, codec=codec).read_bytes()
        turned = samples.rotated_clip(Path(folder) / "turned.mp4", 90, seconds=1)
        yield "turned.mp4", turned.read_bytes()


def _addresses(valid: bytes) -> Iterator[Case]:
    """Contents that would make a player open other files or the network. Some of it is text, and read as that."""
    family, address = "address", b"http://127.0.0.1:9/x.ts"
    playlist = b"#EXTM3U\n#EXTINF:1,\n" + address + b"\n#EXT-X-ENDLIST\n"
    for name in ("list.m3u8", "list.mp4", "list.mkv"):
        yield Case(name, playlist, "refused", family)
    session = b"v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\ns=x\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=video 9 RTP/AVP 96\r\n"
    yield Case("session.sdp", session, "refused", family)
    yield Case("session.mp4", session, "refused", family)
    yield Case("concat.mp4", b"ffconcat version 1.0\nfile /etc/passwd\n", "read", family)
    yield Case("dash.mp4", b'<?xml version="1.0"?><MPD><BaseURL>' + address + b"</BaseURL></MPD>", "read", family)
    yield Case("asx.avi", b"<asx><entry><ref href='" + address + b"'/></entry></asx>", "read", family)
    yield Case("smil.mov", b"rtsptext\r\n" + address, "read", family)
    reference = valid.replace(b"url ", b"urn ")
    yield Case("reference.mp4", reference, "either", family)
    dref = struct.pack(">I", 12 + len(address) + 1) + b"url " + bytes(4) + address + b"\0"
    at = valid.find(b"url ") - 4
    yield Case("data-elsewhere.mp4", valid[:at] + dref + valid[at + 12 :], "either", family)


def _shapes() -> Iterator[Case]:
    with TemporaryDirectory() as folder:
        where = Path(folder)
        yield Case("sound.mp4", samples.audio_only(where / "s.mp4").read_bytes(), "read", "sound")
        yield Case("one-frame.mp4", samples.clip(where / "o.mp4", times=[0.0]).read_bytes(), "read", "few frames")
        gap = samples.clip(where / "g.mp4", times=[0.0, 0.1, 4000.0]).read_bytes()
        yield Case("gap.mp4", gap, "either", "times")
        late = samples.clip(where / "l.mkv", times=[100.0, 100.1, 100.2]).read_bytes()
        yield Case("late.mkv", late, "read", "times")
        wide = samples.clip(where / "w.mkv", times=[0.0], size=(9600, 64), codec="ffv1").read_bytes()
        yield Case("wide.mkv", wide, "either", "huge frames")
        large = samples.clip(where / "h.mkv", times=[0.0], size=(8192, 4608), codec="ffv1").read_bytes()
        yield Case("huge.mkv", large, "either", "huge frames")
        for turn in (180, 270, "absurd"):
            yield Case(
                f"turn-{turn}.mp4",
                samples.rotated_clip(where / "t.mp4", turn, seconds=1).read_bytes(),
                "read",
                "turned",
            )
    yield Case("header.mkv", b"\x1a\x45\xdf\xa3" + bytes(100), "refused", "no frames")
    yield Case("header.mp4", b"\0\0\0\x18ftypisom" + bytes(12), "refused", "no frames")
    yield Case("header.avi", b"RIFF\xff\xff\xff\xffAVI LIST" + bytes(100), "refused", "no frames")
    yield Case("noise.mp4", b"\0\0\0\x18ftypisom" + random.Random(9).randbytes(20_000), "either", "no frames")


def _boxes(rng: random.Random, valid: bytes) -> Iterator[Case]:
    """Every box of an MP4 with a false length, a false count, or missing."""
    for match in _BOX.finditer(valid):
        name, at = match[0].decode(), match.start()
        if at < 4:
            continue
        for lie in (0, 1, 7, 0x7FFFFFFF, 0xFFFFFFFF):
            data = valid[: at - 4] + struct.pack(">I", lie) + valid[at:]
            yield Case(f"box-{name}-{at}-{lie}.mp4", data, "either", "boxes")
        yield Case(f"box-{name}-{at}-gone.mp4", valid[:at] + b"free" + valid[at + 4 :], "either", "boxes")
        data = valid[: at + 8] + rng.randbytes(8) + valid[at + 16 :]
        yield Case(f"box-{name}-{at}-noise.mp4", data, "either", "boxes")
