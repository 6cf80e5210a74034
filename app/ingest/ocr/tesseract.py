"""Tesseract, as built into MuPDF's library: its C interface, which gives confidences and takes pixels as they are.

MuPDF's wrapper of it gives text without confidences and loads the language anew for each page. The functions are those
of Tesseract's ``capi.h``; leptonica inside MuPDF takes its memory from a MuPDF context, so one is made for it first.
"""

from __future__ import annotations

import ctypes
import os
from functools import cache
from itertools import groupby
from pathlib import Path
from typing import Any

from PIL import Image

from app.ingest.formats.mupdf import mupdf, pymupdf
from app.ingest.ocr.engine import FoundLine, FoundWord
from model import native_file
from model.errors import IngestError
from model.messages import msg

_AUTO, _BLOCK = 3, 6
"""Page segmentation: columns and all, or one block of lines."""

_RESOLUTION = 200
"""Only the layout analysis asks for it; nothing depends on its being exact."""

_KNOWN_VERSION = b"5.0.0-alpha"
"""The version whose ``IntSimdMatrix`` is laid out as ``model/kernels/native/c/recognise/recognise.h`` has it."""

_KERNEL = "_ZN9tesseract13IntSimdMatrix13intSimdMatrixE"
_AS_KNOWN = (
    "_ZNK9tesseract13IntSimdMatrix4InitERKNS_16GENERIC_2D_ARRAYIaEERSt6vectorIaSaIaEERi",
    "_ZN9tesseract13IntSimdMatrix15MatrixDotVectorERKNS_16GENERIC_2D_ARRAYIaEERKSt6vectorIdSaIdEEPKaPd",
)
"""Where it keeps its kernel, and two functions whose names show which types it works on."""

_LIBRARIES = ("libmupdf.so*", "libmupdf*.dylib", "mupdfcpp64.dll")


def available() -> bool:
    """Whether this build of MuPDF lets Tesseract be called."""
    try:
        return _library() is not None
    except (OSError, AttributeError):
        return False


class Tesseract:
    """One engine with a handle for each language, loaded when it is first used."""

    def __init__(self, languages: dict[str, Path]) -> None:
        """``languages``: names and files, as ``language_files`` gives them."""
        self._files = languages
        self._handles: dict[str, int] = {}

    @property
    def name(self) -> str:
        """Engine, version and languages; part of the cache's key."""
        return f"tesseract {_library().TessVersion().decode()} {'+'.join(sorted(self._files))}"

    @property
    def languages(self) -> tuple[str, ...]:
        """The languages that are installed, English first."""
        return tuple(self._files)

    def read(self, picture: Image.Image, language: str, seconds: float, *, block: bool = False) -> list[FoundLine]:
        """The lines of a grey picture; see ``Engine``."""
        library, handle = _library(), self._handle(language)
        library.TessBaseAPISetPageSegMode(handle, _BLOCK if block else _AUTO)
        pixels = picture.tobytes()
        library.TessBaseAPISetImage(handle, pixels, picture.width, picture.height, 1, picture.width)
        library.TessBaseAPISetSourceResolution(handle, _RESOLUTION)
        monitor = library.TessMonitorCreate()
        try:
            library.TessMonitorSetDeadlineMSecs(monitor, int(1000 * seconds))
            library.TessBaseAPIRecognize(handle, monitor)
            table = library.TessBaseAPIGetTsvText(handle, 0)
            if not table:
                return []
            try:
                return _lines(ctypes.string_at(table).decode("utf-8", errors="replace"))
            finally:
                library.TessDeleteText(table)
        finally:
            library.TessMonitorDelete(monitor)
            library.TessBaseAPIClear(handle)

    def close(self) -> None:
        """Free the loaded languages."""
        while self._handles:
            _library().TessBaseAPIDelete(self._handles.popitem()[1])

    def _handle(self, language: str) -> int:
        if language not in self._handles:
            library, path = _library(), self._files[language]
            use_own_kernel()  # before any language is laid out in memory
            handle = library.TessBaseAPICreate()
            if library.TessBaseAPIInit3(handle, os.fsencode(path.parent), language.encode()) != 0:
                library.TessBaseAPIDelete(handle)
                raise IngestError(
                    msg(
                        "ocr.language-file",
                        "The language file {name} cannot be used; download it again or remove it.",
                        name=path.name,
                    )
                )
            library.TessBaseAPISetVariable(handle, b"debug_file", os.fsencode(os.devnull))  # not to standard error
            self._handles[language] = handle
        return self._handles[language]


def _lines(table: str) -> list[FoundLine]:
    """Words (level 5) of its table: level, page, block, paragraph, line, word, left, top, width, height, confidence."""
    rows = [line.split("\t") for line in table.splitlines() if line.startswith("5\t")]
    rows = [row for row in rows if len(row) == 12 and row[11].strip()]
    found = []
    for place, members in groupby(rows, key=lambda row: (int(row[2]), int(row[3]), int(row[4]))):
        words = []
        for row in members:
            left, top, width, height = (float(number) for number in row[6:10])
            sure = min(1.0, max(0.0, float(row[10]) / 100))
            words.append(FoundWord(row[11].strip(), (left, top, left + width, top + height), sure))
        found.append(FoundLine(words, 1000 * place[0] + place[1]))
    return found


@cache
def _library() -> Any:
    """The library with the types of what is called. Raises ``OSError``, ``AttributeError``."""
    os.environ["OMP_THREAD_LIMIT"] = "1"
    folder = Path(pymupdf.__file__).parent
    file = next((path for pattern in _LIBRARIES for path in folder.glob(pattern)), None)
    if file is None:
        raise OSError("MuPDF's library is not where it should be.")
    library = ctypes.CDLL(str(file))
    pointer, text, number = ctypes.c_void_p, ctypes.c_char_p, ctypes.c_int
    for name, result, arguments in (
        ("fz_new_context_imp", pointer, [pointer, pointer, ctypes.c_size_t, text]),
        ("fz_set_leptonica_mem", None, [pointer]),
        ("TessVersion", text, []),
        ("TessBaseAPICreate", pointer, []),
        ("TessBaseAPIDelete", None, [pointer]),
        ("TessBaseAPIInit3", number, [pointer, text, text]),
        ("TessBaseAPISetVariable", number, [pointer, text, text]),
        ("TessBaseAPISetPageSegMode", None, [pointer, number]),
        ("TessBaseAPISetImage", None, [pointer, text, number, number, number, number]),
        ("TessBaseAPISetSourceResolution", None, [pointer, number]),
        ("TessBaseAPIRecognize", number, [pointer, pointer]),
        ("TessBaseAPIGetTsvText", pointer, [pointer, number]),
        ("TessBaseAPIClear", None, [pointer]),
        ("TessDeleteText", None, [pointer]),
        ("TessMonitorCreate", pointer, []),
        ("TessMonitorDelete", None, [pointer]),
        ("TessMonitorSetDeadlineMSecs", None, [pointer, number]),
    ):
        function = getattr(library, name)
        function.restype, function.argtypes = result, arguments
    context = library.fz_new_context_imp(None, None, 0, mupdf.FZ_VERSION.encode())
    if not context:
        raise OSError("MuPDF gives no context.")
    library.fz_set_leptonica_mem(context)
    return library


@cache
def use_own_kernel() -> bool:
    """Make Tesseract multiply integers with Lectern's kernel; whether that is possible here.

    MuPDF builds Tesseract without vector kernels, and these products are most of its work. The results are the same
    bit for bit. The kernel is set in a C++ variable, which some systems' builds do not export and whose layout depends
    on the version; there, Tesseract's own products stay in use.
    """
    library, own = _library(), native_file.functions()
    if library.TessVersion() != _KNOWN_VERSION or own is None or not hasattr(own, "lectern_recognise"):
        return False
    if not all(hasattr(library, name) for name in _AS_KNOWN):
        return False
    own.lectern_recognise.restype, own.lectern_recognise.argtypes = ctypes.c_void_p, [ctypes.c_char_p]
    kernel = own.lectern_recognise(native_file.wanted().encode())
    place = ctypes.c_void_p.in_dll(library, _KERNEL)
    if kernel is None or place.value is not None:
        return False
    place.value = kernel
    return True
