"""A picture with at most 256 colours, a third of the size: flat colours stay what they are."""

from __future__ import annotations

import struct
import warnings
import zlib
from typing import Any, Final

import numpy as np

__all__ = ["with_copyright", "with_palette"]

_SIGNATURE: Final = b"\x89PNG\r\n\x1a\n"
_AFTER_HEADER: Final = len(_SIGNATURE) + 25  # IHDR: length, name, 13 bytes, checksum
_MOST: Final = 256
_BITS: Final = 3  # dropped of each of a colour's parts where colours are counted together


def with_copyright(png: bytes, text: str) -> bytes:
    """Return a PNG that also says among its properties who must be named (PNG, 11.3.3.4 iTXt); empty text says nothing."""
    if not text:
        return png
    # Keyword; not compressed; no language, no translated keyword; the text.
    chunk = _chunk(b"iTXt", b"Copyright\0\0\0\0\0" + text.encode("utf-8"))
    return png[:_AFTER_HEADER] + chunk + png[_AFTER_HEADER:]


def with_palette(png: bytes) -> bytes:
    """Return a PNG with a palette of its most frequent colours; others become the nearest of these.

    Parameters
    ----------
    png : bytes
        With three or four bytes for each pixel, 8 bit, not interlaced, as typst writes it. What is transparent is white.

    Returns
    -------
    bytes
        The picture; the one that was given where it is of another kind.

    References
    ----------
    Portable Network Graphics (PNG) Specification, third edition, W3C 2023: 5.6 chunks, 11.2.2 IHDR, 9 filters.
    """
    import rasterio.errors  # noqa: PLC0415 - only pictures need it
    from scipy.spatial import cKDTree  # noqa: PLC0415 - the same

    with warnings.catch_warnings():
        # A picture lies nowhere on the ground, and needs not to.
        warnings.simplefilter("ignore", rasterio.errors.NotGeoreferencedWarning)
        with rasterio.MemoryFile(png) as memory, memory.open(driver="PNG") as source:
            bands: Any = source.read()
    if bands.dtype != np.uint8 or bands.shape[0] not in {3, 4}:
        return png
    pixels = np.moveaxis(bands, 0, -1)
    height, width = pixels.shape[:2]
    flat = pixels.reshape(-1, pixels.shape[2]).astype(np.uint32)
    if pixels.shape[2] == 4:  # noqa: PLR2004 - with opacity
        opacity = flat[:, 3:4]
        flat = (flat[:, :3] * opacity + 255 * (255 - opacity) + 127) // 255
    code = (flat[:, 0] << 16) | (flat[:, 1] << 8) | flat[:, 2]
    colours, which, counts = np.unique(code, return_inverse=True, return_counts=True)
    parts = np.column_stack([colours >> 16, (colours >> 8) & 255, colours & 255])
    palette = parts[_chosen(parts, counts)]
    nearest = cKDTree(palette).query(parts)[1].astype(np.uint8)
    rows = nearest[which.reshape(-1)].reshape(height, width)
    lines = np.zeros((height, width + 1), dtype=np.uint8)  # the first byte of a line: no filter
    lines[:, 1:] = rows
    return b"".join(
        (
            _SIGNATURE,
            _chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0)),
            _chunk(b"PLTE", palette.astype(np.uint8).tobytes()),
            _chunk(b"IDAT", zlib.compress(lines.tobytes(), 9)),
            _chunk(b"IEND", b""),
        )
    )


def _chosen(parts: np.ndarray[Any, Any], counts: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """Return which colours make the palette: of each little cube of colours the most frequent, then by their counts."""
    if len(parts) <= _MOST:
        return np.arange(len(parts))
    cube = ((parts[:, 0] >> _BITS) << 10) | ((parts[:, 1] >> _BITS) << 5) | (parts[:, 2] >> _BITS)
    order = np.lexsort((np.arange(len(parts)), -counts, cube))
    first = np.ones(len(order), dtype=bool)
    first[1:] = cube[order][1:] != cube[order][:-1]
    sums = np.add.reduceat(counts[order], np.flatnonzero(first))
    best = order[first]
    rank = np.lexsort((best, -sums))[:_MOST]
    return np.sort(best[rank])


def _chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
