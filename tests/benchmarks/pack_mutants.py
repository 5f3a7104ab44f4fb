"""Change every number of a pack by one step: ``python tests/benchmarks/pack_mutants.py [--checks] [PACK ...]``.

Each mutant of a rule that is judged meets that rule's own examples. Prints a Markdown table for each pack and the names of
the mutants that none of them sees. ``--checks`` mutates the comparisons of the checks instead of the packs.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "rules"))

from mutants import Stand, mutants

from plan.rules import pack_ids

HEAD = "| pack | judged rules | examples | mutants | caught | share | refused on reading | disabled rules | CPU s |"


def main(arguments: list[str]) -> None:
    names = arguments or list(pack_ids())
    print(HEAD)
    print("| --- " * HEAD.count("| ") + "|")
    missed: list[str] = []
    for name in names:
        begun = time.process_time()
        stand = Stand.of(name)
        made, refused = mutants(name)
        unseen = [mutant.name for mutant in made if not stand.sees(mutant)]
        own = [rule for rule in stand.pack.rules if rule.pack == stand.pack.id and rule.kind.judged]
        examples = sum(map(len, stand.staged.values()))
        caught = len(made) - len(unseen)
        print(
            f"| {stand.pack.id} | {sum(rule.enabled for rule in own)} | {examples} | {len(made)} | {caught} "
            f"| {100 * caught / len(made):.1f} % | {len(refused)} | {sum(not rule.enabled for rule in own)} "
            f"| {time.process_time() - begun:.0f} |",
            flush=True,
        )
        missed += [f"{stand.pack.id}: {one}" for one in unseen]
    print("\nNot caught:\n" if missed else "\nAll are caught.")
    print("\n".join(f"- {one}" for one in missed))


if __name__ == "__main__":
    main(sys.argv[1:])
