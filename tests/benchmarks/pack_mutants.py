"""Change every number of a pack by one step: ``python tests/benchmarks/pack_mutants.py [--checks] [PACK ...]``.

Each mutant of a rule that is judged meets that rule's own examples. Prints a Markdown table for each pack and the names of
the mutants that none of them sees. ``--checks`` mutates the comparisons of the checks instead of the packs.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "rules"))

from check_mutants import cases_of, check_mutants, reached, sees
from mutants import Stand, mutants

from plan.rules import pack_ids

HEAD = (
    "| pack | judged rules | examples | mutants | caught | share | refused on reading "
    "| disabled rules | settings | CPU s |"
)
CHECKS_HEAD = "| comparisons and tolerances of the checks | run by an example | caught | share | CPU s |"


def main(arguments: list[str]) -> None:
    names = [name for name in arguments if name != "--checks"] or list(pack_ids())
    if "--checks" in arguments:
        missed = of_checks(names)
    else:
        head(HEAD)
        missed = [one for name in names for one in of_pack(name)]
    print("\nNot caught:\n" if missed else "\nAll are caught.")
    print("\n".join(f"- {one}" for one in missed))


def of_pack(name: str) -> list[str]:
    """Print the row of a pack; return the mutants that none of its examples sees."""
    begun = time.process_time()
    stand = Stand.of(name)
    made, refused = mutants(name)
    unseen = [mutant.name for mutant in made if not stand.sees(mutant)]
    own = [rule for rule in stand.pack.rules if rule.pack == stand.pack.id]
    judged = sum(rule.enabled and rule.kind.judged for rule in own)
    settings = sum(rule.enabled and not rule.kind.judged for rule in own)
    examples = sum(map(len, stand.staged.values()))
    caught = len(made) - len(unseen)
    print(
        f"| {stand.pack.id} | {judged} | {examples} | {len(made)} | {caught} "
        f"| {100 * caught / len(made):.1f} % | {len(refused)} | {sum(not rule.enabled for rule in own)} "
        f"| {settings} | {time.process_time() - begun:.0f} |",
        flush=True,
    )
    return [f"{stand.pack.id}: {one}" for one in unseen]


def of_checks(names: list[str]) -> list[str]:
    """Print what the examples of packs see of the checks; return the comparisons that they run and do not see."""
    begun = time.process_time()
    stands = [Stand.of(name) for name in names]
    cases = [(stand.pack, one) for stand in stands for several in stand.staged.values() for one in several]
    run = reached(cases)
    made = list(check_mutants())
    tried = [mutant for mutant in made if cases_of(mutant, run)]
    unseen = [mutant.name for mutant in tried if not sees(mutant, cases_of(mutant, run))]
    caught = len(tried) - len(unseen)
    head(CHECKS_HEAD)
    print(
        f"| {len(made)} | {len(tried)} | {caught} | {100 * caught / len(tried):.0f} % "
        f"| {time.process_time() - begun:.0f} |"
    )
    return unseen


def head(line: str) -> None:
    print(line)
    print("| --- " * line.count("| ") + "|", flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
