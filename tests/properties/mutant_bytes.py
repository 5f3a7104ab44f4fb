"""Bytes and words that are changed without knowing what they mean, and values to put in their place."""

from __future__ import annotations

import random
import struct
from typing import Final

__all__ = ["AREAS", "CATEGORIES", "IDS", "NASTY", "changed"]

NASTY: Final = (
    "nan", "inf", "-inf", "1e308", "-0", "0", "1e-320", "99999999999999999999", "", " ", "-1", "=1+1", "\x00", "\u202e",
    "{{7*7}}", "约300㎡", "650㎡", "0.065公顷", "\ud800".encode("utf-8", "surrogatepass").decode("latin-1"), "NULL", "'", '"',
)  # fmt: skip
CATEGORIES: Final = (
    "fitness_ground",
    "健身场地",
    "park",
    "clinic",
    "kindergarten",
    "FITNESS_GROUND",
    "x",
    "",
)
IDS: Final = ("F1", "f1", "Ｆ１", "F1 ", "1", "007", "1E+17", "F\x001", "110108000000000000")
AREAS: Final = (
    650, 650.5, 399.9999, 400, -1, 0, None, "650㎡", "0.065公顷", "约650", "650", "nan", "0.975亩", True, 1e308, float("inf"), "一千",
)  # fmt: skip


def changed(data: bytes, chance: random.Random) -> bytes:
    """Return bytes of which some are turned, lost, doubled, swapped or written over."""
    out = bytearray(data)
    for _ in range(chance.choice((1, 1, 1, 2, 4, 16))):
        if not out:
            break
        at = chance.randrange(len(out))
        length = chance.choice((1, 2, 4, 8, 64, 512))
        match chance.randrange(8):
            case 0 | 1:
                out[at] ^= 1 << chance.randrange(8)
            case 2:
                out[at] = chance.choice((0, 0xFF, 0x7F, 0x80, chance.randrange(256)))
            case 3 if chance.random() < 0.3:
                del out[at:]
            case 4:
                del out[at : at + length]
            case 5:
                out[at:at] = out[at : at + length]
            case 6:
                other = chance.randrange(len(out))
                out[at : at + length], out[other : other + length] = (
                    out[other : other + length],
                    out[at : at + length],
                )
            case _:
                word = chance.choice(
                    (b"\x00" * 8, b"\xff" * 8, struct.pack("<d", float("nan")), struct.pack("<I", 2**31))
                )
                out[at : at + len(word)] = word
    return bytes(out)
