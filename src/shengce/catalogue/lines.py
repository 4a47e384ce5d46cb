"""The tree of product lines."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from shengce.catalogue.models import Product, ProductLine
from shengce.people.models import User, record
from shengce.people.permissions import require
from shengce.people.typed_text import typed_text

MOST_LEVELS = 8


@transaction.atomic
def save_line(
    *, by: User, name: str, parent: ProductLine | None = None, line: ProductLine | None = None
) -> ProductLine:
    """Add a product line, or rename and move ``line`` with all below it. It never comes to lie below itself."""
    require(by, "catalogue.edit")
    _require_place(parent, line)
    if line is None:
        line = ProductLine(name=typed_text(name, most=100), parent=parent)
        line.full_clean(exclude=["path"])
        line.save()
        record("catalogue.line_saved", line, by=by, name=line.name, parent=parent and parent.pk)
        return line
    line = ProductLine.objects.select_for_update(of=("self",)).get(pk=line.pk)
    if parent is not None and parent.path.startswith(line.path):
        raise ValidationError({"parent": _("A product line cannot lie below itself.")}, code="below_itself")
    old = {"name": line.name, "parent": line.parent_id}
    line.name, line.parent = typed_text(name, most=100), parent
    line.full_clean(exclude=["path"])
    path = f"{parent.path if parent else '/'}{line.pk}/"
    for below in ProductLine.objects.filter(path__startswith=line.path).exclude(pk=line.pk):
        below.path = path + below.path.removeprefix(line.path)
        below.save(update_fields=["path"])
    line.path = path
    line.save()
    record("catalogue.line_saved", line, by=by, old=old, name=line.name, parent=parent and parent.pk)
    return line


def _require_place(parent: ProductLine | None, line: ProductLine | None) -> None:
    """A line lies below one in use, and no deeper than people can follow."""
    if parent is None:
        return
    if not parent.active and (line is None or line.parent_id != parent.pk):
        raise ValidationError(
            {"parent": _("The product line “%(name)s” is closed: open it first.") % {"name": parent}},
            code="closed",
        )
    below = 0
    if line is not None:
        deepest = ProductLine.objects.filter(path__startswith=line.path)
        below = max((each.depth for each in deepest), default=line.depth) - line.depth
    if parent.depth + 1 + below >= MOST_LEVELS:
        raise ValidationError(
            {"parent": _("The tree would have more than %(most)d levels.") % {"most": MOST_LEVELS}},
            code="too_deep",
        )


@transaction.atomic
def close_line(line: ProductLine, *, by: User) -> ProductLine:
    """From now on it takes no products and no new targets; what was sold and planned in it stays.

    Refused while products that are sold lie in it, or lines that are in use below it.
    """
    require(by, "catalogue.edit")
    line = ProductLine.objects.select_for_update(of=("self",)).get(pk=line.pk)
    below = ProductLine.objects.filter(path__startswith=line.path, active=True).exclude(pk=line.pk)
    if names := list(below.values_list("name", flat=True)[:5]):
        raise ValidationError(
            _("Close the lines below it first, or move them: %(names)s.") % {"names": "、".join(names)},
            code="lines",
        )
    products = Product.objects.filter(line=line, active=True)
    if count := products.count():
        names = list(products.order_by("name").values_list("name", flat=True)[:5])
        words = _("%(count)d products lie in it (%(names)s …): give them another line first.")
        raise ValidationError(words % {"count": count, "names": "、".join(names)}, code="products")
    if line.active:
        line.active = False
        line.save(update_fields=["active"])
        record("catalogue.line_closed", line, by=by, name=line.name)
    return line


@transaction.atomic
def open_line(line: ProductLine, *, by: User) -> ProductLine:
    """A closed line is used again; those above it must be in use."""
    require(by, "catalogue.edit")
    line = ProductLine.objects.select_for_update(of=("self",)).select_related("parent").get(pk=line.pk)
    if line.parent and not line.parent.active:
        raise ValidationError(
            _("The product line “%(name)s” is closed: open it first.") % {"name": line.parent}, code="closed"
        )
    if not line.active:
        line.active = True
        line.save(update_fields=["active"])
        record("catalogue.line_opened", line, by=by, name=line.name)
    return line
