"""Two entries of one firm become one, and come apart again; pairs that only look alike are remembered as two."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Final

from django.core.exceptions import ValidationError
from django.db import IntegrityError, models, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from shengce.customers.actions import require_visible
from shengce.customers.models import Customer, Merge, NotDuplicates, SuspectedPair
from shengce.people.models import User, record
from shengce.people.permissions import require

FILLED: Final = ("city", "industry", "level", "tax_number", "phone", "address", "territory_id",
                 "supplied_by_id", "value_class", "owner_id")  # fmt: skip
"""What the kept one takes from the one that is gone where it has nothing itself."""
_ABOUT_MERGING: Final = (Merge, NotDuplicates, SuspectedPair)
_AT_ONCE: Final = 500


@transaction.atomic
def merge_customers(kept: Customer, gone: Customer, *, by: User) -> Merge:
    """Everything that points at ``gone``, in whatever room, points at ``kept`` afterwards; ``gone`` is out of view.

    Empty fields of the kept head are filled from the other. A row that the kept one must have only one of (its standing, the
    stock report of a day) stays with ``gone`` and is listed in ``Merge.left``. All is written down, so that
    :func:`undo_merge` can put it back.
    """
    require(by, "customers.merge")
    if kept.pk == gone.pk:
        raise ValidationError(_("Choose two different customers."), code="same")
    locked = {
        customer.pk: customer
        for customer in Customer.objects.select_for_update(of=("self",))
        .filter(pk__in=(kept.pk, gone.pk))
        .order_by("pk")
    }
    for customer in (kept, gone):
        if customer.pk not in locked or locked[customer.pk].merged_into_id is not None:
            raise ValidationError(_("One of the two has been merged already."), code="merged")
        require_visible(customer, by)
    kept, gone = locked[kept.pk], locked[gone.pk]
    merge = Merge.objects.create(kept=kept, gone=gone, by=by)
    for model, field in pointers():
        key = f"{model._meta.label}.{field.name}"
        moved, left = _move(model, field, old=gone, new=kept)
        if moved:
            merge.moved[key] = moved
        if left:
            merge.left[key] = left
    merge.filled = _fill(kept, gone)
    merge.save()
    gone.merged_into = kept
    gone.save(update_fields=["merged_into"])
    SuspectedPair.objects.filter(models.Q(one=gone) | models.Q(other=gone)).delete()
    record("customer.merged", kept, by=by, merge=merge.pk, gone=gone.pk, name=gone.name)
    return merge


@transaction.atomic
def undo_merge(merge: Merge, *, by: User) -> Merge:
    """Take the two apart: what had moved goes back. What came to the kept one since then stays with it.

    Raises ``ValidationError`` where it is undone already, or where a later merge stands on this one.
    """
    require(by, "customers.merge")
    merge = Merge.objects.select_for_update(of=("self",)).select_related("kept", "gone").get(pk=merge.pk)
    if merge.undone_at is not None:
        raise ValidationError(_("This merge is undone already."), code="undone")
    if merge.kept.merged_into_id is not None:
        raise ValidationError(
            _("%(name)s has been merged into another since: undo that first.") % {"name": merge.kept},
            code="later",
        )
    require_visible(merge.kept, by)
    fields = {f"{model._meta.label}.{field.name}": (model, field) for model, field in pointers()}
    for key, ids in merge.moved.items():
        if key in fields:  # a room that is gone took its rows with it
            _put_back(*fields[key], ids, old=merge.kept, new=merge.gone)
    _empty(merge)
    merge.gone.merged_into = None
    merge.gone.save(update_fields=["merged_into"])
    merge.undone_at = timezone.now()
    merge.save(update_fields=["undone_at"])
    record(
        "customer.merge_undone", merge.kept, by=by, merge=merge.pk, gone=merge.gone_id, name=merge.gone.name
    )
    return merge


def pointers() -> Iterator[tuple[type[models.Model], Any]]:
    """Every foreign key to a customer of every room, hidden ones too; not those that tell of merging itself."""
    for relation in Customer._meta.get_fields(include_hidden=True):
        if (
            not relation.auto_created
            or relation.concrete
            or not (relation.one_to_many or relation.one_to_one)
        ):
            continue
        model: Any = relation.related_model
        field: Any = relation.field  # type: ignore[union-attr]
        if model in _ABOUT_MERGING or (model is Customer and field.name == "merged_into"):
            continue
        yield model, field


def _move(
    model: type[models.Model], field: Any, *, old: Customer, new: Customer
) -> tuple[list[Any], list[Any]]:
    """Ids that moved and ids that could not, because ``new`` has such a row already."""
    rows = model._base_manager.filter(**{field.name: old.pk})
    if model is Customer:
        rows = rows.exclude(pk=new.pk)  # the kept one is never supplied by itself
    ids = list(rows.values_list("pk", flat=True))
    return _repoint(model, field, ids, new)


def _put_back(model: type[models.Model], field: Any, ids: list[Any], *, old: Customer, new: Customer) -> None:
    """Only rows that still are where the merge put them."""
    for part in _parts(ids):
        still = list(
            model._base_manager.filter(pk__in=part, **{field.name: old.pk}).values_list("pk", flat=True)
        )
        _repoint(model, field, still, new)


def _repoint(
    model: type[models.Model], field: Any, ids: list[Any], to: Customer
) -> tuple[list[Any], list[Any]]:
    moved: list[Any] = []
    left: list[Any] = []
    for part in _parts(ids):
        try:
            with transaction.atomic():
                model._base_manager.filter(pk__in=part).update(**{field.name: to.pk})
            moved += part
        except IntegrityError:  # one of them would be a second of its kind: find out which
            for pk in part:
                try:
                    with transaction.atomic():
                        model._base_manager.filter(pk=pk).update(**{field.name: to.pk})
                    moved.append(pk)
                except IntegrityError:
                    left.append(pk)
    return moved, left


def _parts(ids: list[Any]) -> Iterator[list[Any]]:
    for first in range(0, len(ids), _AT_ONCE):
        yield ids[first : first + _AT_ONCE]


def _fill(kept: Customer, gone: Customer) -> dict[str, list[Any]]:
    """Fill what is empty on the kept head; what was there before, and what is now."""
    filled: dict[str, list[Any]] = {}
    for name in FILLED:
        mine, theirs = getattr(kept, name), getattr(gone, name)
        if mine in ("", None) and theirs not in ("", None) and theirs != kept.pk:
            filled[name] = [mine, theirs]
    if "level" in filled and kept.kind != Customer.Kind.DEALER:
        del filled["level"]
    if kept.supplied_by_id == gone.pk:
        filled["supplied_by_id"] = [gone.pk, None]
    for name, (_old, new) in filled.items():
        setattr(kept, name, new)
    if "owner_id" in filled:
        kept.unit, kept.pooled_at, kept.owned_since = gone.unit, None, gone.owned_since
    if gone.last_talk_at and (kept.last_talk_at is None or kept.last_talk_at < gone.last_talk_at):
        old = kept.last_talk_at
        filled["last_talk_at"] = [old and old.isoformat(), gone.last_talk_at.isoformat()]
        kept.last_talk_at = gone.last_talk_at
    kept.save()
    return filled


def _empty(merge: Merge) -> None:
    """Take back what the kept head had got, where nobody changed it since."""
    kept = merge.kept
    for name, (old, new) in merge.filled.items():
        now = getattr(kept, name)
        if name == "last_talk_at":
            if now and now.isoformat() == new:
                kept.last_talk_at = models.DateTimeField().to_python(old)
        elif now == new:
            setattr(kept, name, old)
            if name == "owner_id":
                kept.unit, kept.pooled_at = None, timezone.now()
    kept.save()


# --- not the same


@transaction.atomic
def tell_apart(one: Customer, other: Customer, *, by: User) -> None:
    """Say that two customers are not the same; they are not suggested again."""
    require(by, "customers.merge")
    for customer in (one, other):
        require_visible(customer, by)
    if one.pk == other.pk:
        raise ValidationError(_("Choose two different customers."), code="same")
    first, second = sorted((one, other), key=lambda customer: customer.pk)
    NotDuplicates.objects.get_or_create(one=first, other=second, defaults={"by": by})
    SuspectedPair.objects.filter(one=first, other=second).delete()
    record("customer.told_apart", first, by=by, other=second.pk, name=second.name)


# --- where a customer went


def kept_instead(pk: int) -> int | None:
    """The customer into whom this one was merged, at the end of the chain; ``None`` where he stands for himself."""
    now, after = pk, _merged_into(pk)
    while after is not None:
        now, after = after, _merged_into(after)
    return now if now != pk else None


def _merged_into(pk: int) -> int | None:
    return Customer.objects.filter(pk=pk).values_list("merged_into", flat=True).first()


def in_force(customers: Iterable[Customer]) -> list[Customer]:
    """Each customer as he stands today: the kept one for those that were merged away."""
    ids = [kept_instead(customer.pk) or customer.pk for customer in customers]
    by_id = Customer.objects.in_bulk(ids)
    return [by_id[pk] for pk in ids]


def earlier_selves(customer: Customer) -> list[int]:
    """Ids of all customers that were merged into this one, directly or by way of another."""
    found: list[int] = []
    level = [customer.pk]
    while level:
        level = list(
            Customer.objects.filter(merged_into__in=level).exclude(pk__in=found).values_list("pk", flat=True)
        )
        found += level
    return found
