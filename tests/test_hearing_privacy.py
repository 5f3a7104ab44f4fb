"""A hearing is public: no file of its package tells who owns a flat, how a household voted, or what it earns."""

from __future__ import annotations

import pickle
import re
import shutil
import subprocess
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pyogrio
import pytest

import plan
from plan.elevators.coefficients import example
from plan.errors import OutputError
from plan.findings import Status
from plan.handout import public_site
from plan.hearing import HearingPackage, make_hearing
from plan.proposing import Request
from plan.retrofit import Paying
from plan.site import Site
from plan.validation import validate

pytestmark = pytest.mark.long

OWNER, INCOME, VOTE, NAME = "OWNERCANARY", "INCOMECANARY", "VOTECANARY", "NAMECANARY"
PRIVATE = ("owner_id", "vote", "elderly", "children", "disabled")


@pytest.fixture(scope="module")
def site(sample_gis: Path) -> Site:
    """The old estate, its owners and incomes easy to find again, and one vote that nobody understands."""
    whole = plan.read_site(sample_gis / "old_estate.gpkg")
    homes = whole.layer("households")
    homes["owner_id"] = OWNER + homes["owner_id"].astype(str)
    homes["income_cny"] = INCOME
    homes["姓名"] = "{{" + NAME + "}}"  # a template in a cell is a problem that readers quote
    homes["vote"] = homes["vote"].astype(object)
    homes.loc[3, "vote"] = VOTE
    fitted, problems = validate("households", homes)
    assert VOTE in "".join(problem.message for problem in problems)
    assert NAME in "".join(problem.message for problem in problems)
    layers = {**whole.layers, "households": fitted}
    return Site(name=whole.name, layers=layers, crs=whole.crs, inputs=whole.inputs, problems=problems)


@pytest.fixture(scope="module")
def package(site: Site, tmp_path_factory: pytest.TempPathFactory) -> tuple[HearingPackage, Path]:
    base = tmp_path_factory.mktemp("hearing")
    paying = Paying(total_cny=600_000, coefficients=example("EL-SHARE-ZJT"), payers="agreeing")
    found = make_hearing(
        site,
        plan.load_pack("sanming"),
        out=base / "package",
        request=Request(also=("elevators",), paying=paying),
        organisers=base / "organisers.gpkg",
    )
    return found, base / "organisers.gpkg"


def texts(file: Path) -> Iterator[bytes]:
    """Give what a file holds, unpacked: what is in an archive, in the streams of a PDF, in an inlined picture."""
    document = file.read_bytes()
    yield document
    if zipfile.is_zipfile(file):
        with zipfile.ZipFile(file) as archive:
            yield from (archive.read(name) for name in archive.namelist())
    if file.suffix == ".pdf":
        if shutil.which("pdftotext"):
            yield subprocess.run(["pdftotext", str(file), "-"], capture_output=True, check=True).stdout
        for stream in re.findall(rb"stream\r?\n(.*?)endstream", document, re.DOTALL):
            try:
                yield zlib.decompress(stream)
            except zlib.error:
                continue


def test_no_file_of_the_package_names_an_owner_a_vote_or_an_income(
    package: tuple[HearingPackage, Path],
) -> None:
    folder = package[0].folder
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    assert {".plan", "finished.step"} <= {part for path in files for part in path.parts}
    for file in files:
        for held in texts(file):
            for canary in (OWNER, INCOME, VOTE, NAME):
                assert canary.encode() not in held, (file.name, canary)
                assert canary.encode("utf-16-le") not in held, (file.name, canary)


def test_the_canaries_are_found_where_they_belong(package: tuple[HearingPackage, Path]) -> None:
    held = package[1].read_bytes()
    assert OWNER.encode() in held
    assert INCOME.encode() in held
    homes = pyogrio.read_dataframe(package[1], layer="households")
    assert set(PRIVATE) <= set(homes.columns)
    names = {name for name, _ in pyogrio.list_layers(package[1])}
    assert {"elevators_shares", "elevators_sun", "elevators_floors"} <= names


def test_the_data_hold_sums_by_floor_and_no_row_of_a_household(package: tuple[HearingPackage, Path]) -> None:
    path = package[0].folder / "result.gpkg"
    names = {name for name, _ in pyogrio.list_layers(path)}
    assert "elevators_floors" in names
    assert not {"elevators_shares", "elevators_sun"} & names
    homes = pyogrio.read_dataframe(path, layer="households")
    assert set(homes.columns) == {
        "household_id", "building_id", "stairwell_id", "floor", "area_m2", "persons", "geometry",
    }  # fmt: skip


def test_no_vote_can_be_told_of_the_data_and_all_else_can(package: tuple[HearingPackage, Path]) -> None:
    pack = plan.load_pack("sanming")
    again = plan.check(plan.read_site(package[0].folder / "result.gpkg"), pack)
    consent = [rule.id for rule in pack.rules if type(rule.kind).__name__ == "Consent"]
    told = {(f.rule, f.subject): f for f in package[0].after.findings}
    differ = {f.rule for f in again.findings if f.status is not told[f.rule, f.subject].status}
    assert differ <= set(consent)
    voted = [f for f in again.findings if f.rule in consent]
    assert voted
    for finding in voted:
        assert finding.status is Status.UNDETERMINED
        assert (finding.reason or "").startswith("missing_data")


def test_who_pays_is_not_printed_where_only_those_who_agree_pay(
    package: tuple[HearingPackage, Path],
) -> None:
    floors = pyogrio.read_dataframe(package[0].folder / "result.gpkg", layer="elevators_floors")
    assert floors["least_fen"].isna().all()
    for file in ("atlas.pdf", "report.docx", "tables.xlsx"):
        for held in texts(package[0].folder / file):
            assert "实付".encode() not in held


def test_the_file_of_the_organisers_stays_out_of_the_package(site: Site, tmp_path: Path) -> None:
    pack = plan.load_pack("sanming")
    for inside in (
        tmp_path / "all.gpkg",
        tmp_path / "below" / "all.gpkg",
        tmp_path / "x" / ".." / "all.gpkg",
    ):
        with pytest.raises(OutputError, match="不能放在"):
            make_hearing(site, pack, out=tmp_path, organisers=inside)
    with pytest.raises(OutputError):
        make_hearing(site, pack, out=tmp_path / "package", organisers=tmp_path / "all.txt")
    assert not list(tmp_path.rglob("*.*"))


def test_a_public_site_is_the_site_otherwise(site: Site) -> None:
    shown = public_site(site)
    assert set(shown.layers) == set(site.layers)
    for name in set(site.layers) - {"households"}:
        pd.testing.assert_frame_equal(shown.layer(name), site.layer(name))
    assert len(shown.layer("households")) == len(site.layer("households"))
    assert OWNER.encode() not in pickle.dumps(shown)
    assert VOTE.encode() not in pickle.dumps(shown)
