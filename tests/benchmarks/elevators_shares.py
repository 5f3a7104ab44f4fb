"""Shares of the cost of elevators: 10,000 random stairwells, all of which must sum to the fen.

    python tests/benchmarks/elevators_shares.py [--small]

The peer is what a spreadsheet does: each share rounded by itself, in binary numbers. It is quicker, and it loses fen.
"""

from __future__ import annotations

import argparse
import time
from fractions import Fraction

import numpy as np
import pandas as pd

from plan.elevators.ballots import consents
from plan.elevators.coefficients import example
from plan.elevators.consent import Majority
from plan.elevators.money import FEN
from plan.elevators.shares import cost_shares

SEED = 7
FLOORS = 7
FLATS_A_FLOOR = 2
ASKED = 500  # stairwells for which the fewest households that would settle the vote are looked for


def estate(stairwells: int) -> pd.DataFrame:
    """Return flats of random areas, with votes."""
    rng = np.random.default_rng(SEED)
    many = stairwells * FLOORS * FLATS_A_FLOOR
    stair = np.repeat(np.arange(stairwells), FLOORS * FLATS_A_FLOOR)
    floor = np.tile(np.repeat(np.arange(1, FLOORS + 1), FLATS_A_FLOOR), stairwells)
    side = np.tile(np.arange(1, FLATS_A_FLOOR + 1), stairwells * FLOORS)
    names = [f"S{s:05}" for s in stair]
    return pd.DataFrame(
        {
            "household_id": [f"{s}-{f}{d:02}" for s, f, d in zip(names, floor, side, strict=True)],
            "building_id": names,
            "stairwell_id": names,
            "floor": floor,
            "area_m2": np.round(rng.uniform(35, 130, many), 2),
            "owner_id": [f"O{i}" for i in rng.integers(0, many, many)],
            "vote": rng.choice(["yes", "no", "abstain", "absent"], many, p=[0.7, 0.1, 0.05, 0.15]),
        }
    )


def spreadsheet(households: pd.DataFrame, totals: dict[str, int]) -> int:
    """Return how many stairwells miss their total when each share is rounded by itself."""
    factor = households["floor"].map({f: float(k) for f, k in example("EL-SHARE-ZJT").by_floor.items()})
    weight = factor * households["area_m2"]
    stair = households["stairwell_id"]
    total = stair.map(totals) / FEN
    shares = (total * weight / weight.groupby(stair).transform("sum")).round(2)
    missed = (shares.groupby(stair).sum() * FEN).round().astype(int) - pd.Series(totals)
    return int((missed != 0).sum())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--small", action="store_true", help="500 stairwells")
    many = 500 if parser.parse_args().small else 10_000
    households = estate(many)
    rng = np.random.default_rng(SEED + 1)
    totals = {f"S{s:05}": int(t) for s, t in enumerate(rng.integers(1_000_000, 60_000_000, many))}
    started = time.process_time()
    shares = cost_shares(
        households,
        total_cny={name: f"{t // FEN}.{t % FEN:02}" for name, t in totals.items()},
        coefficients=example("EL-SHARE-ZJT"),
    )
    ours = time.process_time() - started
    wrong = sum(
        sum(f.share_fen for f in one.flats) != totals[name] for name, one in shares.stairwells.items()
    )
    started = time.process_time()
    lost = spreadsheet(households, totals)
    peer = time.process_time() - started
    majority = Majority(participation=Fraction(2, 3), approval=Fraction(3, 4))
    started = time.process_time()
    counted = len(consents(households, majority=majority))
    votes = time.process_time() - started
    started = time.process_time()
    some = households[households["stairwell_id"] < f"S{ASKED:05}"]
    asked = [c.settling for c in consents(some, majority=majority, ask=True).values() if c.settling]
    asking = time.process_time() - started
    print("| work | stairwells | CPU s | sums that miss the fen |")
    print("| --- | --- | --- | --- |")
    print(f"| shares by largest remainder | {len(shares.stairwells):,} | {ours:.2f} | {wrong} |")
    print(f"| each share rounded by itself | {many:,} | {peer:.2f} | {lost:,} |")
    print(f"| votes counted exactly | {counted:,} | {votes:.2f} | – |")
    proven = sum(one.exact for one in asked)
    print(f"| whom to ask, fewest ({proven} of {len(asked)} proven) | {ASKED:,} | {asking:.2f} | – |")
    print(f"\nshares / rounding by itself: {ours / peer:.0f}x")


if __name__ == "__main__":
    main()
