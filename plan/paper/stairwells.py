"""One sheet for each stairwell: what was found out, what makes way, what it costs whom, what it takes of the sun.

No figure is made here but the sums of shares: all come from :class:`plan.retrofit.Retrofit`. Nobody is named, no vote
and no income of a household is shown; flats stand by their ids, as in the table that hangs in the stairwell.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, Final

from plan.elevators.records import millimetres
from plan.messages import Message, translate
from plan.paper.tables import table_data
from plan.reports.words import Words
from plan.tables import Table

if TYPE_CHECKING:
    from plan.elevators import StairwellSiting
    from plan.elevators.records import Position
    from plan.elevators.shares import FlatShare, StairwellShares
    from plan.findings import Clause
    from plan.retrofit import Retrofit

__all__ = ["shares_by_floor", "stairwell_sheet", "stairwell_title"]

_MOST_FLATS: Final = 4  # of a floor, beside each other; more make a list
# Lines of tables beside a drawing, and of what was measured below it, beyond which a sheet may need a second one.
_MOST_ROWS: Final = 38
_MOST_MEASURED: Final = 10
_HEAD_ROWS: Final = 4  # lines that a title, a head and the space above them are high
_CONSENT_TONES: Final = {"reached": "met", "not_reached": "not_met"}


def stairwell_title(one: StairwellSiting) -> Message:
    """Return the heading of a stairwell's sheet."""
    if one.building_id is None:
        return Message("paper.stairwell_alone", stairwell=one.stairwell_id)
    return Message("paper.stairwell", building=one.building_id, stairwell=one.stairwell_id)


def stairwell_sheet(found: Retrofit, one: StairwellSiting, *, lang: str) -> dict[str, Any]:
    """Return what the sheet of a stairwell says.

    Parameters
    ----------
    found : Retrofit
        The elevators of the estate.
    one : StairwellSiting
        One of its stairwells.
    lang : {"zh", "en"}
        The language.

    Returns
    -------
    dict
        Plain data for the template.
    """
    shown = one.chosen or (one.alternatives[0] if one.alternatives else None)
    shares = _shares(found, one)
    tables = [_ground(found, shown), _clearing(one), *_sun(found, one)]
    return {
        "title": translate(stairwell_title(one), lang),
        "verdict": one.verdict,
        "word": translate(Message(f"retrofit.verdict_{one.verdict}"), lang),
        "reason": translate(one.reason, lang),
        "facts": [
            [translate(head, lang), translate(value, lang), tone] for head, value, tone in _facts(found, one)
        ],
        "tables": [_toned(table, lang) for table in tables if table is not None],
        "shares": _shares_data(shares, lang),
        "long": _rows(tables[1:], shares) > _MOST_ROWS or _rows(tables[:1], "") > _MOST_MEASURED,
        "quotes": _quotes(found, one, shown, lang),
    }


def shares_by_floor(shares: StairwellShares) -> Table:
    """Show the shares of a stairwell as it stands: floors above each other, the flats of a floor side by side.

    Where a fund or a compensation changes what a flat pays, or a floor has many flats, the table that hangs in the
    stairwell is returned.

    Parameters
    ----------
    shares : StairwellShares
        Of one stairwell.

    Returns
    -------
    Table
        Amounts in CNY to the fen; each floor has its sum, and the last row sums all to the amount that is shared.
    """
    from plan.elevators.money import yuan  # noqa: PLC0415 - with what reads households

    floors: dict[int, list[FlatShare]] = {}
    for flat in shares.flats:
        floors.setdefault(flat.floor, []).append(flat)
    most = max((len(flats) for flats in floors.values()), default=0)
    whole = shares.table()
    plain = all(flat.to_pay_fen == flat.share_fen and not flat.compensation_fen for flat in shares.flats)
    if not plain or not 0 < most <= _MOST_FLATS:
        return whole
    rows: list[tuple[str | None, ...]] = []
    for floor, flats in sorted(floors.items(), reverse=True):
        cells: list[str | None] = []
        for flat in flats:
            area = None if flat.area_m2 is None else f"{float(flat.area_m2):,.2f}"
            cells += [flat.household, area, yuan(flat.share_fen)]
        cells += [""] * (3 * (most - len(flats)))
        factors = sorted({float(flat.coefficient) for flat in flats})
        factor = "、".join(f"{k:g}" for k in factors)
        rows.append((f"{floor}", factor, *cells, yuan(sum(flat.share_fen for flat in flats))))
    total = sum(flat.share_fen for flat in shares.flats)
    columns = [sum(flats[k].share_fen for flats in floors.values() if len(flats) > k) for k in range(most)]
    sums = [text for amount in columns for text in ("", "", yuan(amount))]
    rows.append((Message("shares.sum"), "", *sums, yuan(total)))
    heads = [Message("shares.head_floor"), Message("shares.head_coefficient")]
    for _ in range(most):
        heads += [Message(f"shares.head_{name}") for name in ("flat", "area", "share")]
    numeric = [0, 1, *(2 + 3 * k + part for k in range(most) for part in (1, 2)), 2 + 3 * most]
    return Table(
        title=whole.title,
        heads=(*heads, Message("paper.head_floor_sum")),
        rows=tuple(rows),
        numeric=tuple(numeric),
        notes=whole.notes,
    )


def _facts(found: Retrofit, one: StairwellSiting) -> Iterable[tuple[str, str, str]]:
    """Say what stands beside the verdict: head, text, tone."""
    at, told = one.chosen, found.told(one)
    if one.floors is not None:
        yield Message("paper.fact_floors"), f"{one.floors}", ""
    if one.elevator_id is not None:
        yield Message("paper.fact_elevator"), one.elevator_id, ""
    if at is not None:
        yield Message("retrofit.head_connection"), Message(f"retrofit.connection_{at.connection}"), ""
    if one.wheelchair is not None:
        yield (
            Message("paper.fact_wheelchair"),
            Message("paper.wheelchair_yes" if one.wheelchair else "paper.wheelchair_no"),
            "",
        )
    if "consent" in told:
        verdict = told["consent"]
        key = verdict.key.removeprefix("retrofit.consent_") if isinstance(verdict, Message) else ""
        yield Message("retrofit.head_consent"), verdict, _CONSENT_TONES.get(key, "undetermined")
    if "pays" in told:
        yield Message("retrofit.head_pays"), told["pays"], ""
    if "sun" in told:
        yield Message("retrofit.head_sun"), told["sun"], ""


def _ground(found: Retrofit, shown: Position | None) -> Table | None:
    """Show what was measured around the position that is shown."""
    if shown is None or not shown.clearances:
        return None
    rows = []
    for clearance in shown.clearances:
        rule, article = found.rule_and_article(clearance)
        spare = millimetres(clearance.margin_m)
        rows.append(
            (
                clearance.told(),
                f"{spare:+,}",
                Message("paper.binding" if clearance.bars else "paper.advised"),
                " ".join(part for part in (rule, article) if part) or None,
            )
        )
    return Table(
        title=Message("paper.clearances"),
        heads=tuple(Message(f"paper.head_{name}") for name in ("clearance", "margin", "force", "rule")),
        rows=tuple(rows),
        numeric=(1,),
    )


def _clearing(one: StairwellSiting) -> Table | None:
    """Show what must make way first, and what that costs."""
    if one.chosen is None or not one.chosen.remedies:
        return None
    return Table(
        title=Message("paper.makes_way"),
        heads=(Message("retrofit.head_remedy"), Message("retrofit.head_cost")),
        rows=tuple(
            (r.what, Message("paper.no_price") if r.cost_cny is None else f"{r.cost_cny:,.0f}")
            for r in one.chosen.remedies
        ),
        numeric=(1,),
    )


def _sun(found: Retrofit, one: StairwellSiting) -> list[Table | None]:
    name = _name(found, one)
    if found.sun is None or name is None:
        return []
    return [found.sun.floors_table(name)]


def _name(found: Retrofit, one: StairwellSiting) -> str | None:
    return None if found.owners is None else found.owners.names.get((str(one.building_id), one.stairwell_id))


def _shares(found: Retrofit, one: StairwellSiting) -> Table | str:
    """Return the shares of a stairwell, or why there are none."""
    name = _name(found, one)
    if found.owners is None or name is None:
        return Message("retrofit.no_households")
    if one.chosen is None:
        return Message("paper.no_elevator")
    shares = found.owners.shares
    if shares is None:
        return Message("paper.no_cost")
    if name in shares.rejected:
        return shares.rejected[name]
    mine = shares.stairwells.get(name)
    return Message("paper.no_cost") if mine is None else shares_by_floor(mine)


def _shares_data(shares: Table | str, lang: str) -> dict[str, Any]:
    if isinstance(shares, Table):
        sums = len(shares.rows) - 1
        tones = [
            ["sum" if y == sums or x == len(row) - 1 else "" for x in range(len(row))]
            for y, row in enumerate(shares.rows)
        ]
        return {"table": table_data(shares, lang=lang, tones=tones), "why": ""}
    return {"table": None, "why": translate(shares, lang)}


def _rows(tables: Iterable[Table | None], shares: Table | str) -> int:
    """Return about how many lines stand under each other."""
    shown = [*(t for t in tables if t is not None), *([shares] if isinstance(shares, Table) else [])]
    return sum(len(table.rows) + len(table.notes) + _HEAD_ROWS for table in shown)


def _toned(table: Table, lang: str) -> dict[str, Any]:
    """Return a table in which what falls short is strong."""
    short = [["short" if (cell or "").startswith("-") else "" for cell in row] for row in table.rows]
    return table_data(table, lang=lang, tones=short)


def _quotes(
    found: Retrofit, one: StairwellSiting, shown: Position | None, lang: str
) -> list[Mapping[str, str]]:
    """Return the sentences behind the sheet, each once, word for word."""
    from plan.elevators.figures import rule_of  # noqa: PLC0415 - with what places

    words = Words(lang)
    rules = [rule_of(found.pack, c.name) for c in (() if shown is None else shown.clearances)]
    if found.owners is not None and found.owners.consent_of(one.building_id, one.stairwell_id) is not None:
        rules.append(found.owners.rule)
    seen: dict[tuple[str, str], Clause] = {}
    ids: dict[tuple[str, str], list[str]] = {}
    for rule in rules:
        if rule is None or not rule.clause.quote:
            continue
        key = (words.source(rule.clause), rule.clause.quote)
        seen.setdefault(key, rule.clause)
        if rule.id not in ids.setdefault(key, []):
            ids[key].append(rule.id)
    return [
        {"rule": words.some(tuple(ids[key]), most=9), "source": key[0], "quote": key[1]}
        for key in sorted(seen)
    ]
