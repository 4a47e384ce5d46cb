"""Customers that may be one firm: a search over all of them, and a look at one that is being typed in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from shengce.customers.models import Contact, Customer, NotDuplicates, SuspectedPair
from shengce.people.models import User
from shengce.people.permissions import require
from shengce.people.phone_numbers import normalise_phone
from shengce.planning.duplicates import Firm, Reason, Verdict, find_pairs, judge, prepare, tax_key

PAGE_SIZE: Final = 20
WARNED_FROM: Final = 40
"""Who types a customer in can look at once: he is asked a little earlier than a pair is listed (the same name will do)."""
MOST_COMPARED: Final = 400
"""Candidates that are judged while somebody types."""


@dataclass(frozen=True, slots=True)
class Lookalike:
    """A customer who may be the one being typed in; ``customer`` is empty where the person may not see him."""

    customer: Customer | None
    verdict: Verdict

    @property
    def reasons(self) -> list[str]:
        return [words for words, points in reason_words(self.verdict.reasons) if points > 0]


def find_duplicates(*, by: User | None = None) -> int:
    """Search all customers anew and keep the suspected pairs; how many. ``by`` is empty for the nightly sweep.

    Seconds for 100,000 customers. Pairs that a person has told apart are left out.
    """
    if by is not None:
        require(by, "customers.merge")
    told_apart = set(NotDuplicates.objects.values_list("one", "other"))
    now = timezone.now()
    rows = []
    for pair in find_pairs(_firms()):
        one, other = sorted((pair.one, pair.other))
        if (one, other) not in told_apart:
            reasons = [list(reason) for reason in pair.verdict.reasons]
            rows.append(
                SuspectedPair(
                    one_id=one, other_id=other, score=pair.verdict.score, reasons=reasons, found_at=now
                )
            )
    with transaction.atomic():
        SuspectedPair.objects.all().delete()
        SuspectedPair.objects.bulk_create(rows, batch_size=500, ignore_conflicts=True)
    return len(rows)


def _firms() -> list[Firm[int]]:
    """All customers as the search sees them; 2 queries."""
    phones: dict[int, list[str]] = {}
    for customer, phone in Contact.objects.exclude(phone="").values_list("customer", "phone"):
        phones.setdefault(customer, []).append(phone)
    heads = Customer.objects.filter(merged_into__isnull=True).values_list(
        "pk", "name", "city", "phone", "tax_number", "address"
    )
    return [
        Firm(pk, name, city, (phone, *phones.get(pk, ())), tax_number, address)
        for pk, name, city, phone, tax_number, address in heads
    ]


def lookalikes(
    user: User,
    *,
    name: str,
    city: str = "",
    phone: str = "",
    tax_number: str = "",
    address: str = "",
    but: int | None = None,
) -> list[Lookalike]:
    """Customers who may be the one that is typed in, the most alike first; those out of one's scope without their name.

    Candidates share a number, or the particular part of the name: three queries at most over indexed columns and one over names.
    """
    number = normalise_phone(phone)
    typed = prepare(Firm(0, name, city, (number,) if number else (), tax_number, address))
    condition = Q(pk__in=[])
    if len(typed.name.distinct) >= 2:
        condition |= Q(name__icontains=typed.name.distinct)
    if number:
        by_contact = Contact.objects.filter(phone=number).values("customer")
        condition |= Q(phone=number) | Q(pk__in=by_contact)
    if key := tax_key(tax_number):
        condition |= Q(tax_number__contains=key)
    found = Customer.objects.filter(condition, merged_into__isnull=True)
    if but is not None:
        found = found.exclude(pk=but)
    rows = list(found.select_related("owner").prefetch_related("contacts")[:MOST_COMPARED])
    seen = set(
        Customer.objects.visible_to(user).filter(pk__in=[row.pk for row in rows]).values_list("pk", flat=True)
    )
    judged = []
    for row in rows:
        verdict = judge(typed, prepare(_firm(row)))
        if verdict.score >= WARNED_FROM:
            judged.append(Lookalike(row if row.pk in seen else None, verdict))
    return sorted(judged, key=lambda found: -found.verdict.score)[:8]


def judge_two(one: Customer, other: Customer) -> Verdict:
    """How alike two customers are."""
    return judge(prepare(_firm(one)), prepare(_firm(other)))


def _firm(customer: Customer) -> Firm[int]:
    phones = (customer.phone, *(contact.phone for contact in customer.contacts.all()))
    return Firm(
        customer.pk,
        customer.name,
        customer.city,
        tuple(filter(None, phones)),
        customer.tax_number,
        customer.address,
    )


def pair_page(user: User, *, page: int = 1) -> tuple[list[SuspectedPair], bool]:
    """One page of suspected pairs of which the person sees both, the most alike first."""
    visible = Customer.objects.visible_to(user).values("pk")
    found = SuspectedPair.objects.filter(one__in=visible, other__in=visible)
    first = (max(1, page) - 1) * PAGE_SIZE
    rows = list(
        found.select_related("one__owner", "other__owner", "one__territory", "other__territory")
        .prefetch_related("one__contacts", "other__contacts")
        .order_by("-score", "pk")[first : first + PAGE_SIZE + 1]
    )
    return rows[:PAGE_SIZE], len(rows) > PAGE_SIZE


def reason_words(reasons: tuple[Reason, ...] | list[list[object]]) -> list[tuple[str, int]]:
    """Grounds in words with their points; a ground of an older version stays its code."""
    words = {
        "name_same": _("same name"),
        "name_short": _("same name, written shorter"),
        "name_sounds": _("the names sound alike"),
        "name_near": _("the names differ by one sign"),
        "name_part": _("one name is part of the other"),
        "name_trade": _("same word in the name, another trade"),
        "name_other": _("different names"),
        "name_common": _("many firms have this name"),
        "branch_same": _("same branch"),
        "branch_one": _("one is a branch"),
        "branch_other": _("two branches"),
        "tax_same": _("same tax number"),
        "tax_same_branch": _("same tax number, as shops of one firm have"),
        "tax_other": _("different tax numbers"),
        "mobile_same": _("same mobile number"),
        "phone_same": _("same phone number"),
        "phone_part": _("same number without the area code"),
        "phone_shared": _("a phone number that many have"),
        "phone_other": _("different phone numbers"),
        "city_same": _("same city"),
        "city_other": _("different cities"),
        "address_same": _("same address"),
        "address_street": _("same street"),
        "address_other": _("different addresses"),
    }
    return [(words.get(str(code), str(code)), int(str(points))) for code, points in reasons]
