"""Mails in another form, written here: Outlook's ``winmail.dat`` ([MS-OXTNEF]), and signed contents."""

from __future__ import annotations

import datetime
import struct
from email.message import EmailMessage

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.hazmat.primitives.serialization.pkcs7 import PKCS7Options, PKCS7SignatureBuilder

from app.ingest.formats.mail.signed import SIGNED

Values = dict[int, str | bytes | int]


def properties(values: Values) -> bytes:
    """Properties by their numbers."""
    made = struct.pack("<I", len(values))
    for number, value in values.items():
        if isinstance(value, int):
            made += struct.pack("<HHI", 3, number, value)
            continue
        data = (value + "\0").encode("utf-16-le") if isinstance(value, str) else value
        made += struct.pack("<HHII", 0x1F if isinstance(value, str) else 0x102, number, 1, len(data))
        made += data.ljust(-(-len(data) // 4) * 4, b"\0")
    return made


def attribute(name: int, data: bytes, level: int = 1) -> bytes:
    """One attribute with its sum."""
    return struct.pack("<BII", level, name, len(data)) + data + struct.pack("<H", sum(data) & 0xFFFF)


def packed(about: Values, *files: tuple[str, bytes]) -> bytes:
    """A ``winmail.dat``."""
    made = b"\x78\x9f\x3e\x22\1\0" + attribute(0x00089006, struct.pack("<I", 0x10000))
    made += attribute(0x00069007, struct.pack("<II", 1252, 0)) + attribute(0x00069003, properties(about))
    for name, data in files:
        made += attribute(0x00069002, bytes(14), 2)
        made += attribute(0x00018010, name.encode("cp1252", errors="replace") + b"\0", 2)
        made += attribute(0x0006800F, data, 2)
        made += attribute(0x00069005, properties({0x3707: name, 0x0E20: len(data)}), 2)
    return made


def winmail() -> bytes:
    """A mail from Ann Berg with two files."""
    about: Values = {
        0x0037: "Offer for the roof",
        0x0C1A: "Ann Berg",
        0x0C1F: "ann@example.org",
        0x0E04: "Bo Lind",
        0x1000: "We offer 12,400 EUR for the roof.",
        0x0E07: 1,
    }
    return packed(about, ("Übersicht.txt", b"North side first."), ("Angebot.pdf", b"%PDF-1.4 not really" * 40))


def with_winmail(words: str, data: bytes) -> bytes:
    """A mail as it comes from Outlook to other programs."""
    made = EmailMessage()
    made["From"], made["To"], made["Subject"] = "Ann Berg <ann@example.org>", "bo@example.org", "Offer"
    if words:
        made.set_content(words)
    made.add_attachment(data, "application", "ms-tnef", filename="winmail.dat")
    return bytes(made)


def inside() -> bytes:
    """What is signed: words and a file."""
    made = EmailMessage()
    made.set_content("The signed offer is 9,300 EUR.\n")
    made.add_attachment(b"South side last.", "application", "octet-stream", filename="plan.bin")
    made.set_boundary("parts")  # the same at each call
    return bytes(made)


def signature(data: bytes) -> bytes:
    """Signed contents by a key made for this."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "Ann")])
    day = datetime.datetime(2026, 1, 1)
    about = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    about = about.serial_number(1).not_valid_before(day).not_valid_after(day + datetime.timedelta(30))
    signing = PKCS7SignatureBuilder().set_data(data).add_signer(about.sign(key, hashes.SHA256()), key, hashes.SHA256())
    return signing.sign(Encoding.DER, [PKCS7Options.Binary])


def in_pieces(data: bytes) -> bytes:
    """The same in the form of no length that is said, its contents in pieces; without a signer."""

    def open_ended(tag: int, *parts: bytes) -> bytes:
        return bytes((tag, 0x80)) + b"".join(parts) + b"\0\0"

    def value(tag: int, inner: bytes) -> bytes:
        return bytes((tag, 0x82)) + struct.pack(">H", len(inner)) + inner

    pieces = [value(0x04, data[at : at + 100]) for at in range(0, len(data), 100)]
    plain = value(0x06, bytes.fromhex("2a864886f70d010701"))
    contents = open_ended(0x30, plain, open_ended(0xA0, open_ended(0x24, *pieces)))
    whole = open_ended(0x30, value(0x02, b"\1"), value(0x31, b""), contents, value(0x31, b""))
    return open_ended(0x30, value(0x06, SIGNED), open_ended(0xA0, whole))


def sealed(data: bytes, kind: str = "signed-data") -> bytes:
    """A mail whose only part is ``data``."""
    made = EmailMessage()
    made["From"], made["To"], made["Subject"] = "Ann Berg <ann@example.org>", "bo@example.org", "Signed offer"
    made.set_content(data, "application", "pkcs7-mime", filename="smime.p7m", params={"smime-type": kind})
    return bytes(made)
