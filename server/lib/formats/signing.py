"""Signatures of signed lists, and the cipher of those signed with a key (report formats, part 4).

report key = HMAC-SHA-256(root key, 2 || report id || sent time), each number 32 bits, little endian
readings   = AES-128 in counter mode; key: first half of the report key; counter: 128 bits, big endian, from 1
signature  = first 16 bytes of SHA-256(signed part), or of HMAC-SHA-256(report key, SHA-256(signed part))
"""

import hashlib
import hmac
import struct

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CTR

SIGNATURE_BYTES = 16

_REPORT_KEY_PURPOSE = 2
_FIRST_COUNTER = (1).to_bytes(16, "big")

Bytes = bytes | memoryview


def report_key(root_key: bytes, report_id: int, sent_s: int) -> bytes:
    """Return the key of one report; the report id makes it differ for every report of a device."""
    context = struct.pack("<III", _REPORT_KEY_PURPOSE, report_id, sent_s)
    return hmac.digest(root_key, context, "sha256")


def sign(signed_part: Bytes, key: bytes | None) -> bytes:
    """Return 16 bytes. Without a report key they detect damage only; anyone can compute them."""
    digest = hashlib.sha256(signed_part).digest()
    if key is not None:
        digest = hmac.digest(key, digest, "sha256")
    return digest[:SIGNATURE_BYTES]


def is_signed(signed_part: Bytes, signature: bytes, key: bytes | None) -> bool:
    """Compare in constant time, so that the delay does not help to guess a signature."""
    return hmac.compare_digest(sign(signed_part, key), signature)


def crypt(readings: Bytes, key: bytes) -> bytes:
    """Encrypt or decrypt; counter mode is its own inverse."""
    return Cipher(AES(key[:16]), CTR(_FIRST_COUNTER)).encryptor().update(readings)
