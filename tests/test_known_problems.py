"""Every id that the source names is in the one table, with the severity, the effect and the texts that it is told by."""

from __future__ import annotations

import ast
import re

import pytest

from plan.known_problems import PROBLEMS, cure_key
from plan.messages import keys, template

ID = re.compile(r"PLAN-[A-Z]+-\d{3}")
SEVERITIES = ("error", "warning", "info")
EFFECTS = ("refused", "degraded", "repaired", "noted")


def sources(root):
    for path in sorted((root / "plan").rglob("*.py")):
        if path.name != "known_problems.py":
            yield ast.parse(path.read_text(encoding="utf-8"))


def texts(node):
    """Return the texts that an argument is: one, or either of two."""
    if isinstance(node, ast.IfExp):
        return texts(node.body) + texts(node.orelse)
    return [node.value] if isinstance(node, ast.Constant) and isinstance(node.value, str) else []


def calls(tree):
    """Yield the texts among the arguments of each call that names an id, and the keys of messages made in it."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            given = [*node.args, *(k.value for k in node.keywords)]
            said = [t for arg in given for t in texts(arg)]
            made = [
                t
                for arg in given
                if isinstance(arg, ast.Call) and getattr(arg.func, "id", "") == "Message"
                for t in texts(arg.args[0])
            ]
            yield [t for t in said if ID.fullmatch(t)], said, made


def test_the_table_holds_just_the_ids_of_the_source(root):
    named = {
        node.value
        for tree in sources(root)
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and ID.fullmatch(node.value)
    }
    assert named - set(PROBLEMS) == set(), (
        "add them to PROBLEMS in plan/known_problems.py, and run docs/make.py"
    )
    assert set(PROBLEMS) - named == set()


def test_what_calls_say_of_an_id_is_in_the_table(root):
    wrong = []
    for tree in sources(root):
        for ids, said, made in calls(tree):
            for name in ids:
                known = PROBLEMS[name]
                told = [t for t in said if t in SEVERITIES and t not in known.severities]
                told += [t for t in said if t in EFFECTS and t not in known.effects]
                told += [t for t in made if t not in known.texts and not t.endswith("_cure")]
                wrong += [(name, t) for t in told]
    assert wrong == []


@pytest.mark.parametrize("name", PROBLEMS)
def test_every_problem_has_texts_and_cures(name):
    known = PROBLEMS[name]
    assert known.severities
    assert set(known.severities) <= set(SEVERITIES)
    assert known.effects
    assert set(known.effects) <= set(EFFECTS)
    assert known.texts
    for text in known.texts:
        assert text in keys()
        for lang in ("zh", "en"):
            assert template(cure_key(text), lang)


def test_a_text_without_a_cure_is_an_error():
    with pytest.raises(KeyError):
        cure_key("status.met")
