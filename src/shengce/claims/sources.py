"""Where typed statements come from, in one explicit tuple."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator

from shengce.claims.models import ClaimCheck
from shengce.claims.paper_lines import typed_lines
from shengce.claims.typed import Typed, card_values, lost_deals, payment_promises

SOURCES: tuple[Callable[[dt.datetime], Iterator[Typed]], ...] = (
    card_values,
    lost_deals,
    payment_promises,
    typed_lines,
)
"""Each gives what was typed since a moment; a new source is one entry more."""

WATCHED = frozenset(
    (ClaimCheck.Source.CARD, ClaimCheck.Source.DEAL, ClaimCheck.Source.PAYMENT, ClaimCheck.Source.PAPER)
)
"""Checks of these sources go where what was typed is gone."""
