"""What is told of a drawing: which layers were understood, what was passed over, mended, or cannot be told."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Final

import shapely

from plan.messages import Message
from plan.problems import ProblemList
from plan.readers._cad_gather import Doubt, Drawn, Gathered
from plan.readers._cad_outlines import TOLERANCE_M
from plan.readers._cad_own import OwnRows
from plan.readers._cad_rows import Rows
from plan.readers._cad_rules import CadRule, rule_for
from plan.schema import LAYERS
from plan.text_safety import plain

__all__ = ["tell_layers", "tell_own", "tell_passed_over", "tell_rows"]

_SHOWN: Final = 12  # names that a message lists
_ROWS: Final = 20  # rows that a message lists
_LONGEST: Final = 40  # characters of a text that a message shows
# Types that are as likely a house as a dimension is not; a POLYLINE that is passed over is a mesh.
_SOLIDS: Final = ("3DSOLID", "BODY", "MESH", "POLYLINE", "REGION", "SURFACE")
_DOUBTS: Final[tuple[Doubt, ...]] = ("crossed", "strip", "courtyard", "miscounted", "no_house", "no_stall")


def _counts(counter: Mapping[str, int]) -> tuple[str, ...]:
    shown = sorted(counter.items(), key=lambda item: (-item[1], item[0]))
    return tuple(f"{plain(name)} × {count}" for name, count in shown[:_SHOWN])


def _layer_counts(counter: Mapping[str, int]) -> tuple[Message, ...]:
    shown = sorted(counter.items(), key=lambda item: (-item[1], item[0]))
    return tuple(Message("cad.layer_count", layer=plain(name), count=n) for name, n in shown[:_SHOWN])


def _is_ours(name: str, rules: Sequence[CadRule]) -> bool:
    rule = rule_for(name, rules)
    return rule is not None and bool(rule.layer)


def tell_passed_over(gathered: Gathered, rules: Sequence[CadRule], found: ProblemList) -> None:
    """Tell what is in a drawing and was not read, by kind and layer."""
    for problem_id, key, counter, severe in (
        ("PLAN-CAD-005", "skipped", gathered.skipped, any(kind in _SOLIDS for kind in gathered.skipped)),
        ("PLAN-CAD-006", "proxies", gathered.proxies, True),
        ("PLAN-CAD-007", "external", gathered.external, True),
        ("PLAN-CAD-008", "cyclic", gathered.cyclic, True),
        ("PLAN-CAD-009", "hidden", gathered.hidden, any(_is_ours(name, rules) for name in gathered.hidden)),
        ("PLAN-CAD-010", "broken_shapes", gathered.broken, True),
    ):
        if counter:
            what = _layer_counts(counter) if key == "hidden" else _counts(counter)
            message = Message(f"cad.{key}", count=sum(counter.values()), what=what)
            if severe:
                found.add(problem_id, "warning", "degraded", message)
            else:
                found.add(problem_id, "info", "noted", message)
    paper = Counter(
        {name: n for name, n in gathered.paper.items() if not gathered.drawn or _is_ours(name, rules)}
    )
    if paper:
        message = Message("cad.paper", count=sum(paper.values()), what=_layer_counts(paper))
        found.add("PLAN-CAD-025", "warning", "degraded", message)
    if gathered.unseen:
        message = Message("cad.unseen", count=gathered.unseen.total(), what=_layer_counts(gathered.unseen))
        found.add("PLAN-SEC-010", "warning", "noted", message)
    if gathered.full:
        found.add("PLAN-SEC-002", "error", "refused", Message("cad.full"))


def tell_own(own: OwnRows, found: ProblemList) -> None:
    """Tell what people did in CAD to a drawing of ours."""
    if own.removed:
        found.add("PLAN-CAD-022", "info", "noted", Message("cad.removed", count=own.removed))
    for name, ids in own.copies.items():
        found.layer = name
        message = Message("cad.copies", count=len(ids), ids=tuple(plain(i) for i in ids[:_SHOWN]))
        found.add("PLAN-CAD-023", "warning", "repaired", message, features=ids)
    for name, ids in own.opened.items():
        found.layer = name
        message = Message("cad.opened", count=len(ids), ids=tuple(plain(i) for i in ids[:_SHOWN]))
        found.add("PLAN-GEOM-013", "warning", "repaired", message, features=ids)
    for name, ids in own.torn.items():
        found.layer = name
        message = Message("cad.torn", count=len(ids), ids=tuple(plain(i) for i in ids[:_SHOWN]))
        found.add("PLAN-GEOM-013", "warning", "repaired", message, features=ids)
    found.layer = ""
    for (name, theirs), count in sorted(own.moved.items()):
        message = Message("cad.moved_layer", ours=name, theirs=plain(theirs), count=count)
        found.add("PLAN-CAD-026", "warning", "degraded", message)
    if own.hidden:
        message = Message("cad.hidden_own", count=own.hidden.total(), what=_layer_counts(own.hidden))
        found.add("PLAN-CAD-009", "warning", "degraded", message)


def tell_layers(
    mapped: Mapping[str, Sequence[tuple[Drawn, CadRule]]],
    unknown: Mapping[str, Sequence[Drawn]],
    left_out: Mapping[str, int],
    found: ProblemList,
) -> None:
    """Tell which layers are which of ours, which are not known, and which were left out on purpose."""
    told: Counter[tuple[str, str]] = Counter()
    for name, pairs in mapped.items():
        told.update((one.layer, name) for one, _ in pairs if one.kind not in ("text", "block"))
    if told:
        pairs_told = sorted(told.items(), key=lambda item: (-item[1], item[0]))
        what = tuple(
            Message("cad.layer_mapped", theirs=plain(theirs), ours=ours, count=count)
            for (theirs, ours), count in pairs_told[:40]
        )
        found.add("PLAN-CAD-003", "info", "noted", Message("cad.mapped", what=what))
    if unknown:
        counts = Counter({name: len(drawn) for name, drawn in unknown.items()})
        message = Message("cad.unmapped", count=len(counts), what=_layer_counts(counts))
        found.add("PLAN-CAD-004", "warning", "degraded", message)
    if left_out:
        message = Message("cad.left_out", count=len(left_out), what=_layer_counts(left_out))
        found.add("PLAN-CAD-004", "info", "noted", message)


def tell_rows(name: str, rows: Rows, before: int, found: ProblemList) -> None:
    """Tell what was done to make the rows of a layer; ``before`` rows stand before them."""
    gaps = {before + i + 1: row.gap for i, row in enumerate(rows.rows) if row.gap}
    if gaps:
        message = Message(
            "cad.closed",
            count=len(gaps),
            mm=f"{max(gaps.values()) * 1000:.1f}",
            limit=f"{TOLERANCE_M * 1000:g}",
        )
        key = LAYERS[name].id_column
        ids = [str(rows.rows[r - before - 1].cells.get(key) or r) for r in gaps]
        found.add("PLAN-GEOM-012", "warning", "repaired", message, rows=gaps, features=ids)
    joined = [before + i + 1 for i, row in enumerate(rows.rows) if row.joined]
    if joined:
        message = Message("cad.joined", count=len(joined), limit=f"{TOLERANCE_M * 1000:g}")
        found.add("PLAN-CAD-014", "warning", "noted", message, rows=joined)
    for doubt in _DOUBTS:
        doubtful = [before + i + 1 for i, row in enumerate(rows.rows) if row.doubt == doubt]
        if doubtful:
            key = LAYERS[name].id_column
            ids = [str(rows.rows[r - before - 1].cells.get(key) or r) for r in doubtful]
            message = Message(f"cad.{doubt}", count=len(doubtful), rows=tuple(doubtful[:_ROWS]))
            found.add("PLAN-GEOM-013", "warning", "repaired", message, rows=doubtful, features=ids)
    _tell_left_out(name, rows, found)
    if rows.nested:
        nested = tuple(before + i + 1 for i in rows.nested)
        message = Message("cad.nested", count=len(nested), rows=nested[:_ROWS])
        found.add("PLAN-CAD-017", "info", "noted", message, rows=nested)
    if rows.beside and not before:
        texts = tuple(plain(text)[:_LONGEST] for text in dict.fromkeys(rows.beside))[:_SHOWN]
        message = Message("cad.beside", count=len(rows.beside), texts=texts)
        found.add("PLAN-CAD-028", "warning", "degraded", message)
    if rows.faced:
        walls = tuple(before + i + 1 for i in rows.faced)
        message = Message("cad.faced", count=len(walls), rows=walls[:_ROWS])
        found.add("PLAN-CAD-027", "info", "noted", message, rows=walls)
    if rows.disputed:
        places = tuple(before + i + 1 for i in rows.disputed)
        message = Message("cad.disputed", count=len(places), rows=places[:_ROWS])
        found.add("PLAN-CAD-020", "warning", "degraded", message, rows=places)
    if rows.unread:
        unread = {before + i + 1: text for i, text in rows.unread.items()}
        texts = tuple(dict.fromkeys(plain(text)[:_LONGEST] for text in unread.values()))[:_SHOWN]
        message = Message("cad.unread_storeys", count=len(unread), rows=tuple(unread)[:_ROWS], texts=texts)
        found.add("PLAN-CAD-020", "warning", "degraded", message, column="floors", rows=unread)


def _tell_left_out(name: str, rows: Rows, found: ProblemList) -> None:
    if rows.left:
        # A drawing without handles gets some on opening, which its own program does not know: places are true in any.
        firsts = [shapely.get_coordinates(one.shape)[0].tolist() for one in rows.left[:_SHOWN]]
        handles = tuple(
            f"#{one.handle} ({x:.1f}, {y:.1f})" for one, (x, y) in zip(rows.left, firsts, strict=False)
        )
        found.add(
            "PLAN-CAD-015", "warning", "degraded", Message("cad.open", count=len(rows.left), handles=handles)
        )
    if rows.doubled:
        found.add("PLAN-CAD-016", "info", "noted", Message("cad.doubled", count=rows.doubled))
    if rows.divided:
        found.add("PLAN-CAD-016", "info", "noted", Message("cad.divided", count=rows.divided))
    if rows.shading:
        message = Message("cad.shading", layer=name, count=rows.shading)
        found.add("PLAN-CAD-005", "info", "noted", message)
    if rows.middles:
        message = Message("cad.middles", layer=name, count=rows.middles)
        found.add("PLAN-CAD-029", "warning", "noted", message)
    if rows.points:
        message = Message("cad.points", layer=name, count=rows.points)
        found.add("PLAN-CAD-005", "warning", "degraded", message)
    if rows.details:
        found.add("PLAN-CAD-024", "warning", "degraded", Message("cad.details", count=rows.details))
