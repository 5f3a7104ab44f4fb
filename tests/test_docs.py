"""The pages in docs: those that the code knows are as the code says, and every line in them runs."""

from __future__ import annotations

import re
import runpy
import shlex
import shutil
import tomllib
from pathlib import Path

import pytest
from commands import typed

import plan
from plan.rules import load_waivers

DOCS = Path(__file__).resolve().parents[1] / "docs"
EXAMPLES = tomllib.loads((DOCS / "examples.toml").read_text(encoding="utf-8"))
LINES = [(verb, one["command"]) for verb, several in EXAMPLES.items() for one in several]


@pytest.fixture(scope="module")
def made() -> dict[str, str]:
    pages: dict[str, str] = runpy.run_path(str(DOCS / "make.py"))["pages"]()
    return pages


def test_the_pages_are_as_the_code_says(made: dict[str, str]) -> None:
    stale = [name for name, text in made.items() if (DOCS / name).read_text(encoding="utf-8") != text]
    assert stale == [], "run: python docs/make.py"


def test_every_verb_has_its_page_and_no_other(made: dict[str, str]) -> None:
    kept = {f"verbs/{page.name}" for page in (DOCS / "verbs").glob("*.md")}
    assert kept == {name for name in made if name.startswith("verbs/")}


def test_examples_belong_to_verbs(made: dict[str, str]) -> None:
    assert {f"verbs/{verb.replace(' ', '_')}.md" for verb in EXAMPLES} <= set(made)


@pytest.mark.parametrize(("verb", "line"), LINES, ids=[line for _, line in LINES])
def test_a_line_runs(verb: str, line: str, root: Path, tmp_path: Path) -> None:
    program, *arguments = shlex.split(line)
    assert [program, *verb.split()] == [program, *arguments[: len(verb.split())]]
    shutil.copytree(
        root / "sample_gis",
        tmp_path / "sample_gis",
        ignore=shutil.ignore_patterns("__pycache__", "*.py", "pictures"),
    )
    done = typed(*arguments, cwd=tmp_path)
    assert done.returncode in {0, 1, 3}, done.stderr
    assert "Traceback" not in done.stderr
    for name in re.findall(r"-o (\S+)", line):
        assert (tmp_path / name).exists()


@pytest.mark.parametrize("page", sorted(DOCS.glob("**/*.md")), ids=lambda p: p.name)
def test_links_lead_somewhere(page: Path) -> None:
    for link in re.findall(r"\]\(([^)#\s]+)[^)]*\)", page.read_text(encoding="utf-8")):
        if not link.startswith(("http:", "https:")):
            assert (page.parent / link).exists(), link


def test_the_front_page_names_every_page(made: dict[str, str]) -> None:
    front = (DOCS / "README.md").read_text(encoding="utf-8")
    assert [name for name in made if f"({name})" not in front] == []


def my_city(folder: Path) -> tuple[Path, Path]:
    """Write the pack of the page and its examples."""
    texts = re.findall(r"```toml\n(.*?)```", (DOCS / "rules.md").read_text(encoding="utf-8"), re.DOTALL)
    paths = folder / "my_city.toml", folder / "my_city.examples.toml"
    for path, text in zip(paths, texts, strict=True):
        path.write_text(text, encoding="utf-8")
    return paths


def test_the_pack_of_the_page_checks_a_design(root: Path, tmp_path: Path) -> None:
    pack = plan.load_pack(my_city(tmp_path)[0])
    report = plan.check(plan.read_site(root / "sample_gis" / "new_estate.gpkg"), pack, select=["MC-"])
    assert [(f.rule, f.measured, f.required) for f in report.findings if f.rule == "MC-01"] == [
        ("MC-01", 460.0, 432.0)
    ]


def test_the_examples_of_the_page_come_out_as_they_say(tmp_path: Path) -> None:
    pack, examples = my_city(tmp_path)

    def validate(*packs: Path) -> tuple[int, str]:
        done = typed("rules", "validate", *packs, "--examples", examples, "--lang", "en")
        return done.returncode, " ".join(done.stderr.split())

    code, said = validate(pack)
    assert (code, "all 12 examples are as expected (2 rules)" in said) == (0, True), said
    pack.write_text(pack.read_text(encoding="utf-8").replace("households = 30,", "households = 31,"), "utf-8")
    code, said = validate(pack)
    assert (code, "2 of 12 examples are not as expected" in said) == (1, True), said
    assert validate(pack, pack)[0] == 2


def test_the_whole_example_is_judged_as_it_says() -> None:
    done = typed(
        "rules", "validate", "docs/mycity.toml", "--examples", "docs/mycity.examples.toml", "--lang", "en",
        cwd=DOCS.parent,
    )  # fmt: skip
    said = done.stderr.strip().splitlines()
    assert done.returncode == 0, done.stderr
    # Nothing is left to compare: every figure stands in its quote, and every category is known.
    assert [line.split(": ", 1)[1] for line in said] == [
        "pack qingdao, rules of its own: 12, inherited: 303, no mistakes.",
        "all 53 examples are as expected (12 rules).",
    ]


def test_the_whole_example_checks_the_design_as_the_page_says() -> None:
    (block,) = re.findall(r"```console\n\$ plan (.*?)```", (DOCS / "rules.md").read_text("utf-8"), re.DOTALL)
    line, shown = block.split("\n", 1)
    done = typed(*shlex.split(line), cwd=DOCS.parent)
    assert done.returncode == 1, done.stderr
    kept = [text.rstrip() for text in done.stdout.splitlines() if text.strip()]
    wanted = shown.rstrip().splitlines()
    assert wanted.pop() == "…"
    assert kept[: len(wanted)] == wanted


def test_the_whole_example_takes_the_place_of_a_national_rule_from_its_day_on() -> None:
    pack = plan.load_pack(DOCS / "mycity.toml")
    assert pack.rule("EL-NEW-1").pack == "qingdao"
    assert "EL-NEW-1" not in {rule.id for rule in plan.load_pack(DOCS / "mycity.toml", on="2025-04-30").rules}


def test_the_waiver_of_the_page_is_read(tmp_path: Path) -> None:
    (text,) = re.findall(r"```toml\n(.*?)```", (DOCS / "waivers.md").read_text(encoding="utf-8"), re.DOTALL)
    path = tmp_path / "waivers.toml"
    path.write_text(text, encoding="utf-8")
    (waiver,) = load_waivers(path).records
    assert waiver.rule == "JN-01"
