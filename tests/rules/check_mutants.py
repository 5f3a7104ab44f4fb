"""Mutants of the checks: one comparison of ``plan.checks`` turned at its limit, and whether the examples of packs see it.

``>=`` becomes ``>`` and ``<`` becomes ``<=``; where a tolerance makes the limit, here or in a line above, its sign is turned instead.
"""

from __future__ import annotations

import ast
import functools
import importlib
import inspect
import pkgutil
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from types import CodeType, FrameType, FunctionType, ModuleType

import plan.checks
from plan.errors import PlanError
from plan.examples import Staged, try_staged
from plan.rules import RulePack

TURNED = {ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt}
TOLERANCES = frozenset({"TOLERANCE", "_MILLIMETRE", "_HALF_MM", "_SAME_SLOPE"})
Case = tuple[RulePack, Staged]


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckMutant:
    """A function with one comparison turned."""

    function: FunctionType
    code: CodeType
    name: str  # module, function and the comparison as it was


def check_mutants() -> Iterator[CheckMutant]:
    """Give every comparison of the checks, turned, one at a time."""
    for info in pkgutil.iter_modules(plan.checks.__path__, "plan.checks."):
        module = importlib.import_module(info.name)
        functions = dict(_functions(module))
        source = inspect.getsource(module)
        for index in range(len(_places(ast.parse(source)))):
            tree = ast.parse(source)
            node, said = _places(tree)[index]
            made = ast.fix_missing_locations(_Turned(node).visit(tree))
            codes = dict(_codes(compile(made, module.__file__ or "", "exec", dont_inherit=True)))
            for name, function in functions.items():
                code = codes.get(name)
                if code is not None and _holds(code, node.lineno) and code != function.__code__:
                    yield CheckMutant(function=function, code=code, name=f"{info.name} {name}: {said}")


def _places(tree: ast.AST) -> list[tuple[ast.Compare | ast.Name, str]]:
    """Return the comparisons and the tolerances of a module, each with the expression that it stands in."""
    above = {child: node for node in ast.walk(tree) for child in ast.iter_child_nodes(node)}
    found: list[tuple[ast.Compare | ast.Name, str]] = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and node.id in TOLERANCES and isinstance(node.ctx, ast.Load):
            whole: ast.AST = node
            while isinstance(above[whole], ast.BinOp | ast.Compare):
                whole = above[whole]
            found.append((node, f"{ast.unparse(whole)}, {node.id} negative"))
        elif isinstance(node, ast.Compare) and len(node.ops) == 1 and type(node.ops[0]) in TURNED:
            names = {part.id for part in ast.walk(node) if isinstance(part, ast.Name)}
            if not names & TOLERANCES:
                found.append((node, ast.unparse(node)))
    return found


class _Turned(ast.NodeTransformer):
    """Turns one comparison, or the sign of one tolerance."""

    def __init__(self, node: ast.AST) -> None:
        self.node = node

    def visit(self, node: ast.AST) -> ast.AST:
        if node is not self.node:
            return self.generic_visit(node)
        if isinstance(node, ast.Compare):
            node.ops = [TURNED[type(node.ops[0])]()]
            return node
        return ast.copy_location(ast.UnaryOp(op=ast.USub(), operand=node), node)


def reached(cases: Sequence[Case]) -> dict[str, list[Case]]:
    """Return which cases run each function of the checks, by file and qualified name."""
    found: dict[str, list[Case]] = {}
    for case in cases:
        seen: set[str] = set()

        def note(frame: FrameType, event: str, _: object, seen: set[str] = seen) -> None:
            if event == "call" and "checks" in frame.f_code.co_filename:
                seen.add(_place(frame.f_code))

        sys.setprofile(note)
        try:
            try_staged(*case)
        finally:
            sys.setprofile(None)
        for place in seen:
            found.setdefault(place, []).append(case)
    return found


def sees(mutant: CheckMutant, cases: Sequence[Case]) -> bool:
    """Whether a case comes out otherwise while the mutant stands in for its function."""
    function, whole = mutant.function, mutant.function.__code__
    function.__code__ = mutant.code
    try:
        return any(not _passes(*case) for case in cases)
    finally:
        function.__code__ = whole


def cases_of(mutant: CheckMutant, found: dict[str, list[Case]]) -> list[Case]:
    return found.get(_place(mutant.function.__code__), [])


def _passes(pack: RulePack, staged: Staged) -> bool:
    try:
        return try_staged(pack, staged).passed
    except (PlanError, ArithmeticError, LookupError, TypeError, ValueError):
        return False


def _functions(module: ModuleType) -> Iterator[tuple[str, FunctionType]]:
    """Give the functions and methods that a module itself defines."""
    for thing in vars(module).values():
        if getattr(thing, "__module__", None) != module.__name__:
            continue
        members = vars(thing).values() if isinstance(thing, type) else [thing]
        for member in members:
            plain = getattr(member, "func", None) if isinstance(member, functools.cached_property) else member
            plain = getattr(plain, "fget", None) or getattr(plain, "__func__", plain)
            if isinstance(plain, FunctionType):
                yield plain.__code__.co_qualname, plain


def _codes(code: CodeType) -> Iterator[tuple[str, CodeType]]:
    for part in code.co_consts:
        if isinstance(part, CodeType):
            yield part.co_qualname, part
            yield from _codes(part)


def _holds(code: CodeType, line: int) -> bool:
    lines = [number for _, _, number in code.co_lines() if number is not None]
    inner = any(_holds(part, line) for part in code.co_consts if isinstance(part, CodeType))
    return inner or min(lines) <= line <= max(lines)


def _place(code: CodeType) -> str:
    return f"{code.co_filename} {code.co_qualname}"
