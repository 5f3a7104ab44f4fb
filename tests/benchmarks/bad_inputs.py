"""Every bad input of the field through ``plan inspect``, each in a process of its own: what is told, how fast, how large.

    python tests/benchmarks/bad_inputs.py [--write FILE]
    python tests/benchmarks/bad_inputs.py --made [CLASS ...] [--thoroughly] [--write FILE]

An answer is right when the problem that the manifest asks for is told with its severity and effect (or what
``tests/bad_inputs`` says instead, and why), the exit code is 2 just where something is refused, and nothing like a
traceback is printed. With ``--made`` the inputs are those of ``tests/bad_inputs/made_inputs.py``, made here, and with
``--thoroughly`` each goes through ``plan import`` and ``plan check`` too: what ``inspect`` refuses must be refused there, and
no rule may be met.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
import warnings
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SHARED = ROOT.parent / "shared" / "bad_inputs"
LIMIT_S = 5.0
LIMIT_MB = 1024

sys.path.insert(0, str(ROOT / "tests" / "bad_inputs"))

from made_inputs import MADE  # noqa: E402 - a folder of tests is no package
from test_bad_inputs import EFFECT, OTHERWISE, Otherwise, source_of  # noqa: E402 - a folder of tests is no package


def inspected(source, mapping):
    """Run ``plan inspect``; return what it printed, its exit code, seconds (wall and CPU) and megabytes."""
    words = [word for item in mapping for word in ("--mapping", item)]
    return ran("inspect", str(source), "--format", "json", "--lang", "en", *words)


def ran(*words):
    """Run ``plan``; return what it printed, its exit code, seconds (wall and CPU) and megabytes."""
    command = [sys.executable, "-m", "plan", *words]
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        before = time.perf_counter()
        child = subprocess.Popen(command, stdout=out, stderr=err, cwd=ROOT)
        _, status, usage = os.wait4(child.pid, 0)
        wall = time.perf_counter() - before
        child.returncode = os.waitstatus_to_exitcode(status)
        out.seek(0)
        err.seek(0)
        said, talk = out.read().decode("utf-8"), err.read().decode("utf-8", "replace")
    return said, talk, child.returncode, wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def judged(entry, expected, problems, code, talk):
    """Return what is asked for, what was told of it, and whether that is right."""
    rule = entry["rule"] if expected.rule == "" else expected.rule
    effect = expected.effect or EFFECT[entry["accept"]]
    severity = expected.severity or entry["severity"]
    told = [p for p in problems if p["id"] == rule]
    refused = any(p["effect"] == "refused" for p in problems)
    right = code == (2 if refused else 0) and "Traceback" not in talk
    if rule is None:
        right &= not any(p["severity"] == "error" for p in problems)
        return "no error", ", ".join(sorted({p["id"] for p in problems})) or "nothing", right
    right &= bool(told) and all((p["severity"], p["effect"]) == (severity, effect) for p in told)
    shown = ", ".join(sorted({f"{p['id']} {p['effect']}" for p in told})) or "–"
    return f"{rule} {effect}", shown, right


def of_made(one, folder, *, thoroughly):
    """Run ``inspect``, and the other two where asked, on an input that is made; return the cells of its row, seconds, megabytes and the verdict."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of programs that write broken files
        source = str(one.make(folder))
    named = ["--crs", one.crs] if one.crs else []
    said, talk, code, wall, cpu, mb = ran("inspect", source, "--format", "json", "--lang", "en", *named)
    problems = json.loads(said)["problems"] if said else []
    told = {f"{p['id']} {p['effect']}" for p in problems}
    refused = any(p["effect"] == "refused" for p in problems)
    right = set(one.told) <= told and code == (2 if refused else 0) and "Traceback" not in talk
    right &= not (one.silent and any(p["severity"] == "error" for p in problems))
    if not thoroughly:
        return (*shown(one, told, code), wall, (cpu,), mb, right)
    _, talk, imported, _, more, mb2 = ran("import", source, "-o", str(folder / "out" / "site.gpkg"), *named)
    right &= (imported != 0) == refused and "Traceback" not in talk
    report = folder / "out" / "r"
    _, talk, checked, _, most, mb3 = ran("check", source, "--rules", "qinhuangdao", "-o", str(report), *named)
    right &= "Traceback" not in talk and (not refused or checked == 2)
    met = {
        finding["rule"]
        for path in report.glob("results/*.json")
        for finding in json.loads(path.read_text(encoding="utf-8"))["result"]
        .get("report", {})
        .get("findings", ())
        if finding["status"]["value"] == "met"
    }
    right &= met <= {"QHD-10"}
    return (*shown(one, told, code, imported, checked), wall, (cpu, more, most), max(mb, mb2, mb3), right)


def shown(one, told, *codes):
    """Return what was asked for, what was told and the exit codes, as cells."""
    asked = ", ".join(one.told) or "no error"
    return asked, ", ".join(sorted(told)) or "nothing", " ".join(map(str, codes))


def made_table(classes, *, thoroughly):
    """Print the table of the inputs that are made; return its lines and how many are wrong."""
    lines = [
        "| input | what is wrong | asked for | told | exit | CPU s | MB | |",
        "| --- | --- | --- | --- | --- | --- | --- | --- |",
    ]
    wrong, slowest, largest, count = 0, 0.0, 0.0, 0
    for one in MADE:
        if classes and one.cls not in classes:
            continue
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name) / one.name
            folder.mkdir()
            *cells, _, seconds, mb, right = of_made(one, folder, thoroughly=thoroughly)
        right &= max(seconds) < LIMIT_S and mb < LIMIT_MB
        wrong, count = wrong + (not right), count + 1
        slowest, largest = max(slowest, *seconds), max(largest, mb)
        times = " ".join(f"{s:.1f}" for s in seconds)
        lines.append(
            f"| {one.name} | {one.about} | {' | '.join(cells)} | {times} | {mb:.0f} | {'right' if right else '**WRONG**'} |"
        )
        print(lines[-1], flush=True)
    lines += ["", f"{count} inputs, {wrong} wrong; slowest {slowest:.1f} s CPU, largest {largest:.0f} MB."]
    print("\n".join(lines[-2:]))
    return lines, wrong


def main():
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", type=Path)
    parser.add_argument("--made", nargs="*", metavar="CLASS")
    parser.add_argument("--thoroughly", action="store_true")
    given = parser.parse_args()
    write = given.write
    if given.made is not None:
        lines, wrong = made_table(given.made, thoroughly=given.thoroughly)
        if write:
            write.write_text("\n".join(lines) + "\n", encoding="utf-8")
        return 1 if wrong else 0
    entries = json.loads((SHARED / "manifest.json").read_text(encoding="utf-8"))
    lines = [
        "| input | asked for | told | exit | wall s | CPU s | MB | |",
        "| --- | --- | --- | --- | --- | --- | --- | --- |",
    ]
    wrong = 0
    slowest = largest = 0.0
    for entry in entries:
        expected = OTHERWISE.get(entry["id"], Otherwise(why=""))
        said, talk, code, wall, cpu, mb = inspected(source_of(SHARED, entry), expected.mapping)
        problems = json.loads(said)["problems"] if said else []
        asked, told, right = judged(entry, expected, problems, code, talk)
        right &= cpu < LIMIT_S and mb < LIMIT_MB
        wrong += not right
        slowest, largest = max(slowest, cpu), max(largest, mb)
        why = f" ({expected.why})" if expected.why and right else ""
        lines.append(
            f"| {entry['id']} | {asked} | {told} | {code} | {wall:.1f} | {cpu:.1f} | {mb:.0f} |"
            f" {'right' if right else '**WRONG**'}{why} |"
        )
        print(lines[-1], flush=True)
    lines += [
        "",
        f"{len(entries)} inputs, {wrong} wrong; slowest {slowest:.1f} s CPU, largest {largest:.0f} MB.",
    ]
    print("\n".join(lines[-2:]))
    if write:
        write.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
