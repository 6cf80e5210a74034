"""What a video holds beside its pictures and words and is not read: closed captions and further tracks."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import av
from av.sidedata.sidedata import Type

from app.ingest.types import WHOLE_FILE
from model.messages import msg

_COVER = int(av.stream.Disposition.attached_pic)


def further_tracks(container: Any) -> Iterator[dict[str, Any]]:
    """A note where there is more than one track of pictures."""
    videos = [stream for stream in container.streams.video if not int(stream.disposition) & _COVER]
    if len(videos) > 1:
        why = msg(
            "video.more-tracks",
            "The video has {tracks} video tracks; only the first is read.",
            tracks=len(videos),
        )
        yield {"kind": "skipped", "where": WHOLE_FILE, "why": why}


def captioned(frame: Any) -> bool:
    """Whether a frame carries closed captions with text, and not only the padding of an empty channel."""
    for side in frame.side_data:
        if side.type == Type.A53_CC:
            data = bytes(side)
            triples = zip(data[::3], data[1::3], data[2::3], strict=False)
            if any(head & 4 and (one & 0x7F or other & 0x7F) for head, one, other in triples):
                return True
    return False
