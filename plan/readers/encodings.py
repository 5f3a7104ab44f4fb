"""Which encoding a text is in, decided over all of its bytes and never without telling.

Chinese drawings come as UTF-8 or as GBK; GB18030 reads every GBK text. A ``.cpg`` file may be absent
or may lie: bytes decide.
"""

from __future__ import annotations

import codecs
from collections.abc import Sequence
from contextlib import suppress
from typing import Final

from plan.errors import UsageError
from plan.messages import Message
from plan.problems import ProblemList

__all__ = ["codec_name", "decide", "decode_table", "decode_value", "fits"]

UTF8: Final = "UTF-8"
GB18030: Final = "GB18030"
# GB18030 holds all of these: one name for them keeps the decision readable.
_GB_FAMILY: Final = ("gbk", "gb2312", "gb18030", "hz")
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
    values: Sequence[tuple[bytes, bool]], *, declared: str | None, given: str | None, found: ProblemList
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

    Returns
    -------
    str or None
        The encoding; None when the text is in none of those tried.
    """
    foreign = [(value, full) for value, full in values if not value.isascii()]
    if given is not None:
        name = given_codec(given)
        if fits(foreign, name):
            return name
        found.add("PLAN-ENC-002", "error", "refused", Message("readers.encoding_given_wrong", encoding=given))
        return None
    return _decide(foreign, declared, found) if foreign else UTF8


def _decide(foreign: Sequence[tuple[bytes, bool]], declared: str | None, found: ProblemList) -> str | None:
    guess = UTF8 if fits(foreign, UTF8) else GB18030 if fits(foreign, GB18030) else None
    said = codec_name(declared) if declared else None
    # What reads every byte (ISO-8859-1) proves nothing where UTF-8 or GB18030 read the text too.
    if said is not None and (
        said == guess or (fits(foreign, said) and (guess is None or not _reads_anything(said)))
    ):
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
