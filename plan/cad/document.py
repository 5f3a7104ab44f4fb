"""A drawing as a file: units, fonts and line types; the same content makes the same bytes."""

from __future__ import annotations

import io
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from ezdxf import units
from ezdxf._options import options
from ezdxf.document import Drawing
from ezdxf.filemanagement import new

__all__ = ["FONT", "HEADINGS", "new_drawing", "to_bytes", "without_clock"]

FONT: Final = "仿宋"  # text styles; the files are those of Windows with Chinese
HEADINGS: Final = "黑体"
_FONT_FILES: Final = {FONT: "simfang.ttf", HEADINGS: "simhei.ttf"}
_VERSION: Final = "R2007"  # the first that writes UTF-8; every AutoCAD, 天正 and 浩辰 in use reads it
_POINT_STYLE: Final = 34  # $PDMODE: a cross in a circle
_POINT_SIZE: Final = 0.6  # m


@contextmanager
def without_clock() -> Iterator[None]:
    """Make and write drawings without the time of day and without random ids."""
    before = options.write_fixed_meta_data_for_testing
    options.write_fixed_meta_data_for_testing = True
    try:
        yield
    finally:
        options.write_fixed_meta_data_for_testing = before


def new_drawing() -> Drawing:
    """Make an empty drawing in metres, with Chinese fonts and the usual line types."""
    drawing = new(_VERSION, setup=["linetypes"], units=units.M)
    drawing.header["$PDMODE"] = _POINT_STYLE
    drawing.header["$PDSIZE"] = _POINT_SIZE
    drawing.header["$LTSCALE"] = 1.0
    drawing.header["$MEASUREMENT"] = 1  # metric line types
    for name, font in _FONT_FILES.items():
        drawing.styles.add(name, font=font)
    return drawing


def to_bytes(drawing: Drawing) -> bytes:
    """Return a drawing as the bytes of its file, with the line ends that AutoCAD writes."""
    # ezdxf takes the classes in use from a set, whose order is another one in every process.
    drawing.classes.add_required_classes(drawing.dxfversion)
    drawing.classes.classes = OrderedDict(sorted(drawing.classes.classes.items()))
    out = io.StringIO()
    drawing.write(out)
    return drawing.encode(out.getvalue()).replace(b"\n", b"\r\n")
