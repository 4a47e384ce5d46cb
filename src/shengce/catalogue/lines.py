"""The tree of product lines."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from shengce.catalogue.models import ProductLine
from shengce.people.models import User, record
from shengce.people.permissions import require
from shengce.people.typed_text import typed_text


@transaction.atomic
def save_line(
    *, by: User, name: str, parent: ProductLine | None = None, line: ProductLine | None = None
) -> ProductLine:
    """Add a product line, or rename and move ``line`` with all below it. It never comes to lie below itself."""
    require(by, "catalogue.edit")
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
