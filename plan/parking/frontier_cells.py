"""One step of the frontier over a grid as machine code: each state met, each use of the next cell tried.

A state is what the cells already decided leave open, written in one whole number of four bits a column:

====== ============================================ =======================================================
sign   field model                                  pair model
====== ============================================ =======================================================
0      nothing open                                 nothing open
1      a free cell with a driven one above it       a free cell without a driven neighbour
2      a free cell below a used one
3      a free cell below a free one
4, 5   driven, in no field yet; in some field
6 …    driven, a corner of a field; the network     driven (from 2); the network that it belongs to
12, 13 first half of a lying stall, served; not yet
14     second half, to be served from the right
====== ============================================ =======================================================

The sixteenth place holds the cell up and left (field model) and whether the network is complete. A stall is
counted when it is decided. Networks are numbered in the order in which they appear.

Stalls that no better plan needs are not left open (field model). A standing stall whose upper half has a driven
cell above is taken as soon as the cell below is not driven: it costs at most one later stall, that through its
lower half, and so does not lose. For the same reason no lying stall is laid over such a lower half. One whose
lower end meets a driven cell is taken, as its cells are of no other use.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from plan.jit import compiled

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Keys = NDArray[np.uint64]
    Values = NDArray[np.int16]
    Links = NDArray[np.int32]
    Signs = NDArray[np.int64]
    Cell = tuple[int, int, bool, bool, bool, bool, bool, bool]

__all__ = ["DRIVEN", "LYING", "NOT_DRIVEN", "OPEN", "TOO_MANY", "WIDEST", "grow_fields", "grow_pairs"]

# Uses of a cell.
NOT_DRIVEN = 0
DRIVEN = 1
LYING = 2
# More networks at once than there are signs; no grid of the widest kind has them.
TOO_MANY = -2
WIDEST = {"field": 14, "pair": 15}
# Signs of which each can become one stall.
OPEN = {"field": (1, 3), "pair": (1,)}

_OPEN, _LOOSE, _PAIR, _BARE, _COVERED, _FIRST, _LAST = 1, 2, 3, 4, 5, 6, 11
_SERVED, _UNSERVED, _SECOND = 12, 13, 14
_LAST_PAIR = 15
_PLACES = 15
_CORNER = 14
_COMPLETE = np.uint64(1 << 60)
_MIX = np.uint64(0x9E3779B97F4A7C15)


@compiled
def _merged(keys: Keys, counts: Values, links: Links, track: bool) -> tuple[Keys, Values, Links]:
    """Return each state once, with the most stalls."""
    size = 16
    while size < 2 * len(keys):
        size *= 2
    mask = size - 1
    slots = np.full(size, -1, np.int32)
    kept = 0
    # In place: what is kept is never ahead of what is read.
    for state in range(len(keys)):
        key = keys[state]
        mixed = key * _MIX
        at = np.int64((mixed ^ (mixed >> np.uint64(29))) & np.uint64(mask))
        entry = slots[at]
        while entry >= 0 and keys[entry] != key:
            at = (at + 1) & mask
            entry = slots[at]
        if entry < 0:
            slots[at] = kept
            keys[kept] = key
            counts[kept] = counts[state]
            if track:
                links[kept] = links[state]
            kept += 1
        elif counts[state] > counts[entry]:
            counts[entry] = counts[state]
            if track:
                links[entry] = links[state]
    return keys[:kept].copy(), counts[:kept].copy(), links[: kept if track else 0].copy()


@compiled
def _packed(signs: Signs, names: Signs, first: int, last: int) -> np.uint64:
    """Write the signs into a key, with the networks numbered in the order in which they appear; `names` is memory."""
    names[:] = 0
    name = first
    packed = np.uint64(0)
    for place in range(_PLACES):
        kind = signs[place]
        if first <= kind <= last:
            if names[kind] == 0:
                names[kind] = name
                name += 1
            kind = names[kind]
        packed |= np.uint64(kind) << np.uint64(4 * place)
    return packed


@compiled
def _unused(signs: Signs, first: int, last: int) -> int:
    for name in range(first, last + 1):
        taken = False
        for place in range(_PLACES):
            taken = taken or signs[place] == name
        if not taken:
            return name
    return TOO_MANY


@compiled
def _field_left(signs: Signs, c: int, new: int) -> int:
    """Let a network's last corner go: 0 if others carry it on, 1 if it was the last and all is complete, else -1."""
    pending = new == _BARE or new == _UNSERVED or new == _SECOND
    others = False
    for place in range(_PLACES):
        sign = signs[place]
        if sign == c:
            return 0
        if _FIRST <= sign <= _LAST:
            others = True
        elif sign == _BARE or sign == _UNSERVED or sign == _SECOND:
            pending = True
    return -1 if others or pending else 1


@compiled
def grow_fields(
    keys: Keys, values: Values, cell: Cell, floor: int, track: bool
) -> tuple[Keys, Values, Links, int]:
    """Decide one cell of the field model in every state.

    `cell` holds its column, the number of columns, and whether it is free, below it, two below, to the right, two
    to the right, and must be driven. States that cannot reach `floor` are dropped: those whose count and open
    stalls are less. Returns the new states, whence each came (place times four, and the use of the cell), and
    the largest count with open stalls.
    """
    j, width, free, below, below2, right, right2, force = cell
    # Memory that is not written to is not taken.
    out = np.empty(3 * len(keys), np.uint64)
    counts = np.empty(3 * len(keys), np.int16)
    links = np.empty(3 * len(keys) if track else 1, np.int32)
    count = 0
    top = -1
    old = np.zeros(16, np.int64)
    new = np.zeros(16, np.int64)
    names = np.zeros(16, np.int64)
    for state in range(len(keys)):
        key = keys[state]
        for place in range(_PLACES):
            old[place] = np.int64((key >> np.uint64(4 * place)) & np.uint64(15))
        complete = (key & _COMPLETE) != 0
        up = old[j] if j < width else 0
        left = old[j - 1] if j > 0 else 0
        corner = old[_CORNER]
        must_drive = left == _SECOND or force
        must_end = left == _SERVED or left == _UNSERVED
        if (must_drive and must_end) or ((must_drive or must_end) and not free) or (must_drive and complete):
            continue
        for use in range(3):
            gain = 0
            sign = 0
            if must_end:
                if use != NOT_DRIVEN:
                    continue
                if left == _UNSERVED:
                    sign = _SECOND
            elif use == DRIVEN:
                if complete or not free:
                    continue
                sign = _BARE
                gain = 1 if up == _PAIR else 0
            elif must_drive:
                continue
            elif use == LYING:
                if not free or not right or up == _OPEN or old[j + 1] == _OPEN:
                    continue
                if _BARE <= left <= _LAST:
                    sign = _SERVED
                elif complete or not right2:
                    continue
                else:
                    sign = _UNSERVED
                gain = 1
            elif free:
                if up == _OPEN:
                    gain = 1
                elif not below:
                    sign = 0
                elif _BARE <= up <= _LAST:
                    sign = _OPEN
                elif complete:
                    sign = 0
                elif up == _LOOSE or up == _PAIR:
                    sign = _PAIR
                elif below2:
                    sign = _LOOSE
            for place in range(_PLACES):
                new[place] = old[place]
            if left >= _SERVED:
                new[j - 1] = 0
            done = complete
            if sign == _BARE and _BARE <= left <= _LAST and _BARE <= corner <= _LAST and _BARE <= up <= _LAST:
                # Four driven cells are a field. It touches the field above it and the one to its left.
                one = corner if corner >= _FIRST else 0
                other = new[j - 2] if j > 1 and _FIRST <= new[j - 2] <= _LAST else 0
                name = max(one, other) if one == 0 or other == 0 else other
                if name == 0:
                    name = _unused(new, _FIRST, _LAST)
                    if name == TOO_MANY:
                        return out[:0], counts[:0], links[:0], TOO_MANY
                if one != 0 and one != name:
                    for place in range(_PLACES):
                        if new[place] == one:
                            new[place] = name
                new[j - 1] = name
                sign = _COVERED
                up_now = _COVERED if up == _BARE else new[j]
            else:
                if corner == _BARE:
                    continue
                up_now = new[j] if j < width else 0
                if _FIRST <= corner <= _LAST:
                    new[_CORNER] = 0
                    fate = _field_left(new, corner, sign)
                    if fate < 0:
                        continue
                    if fate > 0:
                        done = True
                        for place in range(_PLACES):
                            if new[place] == _LOOSE or new[place] == _PAIR:
                                new[place] = 0
                        if sign == _LOOSE or sign == _PAIR:
                            sign = 0
            if j < width:
                new[_CORNER] = up_now if _BARE <= up_now <= _LAST else 0
                new[j] = sign
            else:
                new[_CORNER] = 0
            value = values[state] + gain
            hope = value
            for place in range(width):
                if new[place] == _OPEN or new[place] == _PAIR:
                    hope += 1
            if hope < floor:
                continue
            top = max(top, hope)
            packed = _packed(new, names, _FIRST, _LAST)
            if done:
                packed |= _COMPLETE
            out[count] = packed
            counts[count] = value
            if track:
                links[count] = 4 * state + use
            count += 1
    kept, most, ways = _merged(out[:count], counts[:count], links[: count if track else 0], track)
    return kept, most, ways, top


@compiled
def grow_pairs(
    keys: Keys, values: Values, cell: Cell, floor: int, track: bool
) -> tuple[Keys, Values, Links, int]:
    """Decide one cell of the pair model in every state; all as in :func:`grow_fields`."""
    j, width, free, below, _, right, _, force = cell
    # Memory that is not written to is not taken.
    out = np.empty(2 * len(keys), np.uint64)
    counts = np.empty(2 * len(keys), np.int16)
    links = np.empty(2 * len(keys) if track else 1, np.int32)
    count = 0
    top = -1
    old = np.zeros(16, np.int64)
    new = np.zeros(16, np.int64)
    names = np.zeros(16, np.int64)
    first = 2
    for state in range(len(keys)):
        key = keys[state]
        for place in range(_PLACES):
            old[place] = np.int64((key >> np.uint64(4 * place)) & np.uint64(15))
        complete = (key & _COMPLETE) != 0
        up = old[j] if j < width else 0
        left = old[j - 1] if 0 < j < width else 0
        for use in range(2):
            gain = 0
            done = complete
            for place in range(_PLACES):
                new[place] = old[place]
            if use == DRIVEN:
                if not free or complete:
                    continue
                gain = (1 if up == _OPEN else 0) + (1 if left == _OPEN else 0)
                if left == _OPEN:
                    new[j - 1] = 0
                name = left if left >= first else up
                if name < first:
                    name = _unused(new, first, _LAST_PAIR)
                    if name == TOO_MANY:
                        return out[:0], counts[:0], links[:0], TOO_MANY
                if up >= first and up != name:
                    for place in range(_PLACES):
                        if new[place] == up:
                            new[place] = name
                new[j] = name
            else:
                if force:
                    continue
                sign = 0
                if free:
                    if up >= first or left >= first:
                        gain = 1
                    elif (below or right) and not complete:
                        sign = _OPEN
                if j < width:
                    new[j] = sign
                if up >= first:
                    others = False
                    kept = False
                    for place in range(_PLACES):
                        kept = kept or new[place] == up
                        others = others or new[place] >= first
                    if not kept:
                        if others:
                            continue
                        done = True
                        for place in range(_PLACES):
                            new[place] = 0
            value = values[state] + gain
            hope = value
            for place in range(width):
                if new[place] == _OPEN:
                    hope += 1
            if hope < floor:
                continue
            top = max(top, hope)
            packed = _packed(new, names, first, _LAST_PAIR)
            if done:
                packed |= _COMPLETE
            out[count] = packed
            counts[count] = value
            if track:
                links[count] = 4 * state + use
            count += 1
    once, most, ways = _merged(out[:count], counts[:count], links[: count if track else 0], track)
    return once, most, ways, top
