"""Verdicts, reasons and amounts in the words of the page."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from shengce.planning.forecast import BY_DAY, NoForecast
from shengce.planning.reasonableness import Judgement, Verdict
from shengce.targets.models import Metric

LARGE = 10_000_000
"""A hundred thousand yuan in cents."""

TONES = {Verdict.EASY: "info", Verdict.SOUND: "ok", Verdict.STRETCH: "warn", Verdict.UNREAL: "bad"}


def verdict_words(verdict: Verdict) -> str:
    """One word for the badge."""
    return {
        Verdict.EASY: pgettext("target", "Too easy"),
        Verdict.SOUND: pgettext("target", "Sound"),
        Verdict.STRETCH: pgettext("target", "A stretch"),
        Verdict.UNREAL: pgettext("target", "Unreal"),
    }[verdict]


def judgement_words(judgement: Judgement) -> str:
    """The sentence under the chart."""
    chance = round(judgement.chance * 100)
    said = {
        Verdict.EASY: _("Going on as before would reach it in %(chance)d of 100 cases: it asks for nothing new."),
        Verdict.SOUND: _("Going on as before would reach it in %(chance)d of 100 cases: it asks for steady work."),
        Verdict.STRETCH: _("Going on as before would reach it in %(chance)d of 100 cases: it needs something more than before."),
        Verdict.UNREAL: _("Going on as before would reach it in %(chance)d of 100 cases: without a plan for new business nobody will believe it."),
    }  # fmt: skip
    return said[judgement.verdict] % {"chance": chance}


def no_forecast_words(reason: NoForecast, *, weekly: bool = False) -> str:
    """Why nothing is forecast."""
    known = {"found": reason.found, "least": reason.least}
    if reason.code == "far":
        return _("No forecast: weeks are foreseen at most %(least)d ahead.") % known
    if reason.code == "short":
        if weekly:
            return _("No forecast: %(found)d weeks of history, at least %(least)d are needed.") % known
        return _("No forecast: %(found)d months of history, at least %(least)d are needed.") % known
    if reason.code == "rare":
        if weekly:
            return (
                _(
                    "No forecast: something was reached in %(found)d weeks only, at least %(least)d are needed."
                )
                % known
            )
        return (
            _("No forecast: something was reached in %(found)d months only, at least %(least)d are needed.")
            % known
        )
    return _("No forecast: the history holds something that is no number.")


def method_words(method: str) -> str:
    """How a forecast was made."""
    if method.endswith(BY_DAY):
        return _("%(way)s, per working day") % {"way": method_words(method.removesuffix(BY_DAY))}
    return {
        "naive": _("as a season ago"),
        "smoothing": _("smoothed level"),
        "theta": _("level with half the trend"),
        "damped_trend": _("level with a fading trend"),
        "combination": _("mean of three smoothings"),
        "rare_demand": _("rare demand: chance times size"),
    }.get(method, method)


def shown(minor: float | None, metric: Metric) -> str:
    """Minor units as a person reads them: whole yuan of amounts, ones of counts; a dash for nothing known."""
    if minor is None:
        return "–"
    number = minor / 100 if metric.kind == Metric.Kind.AMOUNT else minor
    text = (
        f"{number:,.0f}"
        if metric.kind == Metric.Kind.AMOUNT or abs(number - round(number)) < 0.05
        else f"{number:,.1f}"
    )
    return text.replace("-", "−") if text != "-0" else "0"


def plain(minor: float, metric: Metric) -> float:
    """Minor units as the number of a chart or a table to save: yuan, or ones."""
    return round(minor / 100, 2) if metric.kind == Metric.Kind.AMOUNT else minor


@dataclass(frozen=True, slots=True)
class Scale:
    """How numbers stand at the axis of a chart: large sums in ten thousands (万), which keeps labels short."""

    divisor: float
    unit: str

    def shown(self, minor: float) -> float:
        return round(minor / self.divisor, 2)


def scale_of(metric: Metric, values: Iterable[float]) -> Scale:
    """The scale for these minor units."""
    if metric.kind != Metric.Kind.AMOUNT:
        return Scale(1, unit_of(metric) or pgettext("axis", "number"))
    if max((abs(value) for value in values), default=0) >= LARGE:
        return Scale(1_000_000, _("10,000 yuan"))
    return Scale(100, unit_of(metric))


def unit_of(metric: Metric) -> str:
    return metric.unit_label or (_("yuan") if metric.kind == Metric.Kind.AMOUNT else "")


def cell_words(names: dict[str, Any]) -> str:
    """A cell in one line: 华东 · 滤芯."""
    return " · ".join(str(name) for name in names.values())
