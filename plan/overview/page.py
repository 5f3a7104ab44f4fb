"""The summary as one page: read in a minute, opens offline, prints on A4; every text from data is escaped."""

from __future__ import annotations

from functools import cache
from typing import Any, Final

from jinja2 import Template

from plan.batch import Tally
from plan.batch.tally import OUTCOMES, SiteTally
from plan.findings import Status
from plan.messages import Message, translate
from plan.overview.tables import ids, in_order, made_with, outcome_word, percent, verdict
from plan.page_templates import asset, page_template

__all__ = ["to_html"]

_RULES: Final = 8  # shown of those that fail most
_FIRST: Final = 10  # estates to deal with first
_WANTS: Final = 8
_ERRORS: Final = 30
_ALL: Final = 300  # estates listed on the page; the workbook has all
_DISTRICTS: Final = 40


def to_html(tally: Tally, *, lang: str = "zh") -> str:
    """Write the summary of a batch as one page.

    Parameters
    ----------
    tally : Tally
        What was counted.
    lang : {"zh", "en"}
        The language.

    Returns
    -------
    str
        An HTML document without scripts, links to elsewhere or anything to load.
    """

    def say(key: str, /, **params: object) -> str:
        return translate(Message(f"overview.{key}", **params), lang)

    def text(value: str | None) -> str:
        return "" if value is None else translate(value, lang)

    def site(one: SiteTally) -> dict[str, Any]:
        return {
            "name": one.name,
            "district": one.district,
            "outcome": one.outcome,
            "word": text(outcome_word(one.outcome)),
            "not_met": text(ids(one.not_met)),
            "titles": [text(tally.rules[rule].title) for rule in one.not_met[:4]],
            "more": max(0, len(one.not_met) - 4),
            "open": text(ids(one.undetermined)),
            "count": len(one.not_met),
            "error": text(one.error),
            "cures": [text(cure) for cure in one.cures[:3]],
            "path": one.path,
        }

    total = len(tally.sites)
    worst = tally.worst_rules()
    wants = tally.open_wants()
    first = tally.first_sites()
    errors = tally.errors()
    ordered = in_order(tally)
    page = {
        "lang": "zh-Hans" if lang == "zh" else "en",
        "title": say("title", count=total),
        "basis": say(
            "subtitle",
            pack=text(tally.pack.title) or tally.pack.id,
            id=tally.pack.id,
            version=tally.pack.version,
        ),
        "on": say("on", on=tally.on) if tally.on else "",
        "sha256": tally.pack.sha256,
        "software": text(made_with(tally)),
        "verdict": text(verdict(tally)),
        "share": percent(tally.counts["met"], total),
        "outcomes": [_bar(name, text(outcome_word(name)), tally.counts[name], total) for name in OUTCOMES],
        "rules": [
            {
                "id": rule.id,
                "title": text(rule.title),
                "not_met": rule.counts[Status.NOT_MET],
                "judged": rule.judged,
                "share": percent(rule.counts[Status.NOT_MET], rule.judged),
                "width": f"{100 * rule.counts[Status.NOT_MET] / max(rule.judged, 1):.1f}",
                "open": rule.counts[Status.UNDETERMINED],
                "quote": rule.quote,
            }
            for rule in worst[:_RULES]
        ],
        "more_rules": max(0, len(worst) - _RULES),
        "first": [site(one) for one in first[:_FIRST]],
        "more_first": max(0, len(first) - _FIRST),
        "districts": [
            {
                "name": one.name or say("no_district"),
                "total": one.counts.total(),
                "met": percent(one.counts["met"], one.counts.total()),
                "parts": [
                    _bar(n, text(outcome_word(n)), one.counts[n], one.counts.total()) for n in OUTCOMES
                ],
                "worst": [
                    {"rule": rule, "title": text(tally.rules[rule].title), "count": count}
                    for rule, count in sorted(one.rules.items(), key=lambda pair: (-pair[1], pair[0]))[:1]
                ],
            }
            for one in tally.by_district()[:_DISTRICTS]
        ],
        "more_districts": max(0, len(tally.districts) - _DISTRICTS),
        "wants": [
            {
                "why": translate(Message(f"reason.{want.code}"), lang),
                "what": text(want.what),
                "cure": text(want.cure),
                "count": len(want.sites),
                "share": percent(len(want.sites), total),
                "rules": text(ids(sorted(want.rules))),
            }
            for want in wants[:_WANTS]
        ],
        "more_wants": max(0, len(wants) - _WANTS),
        "errors": [site(one) for one in errors[:_ERRORS]],
        "more_errors": max(0, len(errors) - _ERRORS),
        "estates": [site(one) for one in ordered[:_ALL]],
        "more_estates": max(0, len(ordered) - _ALL),
        "css": asset("plan.overview", "overview.css"),
        "say": say,
    }
    return _template().render(page)


def _bar(name: str, word: str, count: int, total: int) -> dict[str, Any]:
    return {
        "name": name,
        "word": word,
        "count": count,
        "share": percent(count, total),
        "width": f"{100 * count / max(total, 1):.3f}",
    }


@cache
def _template() -> Template:
    return page_template("plan.overview", "overview.html.jinja")
