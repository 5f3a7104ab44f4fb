"""A reader that hangs, takes all memory or dies ends in a refusal that names the file; a good one is let alone."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import textwrap
import time

import psutil
import pytest

from plan import watch
from plan.errors import UsageError


@pytest.fixture
def typed(tmp_path):
    """Run ``plan`` with a reader that does what a library can do; return its result."""

    def run(does, *words, limits="Limits(seconds=1.0, memory_mb=200.0)"):
        # A module of this name is loaded by every Python that starts with this path.
        (tmp_path / "sitecustomize.py").write_text(
            textwrap.dedent(f"""
                import os, sys, time
                if os.environ.get("PLAN_WATCHED"):
                    import plan.watch as watch
                    from plan.watch import Limits
                    watch.limits_for = lambda sources: {limits}
                    import plan.readers as readers
                    def read_raw(*a, **k):
                        {does}
                    readers.read_raw = read_raw
            """)
        )
        path = os.pathsep.join([str(tmp_path), os.environ.get("PYTHONPATH", "")])
        return subprocess.run(
            [sys.executable, "-m", "plan", *words],
            capture_output=True, text=True, encoding="utf-8", env={**os.environ, "PYTHONPATH": path}, check=False,
        )  # fmt: skip

    return run


@pytest.mark.parametrize(
    ("does", "said"),
    [
        ("[x for x in iter(int, 1)]", "was stopped"),
        ("x = [bytes(50 << 20) for _ in range(20)]; x = [bytearray(b'1' * (50 << 20)) for _ in range(20)]; time.sleep(99)",
         "MB of memory"),
        ("os.kill(os.getpid(), 11)", "crashed"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_refused(typed, does, said):
    done = typed(does, "inspect", "x.gpkg", "--lang", "en", "--format", "json")
    assert done.returncode == 2, done.stderr
    assert "PLAN-SEC-011" in done.stderr
    assert said in done.stderr
    assert "x.gpkg" in done.stderr
    assert [p["effect"] for p in json.loads(done.stdout)["problems"]] == ["refused"]


def test_a_sound_file_is_read_as_without_a_watch(sample_gis):
    source = str(sample_gis / "new_estate.gpkg")
    done = subprocess.run(
        [sys.executable, "-m", "plan", "inspect", source, "--format", "json"],
        capture_output=True, text=True, encoding="utf-8", check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["schema"] == "plan.inspect/1"


def test_exit_codes_and_errors_of_usage_pass_through():
    done = subprocess.run(
        [sys.executable, "-m", "plan", "import", "nothing.gpkg", "-o", "x.txt"],
        capture_output=True, text=True, encoding="utf-8", check=False,
    )  # fmt: skip
    assert done.returncode == 2
    assert "Traceback" not in done.stderr


def test_limits_grow_with_the_files(tmp_path):
    small, packed = tmp_path / "a.gpkg", tmp_path / "b.zip"
    for path in (small, packed):
        path.write_bytes(bytes(1 << 20))
    one, other = watch.limits_for([small]), watch.limits_for([packed])
    assert watch.limits_for(["osm:1,2,3,4"]).seconds < one.seconds < other.seconds
    assert watch.limits_for([tmp_path]).memory_mb > other.memory_mb


def test_reading_without_a_watch_does_nothing():
    with watch.reading(["x"]):
        pass


@pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")
def test_who_is_watched_ends_with_its_watcher(tmp_path):
    command = [sys.executable, "-c", "import sys; from plan.watch import attend; attend(['x'])"]
    (tmp_path / "sitecustomize.py").write_text(
        "import os\nif os.environ.get('PLAN_WATCHED'):\n"
        "    from plan.watch import be_watched\n    import time\n    be_watched()\n    time.sleep(60)\n"
    )
    path = os.pathsep.join([str(tmp_path), os.environ.get("PYTHONPATH", "")])
    watcher = subprocess.Popen(command, env={**os.environ, "PYTHONPATH": path})
    children = []
    for _ in range(100):
        children = psutil.Process(watcher.pid).children()
        if children:
            break
        time.sleep(0.1)
    time.sleep(1.5)
    watcher.kill()
    watcher.wait()
    _, alive = psutil.wait_procs(children, timeout=20)
    assert children
    assert not alive


def test_limits_are_those_that_the_user_sets(monkeypatch, tmp_path):
    file = tmp_path / "a.gpkg"
    file.write_bytes(bytes(1 << 20))
    assert watch.limits_for([file]) == watch.Limits(seconds=50.0, memory_mb=828.0)
    monkeypatch.setenv("PLAN_READING_SECONDS", "600")
    monkeypatch.setenv("PLAN_READING_MB", " 4096 ")
    assert watch.limits_for([file]) == watch.Limits(seconds=600.0, memory_mb=4096.0)


@pytest.mark.parametrize("said", ["much", "0", "-1", "nan"])
def test_a_limit_that_is_none_is_refused(monkeypatch, said):
    monkeypatch.setenv("PLAN_READING_MB", said)
    with pytest.raises(UsageError, match="PLAN_READING_MB"):
        watch.limits_for([])
