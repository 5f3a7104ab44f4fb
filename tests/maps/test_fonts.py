from __future__ import annotations

import base64
import io

from fontTools.ttLib import TTFont

from plan.maps.fonts import _cut, characters, subset_font


def test_a_subset_holds_just_what_is_shown() -> None:
    made = subset_font(["青山新村", "12号楼 – 60㎡"])
    data = base64.b64decode(made.css.split("base64,")[1].split(")")[0])
    with TTFont(io.BytesIO(data)) as font:
        covered = {chr(c) for c in font.getBestCmap()}
    assert set("青山新村12号楼–60㎡") <= covered
    assert "堃" not in covered
    assert made.missing == ()
    assert made.size == len(data) < 20_000


def test_missing_characters_are_named_in_order() -> None:
    assert subset_font(["𠮷楼", "𠀀"]).missing == ("𠀀", "𠮷")


def test_the_same_texts_give_the_same_bytes() -> None:
    one = subset_font(["乙", "甲"]).css
    assert subset_font(["甲", "乙", "甲"]).css == one
    _cut.cache_clear()  # cut anew, it is the same, too
    assert subset_font(["甲", "乙", "甲"]).css == one


def test_all_texts_of_the_map_and_the_packs_can_be_drawn(root) -> None:
    known = characters()
    for path in sorted((root / "plan").rglob("*.toml")):
        text = path.read_text(encoding="utf-8")
        assert {c for c in text if not c.isspace()} - known == set(), path.name
