"""README is a transcript that can be retyped: commands, pictures, links and the ten lines."""

from __future__ import annotations

import re
import shlex
import shutil
from pathlib import Path

import pytest
from commands import typed

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
COMMANDS = (
    "inspect",
    "import",
    "check",
    "reach",
    "place rooms",
    "place stalls",
    "place elevators",
    "map",
    "hearing",
    "export",
    "programme",
    "rules",
)


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", README, re.DOTALL | re.MULTILINE)


def steps() -> list[tuple[str, str]]:
    """Commands of the transcript, each with what it prints."""
    parts = re.split(r"^\$ ", "".join(blocks("console")), flags=re.MULTILINE)[1:]
    return [(p.split("\n", 1)[0], p.split("\n", 1)[1].strip("\n")) for p in parts]


@pytest.fixture
def desk(tmp_path: Path) -> Path:
    shutil.copytree(
        ROOT / "sample_gis", tmp_path / "sample_gis", ignore=shutil.ignore_patterns("__pycache__")
    )
    return tmp_path


def test_it_opens_with_the_two_commands() -> None:
    first, second = blocks("sh")
    assert first.strip() == (
        "python -m pip install . && plan hearing sample_gis/old_estate.gpkg --rules sanming -o hearing"
    )
    assert second.strip() == 'python -m pip install ".[test]" && python -m pytest'


@pytest.mark.parametrize(("command", "printed"), steps(), ids=[c for c, _ in steps()])
def test_the_transcript_is_true(command: str, printed: str, desk: Path) -> None:
    program, *arguments = shlex.split(command)
    assert program == "plan"
    done = typed(*arguments, cwd=desk)
    lines = [line.rstrip() for line in done.stdout.splitlines() if line.strip()]
    wanted = [line.rstrip() for line in printed.splitlines() if line.strip()]
    # A line of dots stands for lines left out.
    at = 0
    for number, line in enumerate(wanted):
        if line.strip() == "…":
            assert number + 1 < len(wanted)
            assert wanted[number + 1] in lines[at:], wanted[number + 1]
            at += lines[at:].index(wanted[number + 1])
            continue
        assert at < len(lines), done.stderr
        assert lines[at] == line
        at += 1


def test_the_transcript_is_not_empty() -> None:
    assert len(steps()) >= 3


def test_the_ten_lines_run(
    desk: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (code,) = blocks("python")
    assert len([line for line in code.splitlines() if line.strip()]) <= 10
    monkeypatch.chdir(desk)
    exec(compile(code, "README.md", "exec"), {})  # noqa: S102 - our own README
    assert "QHD-07 met" in capsys.readouterr().out
    assert (desk / "hearing.html").stat().st_size > 100_000


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_is_named_in_both_halves(command: str) -> None:
    assert README.count(f"`plan {command}") >= 2


@pytest.mark.parametrize("link", sorted(set(re.findall(r"\]\(([^)#]+)\)", README))))
def test_links_lead_somewhere(link: str) -> None:
    assert (ROOT / link).exists()
