"""Write the pages of this folder that the code itself knows: one for each verb, the data, the kinds of rules, the problems.

    python docs/make.py [--out DIR]

A test compares a fresh run with the committed pages, so that help, contract and pages never differ.
"""

from __future__ import annotations

import argparse
import dataclasses
import inspect
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

HERE: Final = Path(__file__).resolve().parent
EXAMPLES: Final = HERE / "examples.toml"
MADE: Final = "<!-- Made by docs/make.py: change the code, not this page. -->\n\n"

# Help is in one language from the first import on, so each language is asked in a process of its own.
_ASK: Final = """
import json, sys, typer
from plan.cli import app

def said(p):
    default = p.default
    default = getattr(default, "value", default)
    if isinstance(default, (list, tuple)):
        default = " ".join(str(getattr(d, "value", d)) for d in default)
    flag = bool(getattr(p, "is_flag", False))
    return {"names": list(p.opts), "argument": p.param_type_name == "argument", "metavar": p.metavar or "",
            "flag": flag, "required": bool(p.required), "help": p.help or "",
            "default": None if default is None or flag or default == "" else str(default)}

def walk(command, path):
    inner = getattr(command, "commands", None)
    if inner is None:
        yield {"path": path, "help": command.help or "", "params": [said(p) for p in command.params]}
    else:
        for name, one in inner.items():
            yield from walk(one, [*path, name])

json.dump(list(walk(typer.main.get_command(app), [])), sys.stdout)
"""


def verbs(lang: str) -> list[dict[str, Any]]:
    """Return every command with its help and its options, in one language."""
    done = subprocess.run(
        [sys.executable, "-X", "utf8", "-c", _ASK, "--lang", lang],
        capture_output=True,
        check=True,
        cwd=HERE.parent,
    )
    found: list[dict[str, Any]] = json.loads(done.stdout.decode("utf-8"))
    return found


def cell(text: str) -> str:
    """Return a text fit for a cell of a Markdown table."""
    return " ".join(text.replace("|", "\\|").split())


def usage(verb: dict[str, Any]) -> str:
    """Return the line that a planner types."""
    params = verb["params"]
    parts = [
        "plan",
        *verb["path"],
        *(p["metavar"] if p["required"] else f"[{p['metavar']}]" for p in params if p["argument"]),
        *(f"{p['names'][0]} {p['metavar']}".strip() for p in params if p["required"] and not p["argument"]),
    ]
    return " ".join(parts)


def verb_page(zh: dict[str, Any], en: dict[str, Any], examples: list[dict[str, str]]) -> str:
    """Return the page of one verb."""
    name = " ".join(zh["path"])
    lines = [f"# plan {name}\n", f"{zh['help']}\n", f"*{en['help']}*\n", f"```\n{usage(zh)} [OPTIONS]\n```\n"]
    if examples:
        lines.append("## 例 · Examples\n")
        for example in examples:
            lines.append(f"{example['zh']} · *{example['en']}*\n")
            lines.append(f"```sh\n{example['command']}\n```\n")
    lines += ["## 参数 · Options\n", "| | 中文 | English | 默认 · default |", "|---|---|---|---|"]
    for one, other in zip(zh["params"], en["params"], strict=True):
        label = ", ".join(f"`{n}`" for n in one["names"])
        label = f"`{one['metavar']}`" if one["argument"] else label
        if one["metavar"] and not one["argument"]:
            label += f" `{cell(one['metavar'])}`"
        default = "必填 · required" if one["required"] else f"`{one['default']}`" if one["default"] else ""
        lines.append(f"| {label} | {cell(one['help'])} | {cell(other['help'])} | {default} |")
    return MADE + "\n".join(lines) + "\n"


def data_page() -> str:
    """Return the page of layers, columns, units and the Chinese names that are understood."""
    from plan.schema import LAYERS  # noqa: PLC0415 - the page alone needs it

    lines = [
        "# 数据 · Data\n",
        (
            "一个工程（Site）是一个 GeoPackage，图层和列如下。中文名和别名在读入时自动对应；不认识的名称用 `--mapping` 对应。"
            "没有的图层就是“没有”，不当作“空”，与它有关的规则一律“无法判定”。\n"
        ),
        (
            "*A site is a GeoPackage of these layers. Chinese names and aliases are matched when a file is read; other names are"
            " given with `--mapping`. An absent layer is absent, not empty: what depends on it cannot be told. Columns in bold"
            " are required. Lengths are metres, areas square metres, money CNY; a column's unit is in its name.*\n"
        ),
    ]
    for layer in LAYERS.values():
        shapes = ", ".join("无 none" if s == "none" else s for s in layer.shapes)
        also = "、".join(layer.aliases)
        lines.append(f"## `{layer.name}` · {layer.zh}\n")
        lines.append(
            f"几何 · geometry: {shapes}." + (f" 别名 · also read as: {also}." if also else "") + "\n"
        )
        lines += [
            "| 列 · column | 类型 · type | 中文 · Chinese | 别名 · aliases | 取值 · values |",
            "|---|---|---|---|---|",
        ]
        for column in layer.columns:
            name = f"**`{column.name}`**" if column.required else f"`{column.name}`"
            kind = column.type + (f" [{column.unit}]" if column.unit else "")
            values = "; ".join(f"`{v}`" + (f" {'、'.join(a)}" if a else "") for v, a in column.choices)
            if not values and column.minimum is not None:
                values = f"≥ {column.minimum:g}"
            lines.append(
                f"| {name} | {kind} | {column.zh} | {cell('、'.join(column.aliases))} | {cell(values)} |"
            )
        lines.append("")
    return MADE + "\n".join(lines)


def kinds_page() -> str:
    """Return the page of the kinds of rules and their params."""
    from plan.rules.kinds import KINDS  # noqa: PLC0415 - the page alone needs it

    lines = [
        "# 规则的种类 · Kinds of rules\n",
        (
            "规则包里每条规则写明 `kind` 和 `params`；下表是全部种类。*Every rule of a pack names its `kind` and gives its"
            " `params`; these are all the kinds. A kind that is a setting is not judged: placing, walking and drawing use its"
            " numbers.*\n"
        ),
    ]
    for name, kind in sorted(KINDS.items()):
        judged = "" if kind.judged else " *(设定 · a setting)*"
        lines.append(f"## `{name}`{judged}\n")
        lines.append(f"{inspect.cleandoc(kind.__doc__ or '')}\n")
        comments = dict(_comments(kind))
        rows = [
            f"| `{f.name}` | `{cell(str(f.type))}` | {_default(f)} | {cell(comments.get(f.name, ''))} |"
            for f in dataclasses.fields(kind)
        ]
        if rows:
            lines += ["| param | type | default | |", "|---|---|---|---|", *rows, ""]
    return MADE + "\n".join([*lines, *_names_in_rules()])


def _names_in_rules() -> Iterator[str]:
    """Return the tables of the names that rules may write: rows of bands, categories of facilities, uses of rooms."""
    from plan.categories import CATEGORIES  # noqa: PLC0415 - the page alone needs them
    from plan.rules.kinds import Band  # noqa: PLC0415
    from plan.uses import ROOM_USES, SERVICE_USES  # noqa: PLC0415

    comments = dict(_comments(Band))
    yield "# 规则里用的名称 · Names that rules use\n"
    yield "## `bands`\n"
    yield (
        "表格的各行，如 `{ above = 90, at_most = 120, required = 1.2 }` 就是“90＜S≤120”。*Rows of a table; the example is"
        " 90 < S ≤ 120.*\n"
    )
    yield from ("| | default | |", "|---|---|---|")
    yield from (
        f"| `{f.name}` | {_default(f)} | {cell(comments.get(f.name, ''))} |" for f in dataclasses.fields(Band)
    )
    yield "\n## `categories` · 设施类别\n"
    yield (
        "规则里写英文名；工程文件里写中文或别名都认得。表里没有的是本市自定的类别：规则和工程里写同样的字。*Rules write the"
        " name on the left; drawings may use any of the words. A category that is not here is the city's own, written alike in"
        " both.*\n"
    )
    yield from ("| name | 中文 | English | 也认得 · also read |", "|---|---|---|---|")
    for one in sorted(CATEGORIES.values(), key=lambda category: category.id):
        yield f"| `{one.id}` | {one.zh} | {one.en} | {'、'.join(one.aliases)} |"
    yield "\n## `uses` · 用房用途\n"
    yield (
        "不写 `uses` 时，计入的是社区配套用房（下表打勾的）。*Without `uses` the community service rooms count, those that"
        " are ticked.*\n"
    )
    yield from ("| name | 计入 · counts | 也认得 · also read |", "|---|---|---|")
    for use, aliases in ROOM_USES.items():
        yield f"| `{use}` | {'√' if use in SERVICE_USES else ''} | {'、'.join(aliases)} |"
    yield ""


_AREAS: Final = {
    "ATTR": "属性 · Values", "CAD": "图纸 · Drawings", "CRS": "坐标系 · Reference systems", "DATA": "没有数据 · No data",
    "DEM": "高程 · Heights", "ENC": "编码 · Encodings", "EST": "估计 · Estimates", "FILE": "文件 · Files",
    "GEOM": "图形 · Shapes", "ID": "编号 · Ids", "LAYER": "图层 · Layers", "NET": "步行网络 · Walking network",
    "OSM": "OpenStreetMap", "REL": "图层之间 · Between layers", "REM": "居民意见 · Remarks", "SCHEMA": "列 · Columns",
    "SEC": "安全 · Safety", "TOPO": "拓扑 · Topology", "UNIT": "单位 · Units", "WAIVER": "特批 · Waivers",
}  # fmt: skip
_SEVERITIES: Final = {"error": "错误", "warning": "警告", "info": "提示"}
_EFFECTS: Final = {"refused": "拒绝", "degraded": "降级", "repaired": "已修复", "noted": "已记录"}


def problems_page() -> str:
    """Return the page of every problem that is told, its texts and its cures."""
    from plan.known_problems import PROBLEMS, cure_key  # noqa: PLC0415 - the page alone needs it
    from plan.messages import template  # noqa: PLC0415

    lines = [
        "# 问题 · Problems\n",
        (
            "`plan inspect`、`plan import` 和报告中每个问题都有固定的编号。**拒绝**：文件不能使用；**降级**：可用，但与这些行有关的检查"
            "“无法判定”；**已修复**：已改正并说明；**已记录**：只说明。花括号中是当时的数据。\n"
        ),
        (
            "*Every problem that `plan inspect`, `plan import` and reports tell has an id that never changes. **refused**: the file"
            " is not used; **degraded**: it is, and what depends on these rows cannot be told; **repaired**: it was mended, and"
            " told; **noted**: it is told. What stands in braces is filled in.*\n"
        ),
    ]
    area = ""
    for name, known in sorted(PROBLEMS.items()):
        if name.split("-")[1] != area:
            area = name.split("-")[1]
            lines.append(f"## {_AREAS.get(area, area)}\n")
        worst = "、".join(f"{_SEVERITIES[s]} {s}" for s in known.severities)
        done = "、".join(f"{_EFFECTS[e]} {e}" for e in known.effects)
        lines.append(f"### {name}\n\n{worst} · {done}\n")
        for text in known.texts:
            cure = cure_key(text)
            lines.append(
                f"- {cell(template(text, 'zh'))}<br>→ {cell(template(cure, 'zh'))}<br>"
                f"*{cell(template(text, 'en'))}*<br>*→ {cell(template(cure, 'en'))}*"
            )
        lines.append("")
    return MADE + "\n".join(lines)


def _default(field: dataclasses.Field[Any]) -> str:
    if field.default is not dataclasses.MISSING:
        return f"`{field.default!r}`"
    return "" if field.default_factory is dataclasses.MISSING else f"`{field.default_factory()!r}`"


def _comments(kind: type) -> Iterator[tuple[str, str]]:
    """Yield what stands behind each field in the source."""
    for line in inspect.getsource(kind).splitlines():
        head, mark, comment = line.partition("  # ")
        name, colon, _ = head.strip().partition(":")
        if mark and colon and name.isidentifier():
            yield name, comment.strip()


def pages() -> dict[str, str]:
    """Return every page by its path below this folder."""
    import tomllib  # noqa: PLC0415 - only here

    examples = tomllib.loads(EXAMPLES.read_text(encoding="utf-8"))
    found = {"data.md": data_page(), "kinds.md": kinds_page(), "problems.md": problems_page()}
    for zh, en in zip(verbs("zh"), verbs("en"), strict=True):
        name = " ".join(zh["path"])
        found[f"verbs/{name.replace(' ', '_')}.md"] = verb_page(zh, en, examples.get(name, []))
    return found


def main() -> None:
    """Write the pages, and delete those of verbs that are gone."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=HERE)
    out: Path = parser.parse_args().out
    made = pages()
    (out / "verbs").mkdir(parents=True, exist_ok=True)
    for old in (out / "verbs").glob("*.md"):
        if f"verbs/{old.name}" not in made:
            old.unlink()
    for name, text in made.items():
        (out / name).write_text(text, encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
