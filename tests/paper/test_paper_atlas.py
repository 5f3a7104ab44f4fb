"""The atlas on paper: what stands on its sheets, and that names stay names."""

from __future__ import annotations

import dataclasses
import re
import subprocess
from pathlib import Path

import pytest

import plan
from plan.errors import OutputError, UsageError
from plan.findings import SiteResult, Status
from plan.messages import Message
from plan.paper import atlas_of, report_pdf, report_pdf_of, setting, site_pdf, write_atlas
from plan.paper.stairwells import shares_by_floor, stairwell_sheet

HOSTILE = '#panic("x") *b* $x$ @ref <tag> \\u{41} `r` =1+1 //c'
A3_LANDSCAPE = (1190.55, 841.89)


def text_of(poppler: Path, data: bytes, tmp_path: Path) -> str:
    file = tmp_path / "x.pdf"
    file.write_bytes(data)
    done = subprocess.run(
        [poppler / "pdftotext", "-raw", "-enc", "UTF-8", file, "-"], capture_output=True, check=True
    )
    return done.stdout.decode()


def bare(text: str) -> str:
    """A text without the spaces and line ends that setting it may move."""
    return re.sub(r"[\s\u200b]+", "", text)


def info(poppler: Path, data: bytes, tmp_path: Path) -> dict[str, str]:
    file = tmp_path / "x.pdf"
    file.write_bytes(data)
    done = subprocess.run([poppler / "pdfinfo", file], capture_output=True, check=True, text=True)
    return dict(re.findall(r"^([^:]+):\s*(.*)$", done.stdout, flags=re.MULTILINE))


@pytest.fixture(scope="module")
def atlas(dossier):
    return atlas_of(dossier)


def test_same_dossier_same_bytes(dossier, atlas):
    assert atlas_of(dossier).data == atlas.data
    assert b"/CreationDate" not in atlas.data


@pytest.mark.real
def test_a_sheet_for_every_stairwell(dossier, atlas, poppler, tmp_path):
    text = text_of(poppler, atlas.data, tmp_path)
    stairwells = dossier.proposals["elevators"].measures["stairwells"]
    assert len(stairwells) == 11
    pages = text.split("\f")
    for one in stairwells:
        title = bare(f"楼栋 {one.building_id}　梯号 {one.stairwell_id}")
        # In the heading and in the title block of one sheet, and once more in the contents.
        assert sum(bare(page).count(title) == 2 for page in pages) == 1, one.stairwell_id
    about = info(poppler, atlas.data, tmp_path)
    assert int(about["Pages"]) == len(pages) - 1
    size = tuple(float(n) for n in re.findall(r"[\d.]+", about["Page size"])[:2])
    assert size == pytest.approx(A3_LANDSCAPE, abs=0.1)


@pytest.mark.real
def test_every_sheet_has_a_title_block(atlas, poppler, tmp_path):
    pages = text_of(poppler, atlas.data, tmp_path).split("\f")[:-1]
    for number, page in enumerate(pages, start=1):
        for told in ("（未送审）", "街道办", "2026-11-26", "sanming1.0.0", f"第{number}张共{len(pages)}张"):
            assert told in bare(page), (number, told)


@pytest.mark.real
def test_the_quote_stands_word_for_word(dossier, atlas, poppler, tmp_path):
    text = bare(text_of(poppler, atlas.data, tmp_path))
    for finding in dossier.after.findings:
        if finding.status is Status.NOT_MET:
            assert bare(finding.clause.quote) in text
            assert finding.rule in text


@pytest.mark.real
def test_names_are_never_markup(hostile, poppler, tmp_path):
    text = bare(text_of(poppler, atlas_of(hostile).data, tmp_path))
    assert bare(HOSTILE) in text


@pytest.mark.real
def test_maps_are_vectors(atlas, poppler, tmp_path):
    file = tmp_path / "x.pdf"
    file.write_bytes(atlas.data)
    listed = subprocess.run(
        [poppler / "pdfimages", "-list", file], capture_output=True, check=True, text=True
    )
    assert len(listed.stdout.splitlines()) == 2  # a head and a line
    fonts = subprocess.run([poppler / "pdffonts", file], capture_output=True, check=True, text=True)
    named = {line.split()[0].partition("+")[2] for line in fonts.stdout.splitlines()[2:]}
    assert all(name.startswith("NotoSansSC") for name in named)


@pytest.mark.real
def test_nobody_is_named(dossier, atlas, poppler, tmp_path):
    homes = dossier.site.layer("households")
    text = text_of(poppler, atlas.data, tmp_path)
    assert not [owner for owner in homes["owner_id"].dropna().unique() if owner in text]
    assert not [vote for vote in ("yes", "abstain", "absent") if vote in text]


def test_shares_add_up(dossier):
    retrofit = dossier.proposals["elevators"].measures["retrofit"]
    for name, shares in retrofit.owners.shares.stairwells.items():
        table = shares_by_floor(shares)
        *floors, last = table.rows
        fen = [round(float(row[-1].replace(",", "")) * 100) for row in floors]
        assert sum(fen) == shares.amount_fen == 250_000_00, name
        assert last[-1] == "250,000.00"
        # Every flat stands there once with its share.
        cells = [cell for row in floors for cell in row]
        assert all(cells.count(flat.household) == 1 for flat in shares.flats)
        assert [int(row[0]) for row in floors] == sorted({f.floor for f in shares.flats}, reverse=True)


def test_without_a_cost_the_sheet_says_so(dossier):
    retrofit = dossier.proposals["elevators"].measures["retrofit"]
    owners = dataclasses.replace(retrofit.owners, shares=None)
    bare_of = dataclasses.replace(retrofit, owners=owners)
    sheet = stairwell_sheet(bare_of, bare_of.stairwells[0], lang="zh")
    assert sheet["shares"] == {"table": None, "why": Message("paper.no_cost")}


def test_what_falls_short_is_strong(dossier):
    retrofit = dossier.proposals["elevators"].measures["retrofit"]
    sheet = stairwell_sheet(retrofit, retrofit.stairwells[0], lang="en")
    ground = sheet["tables"][0]
    for row, tones in zip(ground["rows"], ground["tones"], strict=True):
        assert tones[1] == ("short" if row[1].startswith("-") else "")


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_both_languages(dossier, lang, tmp_path):
    path = tmp_path / "atlas.pdf"
    assert write_atlas(dataclasses.replace(dossier, lang=lang), path) == ()
    assert path.read_bytes().startswith(b"%PDF-")
    assert [file.name for file in tmp_path.iterdir()] == ["atlas.pdf"]


@pytest.mark.real
def test_the_report_as_pdf(dossier, poppler, tmp_path):
    path = tmp_path / "r.pdf"
    assert report_pdf(dossier.results, path) == ()
    text = bare(text_of(poppler, path.read_bytes(), tmp_path))
    for finding in dossier.after.findings:
        assert bare(finding.clause.quote) in text
    failed = SiteResult(name="乙", pack=dossier.pack.ref, error=Message("paper.no_cost"))
    assert bare(Message("paper.no_cost")) in bare(text_of(poppler, report_pdf_of([failed]).data, tmp_path))
    with pytest.raises(UsageError):
        report_pdf([], path)


@pytest.mark.real
def test_the_maps_of_a_site(sample_gis, poppler, tmp_path):
    path = tmp_path / "s.pdf"
    site = plan.read_site(sample_gis / "new_estate.gpkg")
    assert site_pdf(site, path, "en") == ()
    assert "1 : " in text_of(poppler, path.read_bytes(), tmp_path)
    with pytest.raises(UsageError):
        site_pdf(site, path, "de")


def test_a_character_that_the_font_lacks_is_told():
    made = setting.typeset("atlas", minimal(title="楼\U0001f600"))
    assert made.missing == ("\U0001f600",)
    (note,) = made.notes()
    assert note.key == "paper.missing_characters"


def test_what_typst_refuses_is_told_with_a_cure():
    with pytest.raises(OutputError) as told:
        setting.typeset("atlas", {"lang": "zh"})
    assert told.value.message.key == "paper.not_set"


def test_hidden_characters_are_shown():
    seen: set[str] = set()
    assert setting._harmless({"a": ["12\u202e号"]}, seen) == {"a": ["12<U+202E>号"]}


def test_long_names_may_break():
    name = "A" * 100
    shown = setting._harmless(name, set())
    assert shown.replace("\u200b", "") == name
    assert "\u200b" in shown


def minimal(title: str) -> dict[str, object]:
    words = dict.fromkeys(
        ("kind", "sheet", "scale", "legend", "how", "why", "colon", "shares", "clauses", "no_quote"), ""
    )
    return {
        "lang": "zh",
        "paper": "a3",
        "title": title,
        "imprint": {"title": title, "cells": []},
        "contents_columns": 1,
        "map_height": 100,
        "words": {**words, "sheet_of": "{number}/{count}"},
        "sheets": [{"kind": "tables", "title": title, "roomy": True, "runs": []}],
    }
