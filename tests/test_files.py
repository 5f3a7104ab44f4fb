from __future__ import annotations

import errno
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from plan import files
from plan.errors import OutputError
from plan.files import atomic, sha256, spare, write_text


def test_the_old_file_stays_when_writing_fails(tmp_path: Path) -> None:
    target = tmp_path / "a.txt"
    write_text(target, "old")

    def write_half() -> None:
        with atomic(target) as temporary:
            temporary.write_text("half")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        write_half()
    assert target.read_text() == "old"
    assert [p.name for p in tmp_path.iterdir()] == ["a.txt"]


def test_the_new_file_replaces_the_old_whole(tmp_path: Path) -> None:
    target = tmp_path / "deep" / "a.txt"
    write_text(target, "old")
    write_text(target, "新\n")
    assert target.read_bytes() == "新\n".encode()


def test_a_folder_is_not_overwritten(tmp_path: Path) -> None:
    (tmp_path / "a.txt").mkdir()
    with pytest.raises(OutputError, match=r"a\.txt"):
        write_text(tmp_path / "a.txt", "x")


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(OutputError, match="file"):
        write_text(tmp_path / "file" / "a.txt", "x")


def test_sha256_of_a_known_text(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"abc")
    assert sha256(tmp_path / "a") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"


def test_a_killed_writer_leaves_the_old_file(tmp_path: Path) -> None:
    target = tmp_path / "a.txt"
    write_text(target, "old")
    code = (
        "import os, sys\n"
        "from plan.files import atomic\n"
        "with atomic(sys.argv[1]) as t:\n"
        "    t.write_text('half')\n"
        "    os._exit(9)\n"
    )
    done = subprocess.run([sys.executable, "-c", code, str(target)], check=False)
    assert done.returncode == 9
    assert target.read_text() == "old"


def test_a_full_disk_is_told_and_the_old_file_kept(tmp_path: Path) -> None:
    target = tmp_path / "a.txt"
    write_text(target, "old")

    def fill() -> None:
        with atomic(target) as temporary:
            temporary.write_text("half")
            raise OSError(errno.ENOSPC, "No space left on device")

    with pytest.raises(OutputError, match="磁盘已满"):
        fill()
    assert target.read_text() == "old"
    assert list(tmp_path.iterdir()) == [target]


def test_what_is_read_is_not_written_over(tmp_path: Path) -> None:
    source, other = tmp_path / "a.gpkg", tmp_path / "b.gpkg"
    source.write_text("a")
    spare([other], [source, "osm:1,2,3,4", "postgresql://user:secret@host/" + "x" * 5000], ending=".gpkg")
    with pytest.raises(OutputError, match=r"a\.gpkg"):
        spare([tmp_path / "." / "a.gpkg"], [source])
    with pytest.raises(OutputError, match=r"a\.gpkg"):
        spare([source], [tmp_path])
    spare([other], [tmp_path])  # a new file beside the layers of a folder destroys nothing


@pytest.mark.parametrize("name", ["n" * 300 + ".gpkg", "a\0.gpkg"])
def test_a_name_that_no_file_can_have_is_refused_before_any_work(tmp_path: Path, name: str) -> None:
    for refuse in (lambda: spare([tmp_path / name], []), lambda: write_text(tmp_path / name, "x")):
        with pytest.raises(OutputError) as caught:
            refuse()
        assert caught.value.message.key == "files.no_name"


@pytest.mark.parametrize(
    "name",
    [
        "CON",
        "aux.json",
        "nul.tar.gz",
        "Com1.gpkg",
        "lpt9 .txt",
        "a.gpkg.",
        "a.gpkg ",
        "b/a?.html",
        "x:stream.gpkg",
    ],
)
def test_a_name_that_windows_writes_elsewhere_is_refused_there(name: str) -> None:
    with pytest.raises(OutputError, match="Windows"):
        files._refuse_name(Path("folder") / name, windows=True)
    files._refuse_name(Path("folder") / name, windows=False)


@pytest.mark.parametrize("name", ["console.gpkg", "../小区 1.gpkg", "./auxiliary.json", "com10.csv"])
def test_other_names_are_good_on_windows(name: str) -> None:
    files._refuse_name(Path("folder") / name, windows=True)


def test_a_protected_file_stays(tmp_path: Path) -> None:
    target = tmp_path / "a.txt"
    target.write_text("old")
    target.chmod(0o444)
    for refuse in (lambda: spare([target], []), lambda: write_text(target, "new")):
        with pytest.raises(OutputError, match=r"a\.txt"):
            refuse()
    assert target.read_text() == "old"
    target.chmod(0o644)
    write_text(target, "new")


def test_an_ending_that_no_reader_knows_is_refused(tmp_path: Path) -> None:
    spare([tmp_path / "A.GPKG"], [], ending=".gpkg")
    with pytest.raises(OutputError, match=r"\.gpkg"):
        spare([tmp_path / "a.txt"], [], ending=".gpkg")


def _leave(folder: Path, process: int, *, age_s: float) -> Path:
    left = folder / f"{files._prefix(process)}abc123"
    left.mkdir()
    (left / "a.gpkg").write_text("half")
    long_ago = time.time() - age_s
    os.utime(left, (long_ago, long_ago))
    return left


def test_what_a_killed_writer_left_is_removed_by_the_next(tmp_path: Path) -> None:
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    left = _leave(tmp_path, ended.pid, age_s=3600)
    fresh = _leave(tmp_path, ended.pid + 1_000_000, age_s=0)
    working = _leave(tmp_path, os.getpid(), age_s=3600)
    foreign = tmp_path / ".plan-0badcafe-1-abc123"  # of another machine
    foreign.mkdir()
    os.utime(foreign, (0, 0))
    write_text(tmp_path / "a.txt", "new")
    assert not left.exists()
    assert fresh.exists()
    assert working.exists()
    assert foreign.exists()
