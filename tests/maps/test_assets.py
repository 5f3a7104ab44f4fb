from __future__ import annotations

from pathlib import Path

import pytest
from fontTools.ttLib import TTFont

from plan.files import sha256

ASSETS = Path(__file__).resolve().parents[2] / "plan" / "maps" / "assets"
OURS = {"README.md", "SHA256SUMS"}


def listed() -> dict[str, str]:
    lines = (ASSETS / "SHA256SUMS").read_text(encoding="utf-8").splitlines()
    return {name: digest for digest, _, name in (line.partition("  ") for line in lines)}


@pytest.mark.parametrize(("name", "digest"), sorted(listed().items()))
def test_vendored_files_are_the_ones_listed(name: str, digest: str) -> None:
    assert sha256(ASSETS / name) == digest


def test_every_foreign_file_is_listed() -> None:
    present = {
        p.relative_to(ASSETS).as_posix()
        for p in ASSETS.rglob("*")
        if p.is_file() and "__pycache__" not in p.parts and p.parent != ASSETS / "page"
    }
    assert present - OURS == set(listed())


def test_licences_are_shipped() -> None:
    licences = {p.name: p.read_text(encoding="utf-8") for p in (ASSETS / "licences").iterdir()}
    assert "Redistribution and use" in licences["leaflet-1.9.4.txt"]
    assert "SIL OPEN FONT LICENSE" in licences["noto-sans-sc.txt"]


def test_font_has_what_a_chinese_map_needs() -> None:
    path = ASSETS / "fonts" / "NotoSansSC-subset.otf"
    assert path.stat().st_size <= 1_600_000
    with TTFont(path) as font:
        characters = font.getBestCmap().keys()
    gb2312 = "".join(
        bytes([a, b]).decode("gb2312", "ignore") for a in range(0xB0, 0xF8) for b in range(0xA1, 0xFF)
    )
    needed = gb2312 + "堃喆垚昇玥–—≤≥①⑩●√×²³㎡℃〔〕《》“”·￥éü"
    assert [c for c in needed if ord(c) not in characters] == []
