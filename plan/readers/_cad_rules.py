"""Which layers of a drawing are which layers of ours: what the user says, then names that are common in China.

The names that are known without a mapping come from general knowledge of CASS, 天正 and 湘源, not from a standard that
they follow; every layer that was taken for one of ours is told, and ``--mapping`` overrules all of them.
"""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from plan.errors import UsageError
from plan.messages import Message
from plan.schema import LAYERS, layer_of

__all__ = ["CadRule", "load_rules", "rule_for"]


@dataclass(frozen=True, slots=True, kw_only=True)
class CadRule:
    """What layers of a drawing with certain names are.

    Parameters
    ----------
    match : tuple of str
        Names of layers; ``*`` and ``?`` stand for any characters, case does not matter.
    layer : str
        A layer of the contract; empty for layers that are left out on purpose.
    values : mapping of str to str or number or bool
        Columns that all rows from there get, where the drawing says nothing else.
    blocks : tuple of str
        Names of blocks in the same form; where there are any, only these blocks are meant.
    codes : tuple of str
        Codes of CASS in the same form, such as ``1443*``; where there are any, only what carries one is meant.
    """

    match: tuple[str, ...] = ("*",)
    layer: str = ""
    values: Mapping[str, str | int | float | bool] = field(default_factory=dict)
    blocks: tuple[str, ...] = ()
    codes: tuple[str, ...] = ()
    given: bool = False  # by the user

    def meets(self, layer: str, block: str = "", code: str = "") -> bool:
        """Tell whether a layer, a block on it, or a thing with a code is meant."""
        if self.codes and not _like(code, self.codes):
            return False
        if self.blocks:
            return bool(block) and _like(block, self.blocks) and _like(layer, self.match)
        return _like(layer, self.match)


def _like(name: str, patterns: Sequence[str]) -> bool:
    folded = name.strip().casefold()
    return any(fnmatch.fnmatchcase(folded, pattern.casefold()) for pattern in patterns)


def _rule(layer: str, *match: str, **values: str | float | bool) -> CadRule:
    return CadRule(match=match, layer=layer, values=values)


# From the first to the last: the first that meets a name decides.
_DEFAULTS: Final = (
    # What only looks like one of ours, by a word in its name: lines of control, dimensions, axes, fillings, notes.
    _rule("", "*控制线*", "*退线*", "*退让*", "*道路红线*", "*绿线*", "*蓝线*", "*紫线*", "*黄线*", "*标注*", "*尺寸*"),
    _rule("", "*轴线*", "*填充*", "*注记*", "*文字*", "*图框*", "*图例*", "*等高线*", "*高程*", "*视口*", "defpoints"),
    _rule("", "dim*", "*_dim", "axis*", "pub_*", "*text*", "*hatch*"),
    # What goes away, what only accompanies a house or a stall, and lines that a house must keep behind.
    _rule("", "*拆除*", "*拟拆*", "*待拆*", "*拆迁*", "*demoli*"),
    _rule("", "*建筑红线*", "*退界*", "*退距*", "*间距*", "*日照*", "*阴影*", "*编号*", "*标号*", "*标高*", "*坐标*", "*索引*"),
    _rule("", "*家具*", "*洁具*", "*门窗*", "*窗*", "*阳台*", "*屋顶*", "*屋面*", "*屋脊*", "*雨篷*", "*雨棚*", "*散水*", "*坡道*", "*小品*"),
    _rule("", "*建筑*面积*", "*房屋*面积*", "*建筑*名称*", "*建筑*层数*", "*建筑*高度*", "*建筑*密度*", "*建筑*节点*", "*室外地坪*"),
    _rule("", "*铁路*", "*轨道*", "*地铁*", "*河道*", "*网格线*", "*方格网*", "*轴网*"),
    _rule("", "*禁停*", "*禁止停*", "*no*parking*"),
    # CASS, by GB/T 20257.1: control points, notes, contours, heights, frames, skeleton lines. DLSS holds the edges of
    # roads and ZBTZ plants and soils, neither of which is a middle line or an open space.
    _rule("", "kzd", "zj", "dgx", "gcd", "tk", "assist", "dmtz", "zbtz", "dlss", "sxss", "jj", "fz"),
    _rule("", "*道路设施*", "*水系设施*"),
    _rule("parcels", "jzd", "jzx", "*用地红线*", "*用地边界*", "*用地界线*", "*小区边界*", "*宗地*", "*地类界*", "*地块界*", "*界址线*", "*红线*"),
    # On its layer of houses CASS also draws what belongs to houses (steps, porches, balconies), and walls and fences. Its
    # codes follow the classes of features of large-scale maps: 14 settlements, 143 what belongs to houses, 144 walls.
    CadRule(match=("jmd",), codes=("143*",)),
    CadRule(match=("jmd",), codes=("144*",), layer="barriers"),
    _rule("buildings", "jmd"),
    _rule("utilities", "gxyz", "*管线*", "*给水管*", "*排水管*", "*燃气管*", "*电力*", kind="管线"),
    _rule("obstacles", "dldw", "*独立地物*", kind="独立地物"),
    # Words in names.
    _rule("fire_lanes", "*消防车道*", "*消防通道*", "*fire*lane*"),
    _rule("aisles", "*停车通道*", "*通停车道*", "*行车通道*"),
    # Words that the checks of stalls know: these are for no car, or for who cannot walk far.
    _rule("stalls", "*非机动车*车位*", "*自行车*车位*", "*单车*车位*", "*bicycle*", "*bike*", kind="非机动车"),
    _rule("stalls", "*电动车*车位*", "*电动自行车*", "*电瓶车*车位*", "*摩托*车位*", "*motorcycle*", kind="非机动车"),
    _rule("stalls", "*无障碍*车位*", "*残疾人*车位*", kind="无障碍"),
    _rule("stalls", "*停车位*", "*车位*", "*泊位*", "*parking*", "*stall*"),
    _rule("entrances", "*单元门*", "*单元入口*", "*单元出入口*", kind="stairwell"),
    _rule("", "*车库*出入口*", "*地库*出入口*", "*车库*入口*", "*人防*"),
    _rule("entrances", "*建筑*出入口*", "*住宅*出入口*", "*楼*出入口*", kind="door"),
    _rule("entrances", "*出入口*", "*大门*", "*gate*", kind="gate"),
    _rule("barriers", "*围墙*", kind="wall"),
    _rule("barriers", "*栅栏*", "*围栏*", "*栏杆*", "*fence*", kind="fence"),
    _rule("barriers", "*绿篱*", kind="hedge"),
    _rule("elevators", "*电梯*", "*elevator*"),
    _rule("rooms", "*社区用房*", "*配套用房*", "*物业用房*"),
    _rule("obstacles", "*树*", "*乔木*", "*tree*", kind="tree"),
    _rule("open_spaces", "*绿化*", "*绿地*", "*草坪*", "*green*", surface="绿地"),
    _rule("open_spaces", "*广场*", "*铺装*", "*硬地*", surface="铺装"),
    _rule("open_spaces", "*活动场地*", "*空地*"),
    _rule("walkways", "*人行道*", "*步道*", "*步行*", "*园路*", kind="path"),
    _rule("walkways", "*台阶*", "*踏步*", "*梯道*", kind="steps"),
    _rule("walkways", "*道路中线*", "*道路中心线*", "*路中线*", "*路*中心线*", "*road*cent*", kind="street"),
    _rule("grids", "*网格*"),
    _rule("communities", "*社区界*", "*社区范围*"),
    _rule("facilities", "*设施*", "poi*"),
    _rule("", "*地下建筑*", "*地下室*", "*地下车库*", "*地库*"),
    _rule("buildings", "*建筑*", "*房屋*", "*楼栋*", "*住宅*", "*building*", "*bldg*"),
    _rule("parcels", "*地块*"),
)  # fmt: skip


# A name of ours that in a drawing is something else: the edges of roads, not their middle lines.
_NOT_OURS: Final = ("道路", "road", "roads")
_BOUND: Final = re.compile(r"\||\$\d+\$")  # between the name of an external reference and that of its layer


def rule_for(layer: str, given: Sequence[CadRule], *, block: str = "", code: str = "") -> CadRule | None:
    """Return what a layer of a drawing is, or None when nothing is known about its name.

    Parameters
    ----------
    layer : str
        Its name; what an external reference puts before it (``总图|建筑``, bound ``总图$0$建筑``) does not count.
    given : sequence of CadRule
        What the user says; the first that meets the name decides.
    block : str
        A block on it.
    code : str
        The code of CASS of a thing on it.
    """
    for rule in given:
        if rule.meets(layer, block, code):
            return rule
    name = _BOUND.split(layer)[-1].strip() or layer
    own = layer_of(name)
    if own is not None and name.casefold() not in _NOT_OURS:
        same = next((r for r in _DEFAULTS if r.layer == own.name and r.meets(name)), None)
        return same or CadRule(match=(name,), layer=own.name)
    return next((rule for rule in _DEFAULTS if rule.meets(name, code=code)), None)


def load_rules(entries: object, path: str) -> tuple[CadRule, ...]:
    """Read the tables ``[[dxf]]`` of a mapping file.

    Parameters
    ----------
    entries : object
        What the file holds under ``dxf``.
    path : str
        The file, for errors.

    Raises
    ------
    UsageError
        If anything in it is not understood; the message names every mistake with its place, such as
        ``dxf[2].layer``.
    """
    if not isinstance(entries, list):
        raise UsageError(Message("cad.mapping", path=path, mistakes=(Message("cad.mapping_list"),)))
    mistakes: list[str] = []
    rules = [_load(entry, f"dxf[{number}]", mistakes) for number, entry in enumerate(entries, start=1)]
    if mistakes:
        raise UsageError(Message("cad.mapping", path=path, mistakes=tuple(mistakes)))
    return tuple(rules)


_KEYS: Final = ("match", "layer", "blocks", "codes", "set")


def _load(entry: object, where: str, mistakes: list[str]) -> CadRule:
    if not isinstance(entry, dict):
        mistakes.append(Message("cad.mapping_table", where=where))
        return CadRule()
    mistakes += [
        Message("cad.mapping_key", where=f"{where}.{k}", known=_KEYS) for k in entry if k not in _KEYS
    ]
    layer = entry.get("layer")
    if not isinstance(layer, str) or (layer and layer not in LAYERS):
        mistakes.append(
            Message("cad.mapping_layer", where=f"{where}.layer", layer=str(layer), known=tuple(LAYERS))
        )
        layer = ""
    if not {"match", "blocks", "codes"}.intersection(entry):
        mistakes.append(Message("cad.mapping_match", where=f"{where}.match"))
    return CadRule(
        match=_patterns(entry.get("match", ["*"]), f"{where}.match", mistakes),
        blocks=_patterns(entry.get("blocks", []), f"{where}.blocks", mistakes),
        codes=_patterns(entry.get("codes", []), f"{where}.codes", mistakes),
        layer=layer,
        values=_set(entry.get("set", {}), layer, f"{where}.set", mistakes),
        given=True,
    )


def _patterns(value: object, where: str, mistakes: list[str]) -> tuple[str, ...]:
    several = [value] if isinstance(value, str) else value
    if not isinstance(several, list) or not all(isinstance(one, str) and one for one in several):
        mistakes.append(Message("cad.mapping_names", where=where))
        return ()
    return tuple(several)


def _set(value: object, layer: str, where: str, mistakes: list[str]) -> dict[str, Any]:
    if not isinstance(value, dict):
        mistakes.append(Message("cad.mapping_table", where=where))
        return {}
    known = tuple(c.name for c in LAYERS[layer].columns) if layer else ()
    for name, cell in value.items():
        if name not in known:
            mistakes.append(Message("cad.mapping_column", where=f"{where}.{name}", known=known))
        elif not isinstance(cell, str | int | float | bool):
            mistakes.append(Message("cad.mapping_value", where=f"{where}.{name}"))
    return value
