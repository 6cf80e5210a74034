"""Lectern's kernel inside Tesseract: the same words with the same confidences as without it."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from model.native_file import SWITCH

PROGRAM = """
import random
from app.ingest.ocr.languages import language_files, language_folders
from app.ingest.ocr.tesseract import Tesseract, use_own_kernel
from tests.files.scans import distorted, drawn, text_pdf
engine = Tesseract(language_files(language_folders()))
scan = distorted(drawn(text_pdf(random.Random(7), "eng", 2), 100), random.Random(8), noise=12)
for language in engine.languages:
    for line in engine.read(scan.image, language, 60):
        print([(word.text, word.box, word.confidence) for word in line.words])
print("own kernel" if use_own_kernel() else "plain")
"""


def read(switch: str) -> list[str]:
    environment = os.environ | {SWITCH: switch, "PYTHONPATH": os.pathsep.join(sys.path)}
    result = subprocess.run([sys.executable, "-c", PROGRAM], env=environment, capture_output=True, text=True)
    assert result.returncode == 0, result.stderr
    return result.stdout.splitlines()


@pytest.mark.native
def test_every_word_is_the_same_with_and_without_the_kernel() -> None:
    plain, fast = read("off"), read("")
    assert plain[-1] == "plain"
    assert fast[-1] == "own kernel"
    assert len(plain) > 4
    assert fast[:-1] == plain[:-1]
