"""Pictures, read with Pillow: upright, opaque, 8-bit RGB.

Only the format that the first bytes showed is tried. The size is checked before anything is decoded.
"""

from __future__ import annotations

import base64
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pi_heif
from PIL import Image, ImageFile, ImageOps

from app.ingest.formats.pictures import Spool, SpoolFullError, thumbnail_png, to_budget
from app.ingest.formats.region import cut
from app.ingest.limits import MAX_IMAGE_PIXELS
from app.ingest.sizes import picture_size
from app.ingest.types import WHOLE_FILE, ReadOptions
from model.errors import IngestError
from model.messages import Message, msg
from model.soft_tokens import VISUAL_BUDGETS

_DAMAGED = msg(
    "picture.damaged",
    "The picture is damaged or incomplete and cannot be decoded; try to get it again from its source.",
)
_CUT = msg(
    "picture.cut", "The picture file is incomplete, so part of it is missing; try to get it again from its source."
)
_SHOWN_CUT = ("JPEG", "PNG", "BMP")
"""Formats whose pixels are stored from top to bottom, so that an incomplete file still shows its upper part."""

_MEGAPIXELS = MAX_IMAGE_PIXELS // 1_000_000
_WIDE = {"I", "I;16", "I;16B", "I;16L", "I;16N"}


def read_image(path: Path, form: str, options: ReadOptions, spool: Spool, start: int) -> Iterator[dict[str, Any]]:
    """The messages that describe a picture: a document of one page. Raises ``IngestError``."""
    yield {"kind": "opened", "total": 1, "unit": "page", "duration": None}
    image, notes = load_image(path, form)
    for note in notes:
        yield {"kind": "skipped", "where": WHOLE_FILE, "why": note}
    budget, reason = image_budget(image.height, image.width)
    if options.budget is not None:
        budget, reason = options.budget, msg("picture.budget-asked", "Read at the image detail that you chose.")
    try:
        picture = spool.store(to_budget(image, budget), budget)
    except SpoolFullError:
        raise IngestError(
            msg("spool.full-disk", "The temporary folder has no room for more pictures; free some disk space.")
        ) from None
    yield {
        "kind": "page",
        "number": 1,
        "width": image.width,
        "height": image.height,
        "blocks": [],
        "state": "image",
        "reason": reason,
        "hidden": 0,
        "recognition": "waiting",
        "picture": picture,
    }
    yield {"kind": "thumbnail", "png": base64.b64encode(thumbnail_png(image)).decode("ascii")}


def part_of_image(path: Path, form: str, request: dict[str, Any]) -> tuple[Image.Image, None]:
    """The part that ``request`` names, for a closer look. Raises ``IngestError``."""
    return to_budget(cut(load_image(path, form)[0], tuple(request["box"])), request["budget"]), None


def load_image(path: Path, form: str) -> tuple[Image.Image, tuple[Message, ...]]:
    """The picture as upright RGB, and notes on what was left out. Raises ``IngestError``."""
    return _load(path, form, _to_rgb)


def load_shown(path: Path, form: str) -> Image.Image:
    """The picture as a person sees it: upright RGB, or RGBA where parts of it can be seen through."""
    return _load(path, form, lambda image: image.convert("RGBA") if image.has_transparency_data else _to_rgb(image))[0]


def _load(
    path: Path, form: str, finish: Callable[[Image.Image], Image.Image]
) -> tuple[Image.Image, tuple[Message, ...]]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        try:
            if form == "HEIF":
                pi_heif.register_heif_opener(thumbnails=False, decode_threads=1)
            with Image.open(path, formats=[form]) as image:
                _check_size(image)
                notes = _notes(image)
                loaded, cut = _loaded(image, path, form)
                return finish(_upright(loaded)), (*notes, *cut)
        except IngestError:
            raise
        except (Image.DecompressionBombWarning, Image.DecompressionBombError):
            raise IngestError(
                msg(
                    "picture.too-many-pixels",
                    "The picture has more pixels than can be read; the "
                    "limit is {limit} megapixels, so save it smaller.",
                    limit=_MEGAPIXELS,
                )
            ) from None
        except MemoryError:
            raise IngestError(
                msg("picture.memory", "The picture needs more memory than reading may use; save it smaller.")
            ) from None
        except Exception:
            # Pillow's decoders raise almost anything on damaged data: OSError, SyntaxError, struct.error …
            raise IngestError(_DAMAGED) from None


def image_budget(height: int, width: int) -> tuple[int, Message]:
    """The smallest budget that keeps all of the picture's own pixels, else the largest; and why."""
    for budget in VISUAL_BUDGETS:
        rows, columns = picture_size(height, width, budget)
        if rows * columns >= 0.95 * height * width:
            return budget, msg(
                "picture.full-sharpness",
                "A picture of {width} × {height} px keeps its full sharpness at this image detail.",
                width=width,
                height=height,
            )
    return VISUAL_BUDGETS[-1], msg(
        "picture.beyond-budget",
        "A picture of {width} × {height} px is larger than the highest image detail can show.",
        width=width,
        height=height,
    )


def _check_size(image: Image.Image) -> None:
    if image.width < 1 or image.height < 1:
        raise IngestError(msg("picture.empty", "The picture has no pixels."))
    if image.width * image.height > MAX_IMAGE_PIXELS:
        raise IngestError(
            msg(
                "picture.too-large",
                "The picture is too large ({width} × {height} px); the "
                "limit is {limit} megapixels, so save it smaller.",
                width=image.width,
                height=image.height,
                limit=_MEGAPIXELS,
            )
        )


def _notes(image: Image.Image) -> tuple[Message, ...]:
    count = getattr(image, "n_frames", 1)
    if count <= 1:
        return ()
    if image.format == "TIFF":
        return (
            msg(
                "picture.more-pages",
                "The file has {pages} pages; only the first is read, so save it as PDF to read them all.",
                pages=count,
            ),
        )
    if image.format == "HEIF":
        return (
            msg("picture.several", "The file holds {pictures} pictures; only the main one is read.", pictures=count),
        )
    return (
        msg(
            "picture.animated", "The picture is animated ({frames} frames); only the first frame is read.", frames=count
        ),
    )


def _loaded(image: Image.Image, path: Path, form: str) -> tuple[Image.Image, tuple[Message, ...]]:
    """The decoded picture; of an incomplete file the pixels that it has, and a note."""
    try:
        image.load()
    except OSError as error:
        if form not in _SHOWN_CUT or "truncated" not in str(error):
            raise
        ImageFile.LOAD_TRUNCATED_IMAGES = True
        try:
            image = Image.open(path, formats=[form])
            image.load()
        finally:
            ImageFile.LOAD_TRUNCATED_IMAGES = False
        return image, (_CUT,)
    return image, ()


def _upright(image: Image.Image) -> Image.Image:
    """Apply the EXIF orientation; damaged EXIF data is no reason to refuse a sound picture."""
    try:
        return ImageOps.exif_transpose(image)
    except MemoryError:
        raise
    except Exception:
        return image


def _to_rgb(image: Image.Image) -> Image.Image:
    if image.mode in _WIDE:
        image = _from_16_bit(image)
    elif image.mode == "F":
        image = _stretch(np.asarray(image, dtype=np.float64))
    if image.has_transparency_data:
        rgba = image.convert("RGBA")
        sheet = Image.new("RGBA", rgba.size, (255, 255, 255, 255))
        return Image.alpha_composite(sheet, rgba).convert("RGB")
    return image.convert("RGB") if image.mode != "RGB" else image


def _from_16_bit(image: Image.Image) -> Image.Image:
    """Keep the brightness of 16-bit samples; Pillow's own conversion would clip everything above 255."""
    samples = np.asarray(image).astype(np.int64)
    if samples.max(initial=0) > 65535 or samples.min(initial=0) < 0:
        return _stretch(samples.astype(np.float64))
    if image.mode == "I" and samples.max(initial=0) <= 255:
        return Image.fromarray(samples.astype(np.uint8))
    return Image.fromarray((samples >> 8).astype(np.uint8))


def _stretch(samples: np.ndarray) -> Image.Image:
    """Samples without a known range: darkest to black, brightest to white."""
    samples = np.nan_to_num(samples)
    low, high = float(samples.min()), float(samples.max())
    scaled = (samples - low) * (255.0 / (high - low) if high > low else 0.0)
    return Image.fromarray(scaled.astype(np.uint8))
