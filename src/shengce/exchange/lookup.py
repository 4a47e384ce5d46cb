"""From what a file says to what is meant: customers, products, people, places. One object an import; it remembers."""

from __future__ import annotations

import re
from collections.abc import Collection

from django.core.exceptions import ValidationError
from django.db.models import Q
from django.utils.translation import gettext as _

from shengce.catalogue.models import PriceTier, Product
from shengce.customers.models import Customer
from shengce.people.models import Role, Territory, Unit, User

SLASHES = re.compile(r"\s*[/／>＞]\s*")
"""What people put between a unit and the one above it."""
COLUMNS = ("code", "tax_number", "name")
"""By what a customer is found, the surest first."""


class Directory:
    """Who is called what: customers by each of :data:`COLUMNS`."""

    def __init__(self) -> None:
        self._names: dict[int, tuple[str, ...]] = {}
        self._found: dict[str, dict[str, list[int]]] = {column: {} for column in COLUMNS}

    def put(self, pk: int, names: tuple[str, ...]) -> None:
        """Add a customer, or give him other names."""
        for column, name in zip(COLUMNS, self._names.get(pk, ()), strict=False):
            if name:
                self._found[column][name].remove(pk)
        self._names[pk] = names
        for column, name in zip(COLUMNS, names, strict=True):
            if name:
                self._found[column].setdefault(name, []).append(pk)

    def named(self, column: str, text: str) -> list[int]:
        """Ids of the customers with exactly this code, tax number or name; the oldest first."""
        return self._found[column].get(text, [])

    def names_of(self, pk: int) -> dict[str, str]:
        """``{column: name}`` of a customer."""
        return dict(zip(COLUMNS, self._names[pk], strict=True))


class Lookup:
    """Finds among what ``by`` may see. Raises ``ValidationError`` in words where nothing or more than one is meant."""

    def __init__(self, by: User) -> None:
        self.by = by
        self.coming: set[str] = set()
        """Names and numbers of what earlier rows of the file make; only filled where nothing is written."""
        self._customers: dict[tuple[str, str], Customer] = {}
        self._ahead: dict[int, Customer] = {}
        self._directory: Directory | None = None
        self._products: dict[str, Product] | None = None
        self._people: dict[str, list[User]] | None = None
        self._territories: dict[str, Territory] | None = None
        self._tiers: dict[str, PriceTier] | None = None
        self._units: dict[str, list[Unit]] | None = None

    def customer(self, *, code: str = "", name: str = "") -> Customer:
        """By his number, else tax number, else a name that only one visible customer has."""
        key = (code, name)
        if key not in self._customers:
            found = self.customer_or_none(code=code, name=name)
            if found is None:
                raise ValidationError(
                    _("There is no customer “%(text)s” among those that you see.") % {"text": code or name},
                    code="no_customer",
                )
            self._customers[key] = found
        return self._customers[key]

    def customer_or_none(self, *, code: str = "", name: str = "") -> Customer | None:
        """As :meth:`customer`, read anew each time; nothing where there is none."""
        for text in (code, name):
            if not text:
                continue
            for column in COLUMNS:
                same = self.directory.named(column, text)
                if len(same) > 1:
                    raise ValidationError(
                        _(
                            "%(count)d customers are called “%(text)s”: write the customer number or tax number."
                        )
                        % {"count": len(same), "text": text},
                        code="ambiguous_customer",
                    )
                if same:
                    return self.read(same[0])
            if text == code and name:
                return None  # a number that nobody has is not made up for by a name
        return None

    @property
    def directory(self) -> Directory:
        """All customers that ``by`` sees, read once: asking for each row of a file would search the table each time."""
        if self._directory is None:
            self._directory = Directory()
            rows = Customer.objects.visible_to(self.by).order_by("pk").values_list("pk", *COLUMNS)
            for pk, *names in rows.iterator(chunk_size=5_000):
                self._directory.put(pk, tuple(names))
        return self._directory

    def read(self, pk: int) -> Customer | None:
        """A customer of the directory as he is now; nothing where he is gone."""
        if pk in self._ahead:
            return self._ahead[pk]
        return Customer.objects.select_related("owner__unit", "unit").filter(pk=pk).first()

    def read_ahead(self, pks: Collection[int]) -> None:
        """Read these together and hold them for :meth:`read`; only where nothing is written meanwhile."""
        rows = Customer.objects.select_related("owner__unit", "unit")
        self._ahead = rows.in_bulk(list(pks))

    def learn(self, customer: Customer) -> None:
        """A customer was made or changed: later rows of the file find him."""
        self.directory.put(customer.pk, tuple(getattr(customer, column) for column in COLUMNS))

    def product(self, text: str) -> Product:
        """By code, name, or another name that people say."""
        if self._products is None:
            self._products = {}
            rows = list(Product.objects.order_by("-active", "pk"))
            for names in (
                lambda row: [row.code],
                lambda row: [row.name],
                lambda row: [alias for alias in row.aliases if isinstance(alias, str)],
            ):
                for row in rows:
                    for name in names(row):
                        if name:
                            self._products.setdefault(name.casefold(), row)
        found = self._products.get(text.casefold())
        if found is None:
            raise ValidationError(_("There is no product “%(text)s”.") % {"text": text}, code="no_product")
        return found

    def person(self, text: str) -> User:
        """A seller by user name or by a name that only one has."""
        if self._people is None:
            self._people = {}
            for person in User.objects.filter(
                is_active=True, role__in=(Role.REP, Role.MANAGER)
            ).select_related("unit"):
                for name in {person.username.casefold(), person.display_name.casefold()}:
                    self._people.setdefault(name, []).append(person)
        return _only(self._people.get(text.casefold(), []), text)

    def colleague(self, text: str) -> User:
        """Anybody who works here, by user name or by a name that only one has."""
        rows = User.objects.filter(Q(username__iexact=text) | Q(display_name=text), is_active=True)
        return _only(list(rows[:3]), text)

    def unit(self, text: str) -> Unit:
        """By a name that only one unit has, or by the names from above, ``华东大区/苏州办事处``."""
        if self._units is None:
            self._units = {}
            rows = {row.pk: row for row in Unit.objects.order_by("path")}
            for row in rows.values():
                names = [rows[int(pk)].name.casefold() for pk in row.path.strip("/").split("/")]
                for start in range(len(names)):
                    self._units.setdefault("/".join(names[start:]), []).append(row)
        found = self._units.get(SLASHES.sub("/", text).casefold(), [])
        if len(found) > 1:
            words = _("%(count)d units are called “%(text)s”: write the one above before it, with a slash.")
            raise ValidationError(words % {"count": len(found), "text": text}, code="ambiguous_unit")
        if not found:
            raise ValidationError(_("There is no unit “%(text)s”.") % {"text": text}, code="no_unit")
        return found[0]

    def forget_units(self) -> None:
        """A unit was made: later rows of the file find it."""
        self._units = None

    def forget_territories(self) -> None:
        """A territory was made or changed: later rows of the file find it."""
        self._territories = None

    def territory(self, text: str) -> Territory:
        """By name, or by a place that only one territory holds."""
        if self._territories is None:
            self._territories = {}
            rows = list(Territory.objects.all())
            for row in rows:
                for place in row.places:
                    self._territories.setdefault(str(place).casefold(), row)
            self._territories |= {row.name.casefold(): row for row in rows}
        found = self._territories.get(text.casefold())
        if found is None:
            raise ValidationError(
                _("There is no territory “%(text)s”.") % {"text": text}, code="no_territory"
            )
        return found

    def tier(self, text: str) -> PriceTier:
        """A price tier by name."""
        if self._tiers is None:
            self._tiers = {tier.name.casefold(): tier for tier in PriceTier.objects.all()}
        found = self._tiers.get(text.casefold())
        if found is None:
            raise ValidationError(_("There is no price tier “%(text)s”.") % {"text": text}, code="no_tier")
        return found


def _only(rows: list[User], text: str) -> User:
    if len(rows) > 1:
        raise ValidationError(
            _("%(count)d people are called “%(text)s”: write the user name.")
            % {"count": len(rows), "text": text},
            code="ambiguous_person",
        )
    if not rows:
        raise ValidationError(_("There is nobody called “%(text)s” here.") % {"text": text}, code="no_person")
    return rows[0]
