"""Office files with a password, written here: by msoffcrypto as Office does today, and as Office 2007 and 97 did."""

from __future__ import annotations

import hashlib
import io
import struct
from collections.abc import Callable

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from msoffcrypto.format.ooxml import OOXMLFile

from tests.app.ingest.formats.mail.outlook_files import Storage, compound

PASSWORD = "Hafen 12 ß"
_SALT = bytes(range(16))


def agile(data: bytes, password: str = PASSWORD) -> bytes:
    """Agile encryption ([MS-OFFCRYPTO], section 2.3.4.10)."""
    made = io.BytesIO()
    OOXMLFile(io.BytesIO(data)).encrypt(password, made)
    return made.getvalue()


def standard(data: bytes, password: str = PASSWORD) -> bytes:
    """Standard encryption (section 2.3.4.5): AES-128, its key out of 50,000 rounds of SHA-1."""
    digest = hashlib.sha1(_SALT + password.encode("utf-16-le")).digest()
    for number in range(50_000):
        digest = hashlib.sha1(struct.pack("<I", number) + digest).digest()
    digest = hashlib.sha1(digest + bytes(4)).digest().ljust(64, b"\0")
    key = hashlib.sha1(bytes(a ^ b for a, b in zip(digest, b"\x36" * 64, strict=True))).digest()[:16]

    def sealed(words: bytes) -> bytes:
        encryptor = Cipher(algorithms.AES(key), modes.ECB()).encryptor()
        return encryptor.update(words.ljust(-(-len(words) // 16) * 16, b"\0")) + encryptor.finalize()

    provider = "Microsoft Enhanced RSA and AES Cryptographic Provider\0".encode("utf-16-le")
    header = struct.pack("<IIIIIIII", 0x24, 0, 0x660E, 0x8004, 128, 0x18, 0, 0) + provider
    verifier = bytes(range(100, 116))
    check = hashlib.sha1(verifier).digest()
    about = struct.pack("<HHII", 3, 2, 0x24, len(header)) + header
    about += struct.pack("<I", 16) + _SALT + sealed(verifier) + struct.pack("<I", 20) + sealed(check)
    package = struct.pack("<Q", len(data)) + sealed(data)
    return compound(Storage({"EncryptionInfo": about, "EncryptedPackage": package}))


def older(stream: Callable[[bytes], bytes], password: str = PASSWORD) -> bytes:
    """A workbook with the RC4 encryption of Excel 97 (section 2.3.6); ``stream`` takes the record that says so."""
    first = hashlib.md5(password.encode("utf-16-le")).digest()[:5]
    base = hashlib.md5((first + _SALT) * 16).digest()[:5]
    verifier = bytes(range(100, 116))
    keys = _keystream(base, 0, 32)
    sealed = bytes(a ^ b for a, b in zip(verifier + hashlib.md5(verifier).digest(), keys, strict=True))
    plain = stream(struct.pack("<HHHHH", 0x002F, 54, 1, 1, 1) + _SALT + sealed)
    stream_of_keys = b"".join(_keystream(base, block, 1024) for block in range(len(plain) // 1024 + 1))
    made, at = bytearray(plain), 0
    while at < len(plain):
        code, length = struct.unpack_from("<HH", plain, at)
        at += 4
        kept = length if code in (0x0809, 0x002F) else 4 if code == 0x0085 else 0
        for place in range(at + kept, at + length):
            made[place] ^= stream_of_keys[place]
        at += length
    return compound(Storage({"Workbook": bytes(made)}))


def _keystream(base: bytes, block: int, length: int) -> bytes:
    """RC4's for one block of the file."""
    key = hashlib.md5(base + struct.pack("<I", block)).digest()
    state, j = [*range(256)], 0
    for i in range(256):
        j = (j + state[i] + key[i % 16]) % 256
        state[i], state[j] = state[j], state[i]
    made, i, j = bytearray(), 0, 0
    for _ in range(length):
        i = (i + 1) % 256
        j = (j + state[i]) % 256
        state[i], state[j] = state[j], state[i]
        made.append(state[(state[i] + state[j]) % 256])
    return bytes(made)


def slow(data: bytes) -> bytes:
    """A file of ``agile`` that asks for 9,900,000 rounds of hashing."""
    made = data.replace(b'spinCount="100000" saltSize="16"', b'spinCount="9900000" saltSize="6"')
    assert made != data and len(made) == len(data)
    return made
