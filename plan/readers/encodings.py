"""Which encoding a text is in, decided over all of its bytes and never without telling.

Chinese drawings come as UTF-8 or as GBK; GB18030 reads every GBK text. A ``.cpg`` file may be absent
or may lie: bytes decide.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterable, Sequence
from contextlib import suppress
from typing import Final

from plan.errors import UsageError
from plan.messages import Message
from plan.problems import ProblemList
from plan.text_safety import plain

__all__ = ["codec_name", "decide", "decode_table", "decode_value", "fits"]

UTF8: Final = "UTF-8"
GB18030: Final = "GB18030"
# GB18030 holds all of these: one name for them keeps the decision readable.
_GB_FAMILY: Final = ("gbk", "gb2312", "gb18030", "hz")
_LONG_CHARACTER: Final = re.compile("[\u0800-\U0010ffff]")  # UTF-8 takes three bytes or more for it
_TORN: Final = "\ufffd"
_ENOUGH: Final = 4  # characters that can tell
_MOST: Final = 0.95  # of the characters are in daily use, as read in the right encoding
_FEW: Final = 0.8  # of them are, as read in the wrong one
_GB_DAILY: Final = (0xA1, 0xA3, *range(0xB0, 0xD8))  # lead bytes of GB 2312: signs, wide letters, level 1
_SHOWN: Final = 3  # lines that a message lists
_LONGEST: Final = 60  # characters of one
_BOMS: Final = (
    (codecs.BOM_UTF8, "UTF-8-SIG"),
    (codecs.BOM_UTF16_LE, "UTF-16"),
    (codecs.BOM_UTF16_BE, "UTF-16"),
)


def codec_name(text: str) -> str | None:
    """Return one spelling for the name of an encoding, or None when Python knows no such encoding."""
    cleaned = text.strip().strip("\ufeff")
    if cleaned.isdigit():  # a .cpg may say 936 or 65001
        cleaned = {"936": "gbk", "54936": "gb18030", "65001": "utf-8", "950": "big5"}.get(
            cleaned, f"cp{cleaned}"
        )
    if cleaned.casefold().startswith("ansi "):
        cleaned = f"cp{cleaned[5:].strip()}"
    try:
        found = codecs.lookup(cleaned).name
        with suppress(UnicodeError):
            b"a".decode(found)  # no encodings of text are refused here: those that unpack, hex, rot13
    except (LookupError, ValueError):
        return None
    return GB18030 if found in _GB_FAMILY else UTF8 if found == "utf-8" else found.upper()


def given_codec(text: str) -> str:
    """Return the encoding that a user named, in one spelling.

    Raises
    ------
    UsageError
        If there is no such encoding.
    """
    name = codec_name(text)
    if name is None:
        raise UsageError(Message("readers.unknown_encoding", encoding=text))
    return name


def decode_value(value: bytes, encoding: str, *, full: bool = False) -> str | None:
    """Decode a value, or return None when it is not in this encoding.

    Parameters
    ----------
    value : bytes
        The value without its padding.
    encoding : str
        The encoding.
    full : bool, default False
        True when the value fills its field to the last byte, so that its last character may be cut.
    """
    try:
        # An incremental decoder keeps back a last character that has only begun.
        return codecs.getincrementaldecoder(encoding)().decode(value, final=not full)
    except UnicodeError:  # UTF-16 without its mark is one without being one of decoding
        return None


def fits(values: Sequence[tuple[bytes, bool]], encoding: str) -> bool:
    """Tell whether all values can be read in an encoding; each comes with whether it fills its field."""
    return all(decode_value(value, encoding, full=full) is not None for value, full in values)


def decide(
    values: Sequence[tuple[bytes, bool]],
    *,
    declared: str | None,
    given: str | None,
    found: ProblemList,
    cut: bool = False,
) -> str | None:
    """Decide the encoding of a table over all its text, and note the decision.

    Parameters
    ----------
    values : sequence of (bytes, bool)
        Every text in it, and whether the text fills its field.
    declared : str or None
        What the file or its ``.cpg`` says, as written there.
    given : str or None
        What the user says; it is then only tested.
    found : ProblemList
        Where the decision is noted: PLAN-ENC-001, or PLAN-ENC-002 when something named it wrongly.
    cut : bool, default False
        True where programs may have cut values inside a character without filling their field; told as PLAN-ENC-004.

    Returns
    -------
    str or None
        The encoding; None when the text is in none of those tried.
    """
    foreign = [(value, full) for value, full in values if not value.isascii()]
    if given is not None:
        name = given_codec(given)
        if fits(foreign, name) or (cut and _fits_cut(foreign, name, found)):
            return name
        found.add("PLAN-ENC-002", "error", "refused", Message("readers.encoding_given_wrong", encoding=given))
        return None
    if not foreign:
        return UTF8
    if cut and not fits(foreign, UTF8):
        ends = [(value, True) for value, _ in foreign]
        loose = UTF8 if fits(ends, UTF8) and _long_in_utf8(ends) else GB18030
        if not fits(foreign, GB18030) or loose == UTF8:
            foreign = ends if _fits_cut(foreign, loose, found) else foreign
    return _decide(foreign, declared, found)


def _fits_cut(foreign: Sequence[tuple[bytes, bool]], encoding: str, found: ProblemList) -> bool:
    """Tell whether all values can be read but for a last character that was cut; such values are told."""
    cut = [value for value, full in foreign if decode_value(value, encoding, full=full) is None]
    texts = [decode_value(value, encoding, full=True) for value in cut]
    if not cut or None in texts:
        return False
    message = Message(
        "readers.values_cut",
        count=len(cut),
        examples=tuple(plain(t or "")[:_LONGEST] for t in texts[:_SHOWN]),
    )
    found.add("PLAN-ENC-004", "warning", "repaired", message)
    return True


def _decide(foreign: Sequence[tuple[bytes, bool]], declared: str | None, found: ProblemList) -> str | None:
    guess = UTF8 if fits(foreign, UTF8) else GB18030 if fits(foreign, GB18030) else None
    if guess != UTF8 and (broken := _broken_utf8(foreign)):
        found.add("PLAN-ENC-002", "error", "refused", Message("readers.encoding_torn", where=broken))
        return None
    if guess == GB18030 and declared is None and _rather_big5(foreign):
        found.add("PLAN-ENC-002", "error", "refused", Message("readers.encoding_either"))
        return None
    said = codec_name(declared) if declared else None
    # What reads every byte (ISO-8859-1) proves nothing where UTF-8 or GB18030 read the text too; and what reads as
    # characters of three bytes is UTF-8, though GBK reads nearly every pair of bytes.
    sure = guess is None or not (
        _reads_anything(said or "ascii") or (guess == UTF8 and _long_in_utf8(foreign))
    )
    if said is not None and (said == guess or (fits(foreign, said) and sure)):
        found.add("PLAN-ENC-001", "info", "noted", Message("readers.encoding_confirmed", encoding=said))
        return said
    if guess is None:
        found.add("PLAN-ENC-002", "error", "refused", Message("readers.encoding_unknown"))
    elif declared is None:
        message = Message("readers.encoding_decided", encoding=guess)
        found.add("PLAN-ENC-001", "info", "noted" if guess == UTF8 else "repaired", message)
    else:
        message = Message("readers.encoding_lie", said=declared, encoding=guess)
        found.add("PLAN-ENC-002", "warning", "repaired", message)
    return guess


def _broken_utf8(foreign: Sequence[tuple[bytes, bool]]) -> tuple[str, ...]:
    """Return lines of a text that is UTF-8 but for some bytes; nothing where it is another encoding.

    A file of which one row was pasted from elsewhere, or that was cut inside a character, also reads as GB18030: as
    other characters from the first to the last. GB18030 hardly ever looks like characters of three bytes.
    """
    texts = [value.decode(UTF8, "replace") for value, _ in foreign]
    good = _long(texts)
    bad = sum(text.count(_TORN) for text in texts)
    if good < _ENOUGH or bad > good:
        return ()
    lines = [line.strip() for text in texts if _TORN in text for line in text.splitlines() if _TORN in line]
    return tuple(plain(line)[:_LONGEST] for line in lines[:_SHOWN])


def _long_in_utf8(foreign: Sequence[tuple[bytes, bool]]) -> bool:
    """Tell whether a text that reads as UTF-8 has enough long characters to be nothing else."""
    return _long([decode_value(value, UTF8, full=full) or "" for value, full in foreign]) >= _ENOUGH


def _long(texts: Iterable[str]) -> int:
    """Count characters that UTF-8 writes with three bytes or more."""
    return sum(len(_LONG_CHARACTER.findall(text)) - text.count(_TORN) for text in texts if not text.isascii())


def _rather_big5(foreign: Sequence[tuple[bytes, bool]]) -> bool:
    """Tell whether a text reads as GB18030 in characters that next to nobody writes, and as Big5 in everyday ones."""
    if not fits(foreign, "big5"):
        return False
    read = {
        name: [
            c
            for value, full in foreign
            for c in decode_value(value, name, full=full) or ""
            if not c.isascii()
        ]
        for name in (GB18030, "big5")
    }
    if min(map(len, read.values())) < _ENOUGH:
        return False
    shares = {name: sum(_everyday(c, name) for c in chars) / len(chars) for name, chars in read.items()}
    return shares["big5"] > _MOST and shares[GB18030] < _FEW


def _everyday(character: str, encoding: str) -> bool:
    """Tell whether a character is a sign or of the level that its standard counts as in daily use."""
    code = character.encode(encoding)
    if encoding == GB18030:
        return len(code) == 2 and code[0] in _GB_DAILY and code[1] >= 0xA1  # noqa: PLR2004 - a trail byte of GB 2312
    return len(code) == 2 and 0xA1 <= code[0] <= 0xC6  # noqa: PLR2004 - Big5: signs, level 1


def decode_table(data: bytes, *, given: str | None, found: ProblemList) -> tuple[str, str] | None:
    """Decode a whole text file, and note how; return text and encoding, or None when it cannot be read."""
    for mark, name in _BOMS:
        if given is None and data.startswith(mark):
            try:
                text = data.decode(name)
            except UnicodeDecodeError:
                break
            if name == "UTF-16":
                found.add("PLAN-ENC-003", "info", "repaired", Message("readers.utf16"))
            return text, name
    wide = _wide(data) if given is None else None
    if wide is not None:
        found.add("PLAN-ENC-003", "info", "repaired", Message("readers.utf16_bare"))
        return wide
    encoding = decide([(data, False)], declared=None, given=given, found=found)
    return None if encoding is None else (data.decode(encoding), encoding)


def _wide(data: bytes) -> tuple[str, str] | None:
    """Decode UTF-16 that has no mark: its digits and separators are bytes of which every second one is zero."""
    sample = data[:4096]
    if len(data) % 2 or sample.count(0) < len(sample) // 16 or not sample:
        return None
    even, odd = sample[::2].count(0), sample[1::2].count(0)
    name = "UTF-16-LE" if odd > even else "UTF-16-BE"
    try:
        text = data.decode(name)
    except UnicodeDecodeError:
        return None
    return (text, name) if "\x00" not in text and ("\n" in text or "\r" in text) else None


def _reads_anything(encoding: str) -> bool:
    # A one-byte encoding that knows (nearly) every byte proves nothing by reading the text.
    sample = bytes(range(0xA1, 0xFF))
    try:
        return len(sample.decode(encoding)) == len(sample)
    except UnicodeDecodeError:
        return False
