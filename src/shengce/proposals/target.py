"""What a form is that facts may change, and what several of them share: who it is for, and reading of typed values."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.utils import translation
from django.utils.translation import gettext as _

from shengce.catalogue.models import Product
from shengce.facts.models import Fact
from shengce.facts.values import moment_of
from shengce.people.models import User
from shengce.people.typed_text import typed_text
from shengce.proposals.drafting import Values
from shengce.proposals.models import Proposal


@dataclass(frozen=True, slots=True)
class Target:
    """One form. ``words_only`` are the fields whose change does not say that the fact was wrong."""

    name: str
    kinds: tuple[str, ...]
    draft: Callable[[Fact], Values | None]
    clean: Callable[[Values], Values]
    apply: Callable[[Proposal, Values, User], models.Model]
    withdraw: Callable[[Any, User], None]
    made: type[models.Model]
    words_only: tuple[str, ...] = ()
    field_of: Callable[[Fact], str] = lambda fact: ""


def in_firms_language(words: Callable[[Fact], str], fact: Fact) -> str:
    with translation.override(settings.LANGUAGE_CODE):
        return words(fact)


def of_competitor(fact: Fact) -> bool:
    """Our own prices are no news about the market."""
    return fact.kind != "price" or fact.value.get("of") == "competitor"


def read_moment(text: Any) -> Any:
    if not text:
        return None
    moment = moment_of(text)
    if moment is None:
        raise ValidationError(_("Write date and time, for example 2026-03-18T14:00:00+08:00."), code="moment")
    return moment


def product_named(name: Any) -> Product | None:
    """The product of this name, which a person may have typed."""
    text = typed_text(name, most=100, required=False)
    product = Product.objects.filter(name=text).first() if text else None
    if text and product is None:
        raise ValidationError(_("We have no product “%(name)s”."), params={"name": text}, code="product")
    return product


def seller_of(proposal: Proposal) -> User:
    if proposal.rep is None:
        raise ValidationError(_("Say first whose talk this was."), code="rep")
    return proposal.rep
