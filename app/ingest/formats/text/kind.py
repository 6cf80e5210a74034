"""Text as a kind of file."""

from __future__ import annotations

from app.ingest.filekind import FileKind, Form, Format
from app.ingest.limits import MIB
from model.messages import msg

_CODE = (
    ".asm .bash .bat .c .cc .cfg .clj .cmake .conf .cpp .cs .css .cu .dart .diff .el .env .erl .ex .f90 .go .gradle "
    ".h .hpp .hs .ini .ipynb .java .jl .js .json .jsonl .jsx .kt .less .lisp .log .lua .m .mjs .nim .pas .patch "
    ".php .pl .proto .ps1 .py .r .rb .rs .rst .scala .scss .sh .sol .sql .svelte .swift .tcl .tex .toml .tsx .v .vb "
    ".vhd .vue .xml .yaml .yml .zig"
)

TEXT = FileKind(
    name="text",
    title=msg("kind.text", "Text"),
    noun="text",
    icon="pdf",
    formats=(
        Format(Form("text", "plain"), (".txt", ".text"), text=True, mime=("text/plain",), uti=("public.plain-text",)),
        Format(
            Form("text", "markdown"),
            (".md", ".markdown", ".mdown"),
            text=True,
            mime=("text/markdown",),
            uti=("net.daringfireball.markdown",),
        ),
        Format(Form("text", "code"), tuple(_CODE.split()), text=True),
    ),
    most_bytes=512 * MIB,
    view="pages",
    modes=True,
    layout="app.ingest.formats.text.layout:lay_out",
)
