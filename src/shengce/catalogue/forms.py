"""Forms of the catalogue."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from shengce.catalogue.models import PriceTier, ProductLine
from shengce.people.day_input import DayInput

MAX_ALIASES = 40


class NamesForm(forms.Form):
    """A name and the other names that people say for it."""

    name = forms.CharField(label=_("Name"), max_length=100)
    aliases = forms.CharField(
        label=_("Other names, one a line"),
        required=False,
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("What people really say, short forms too. Homophones are found by themselves."),
    )

    active = forms.BooleanField(
        label=_("Talks are searched for it"),
        required=False,
        initial=True,
        help_text=_("Off for what is no longer sold."),
    )

    def clean_aliases(self) -> list[str]:
        names = list(dict.fromkeys(line.strip() for line in self.cleaned_data["aliases"].splitlines()))
        names = [name for name in names if name]
        if len(names) > MAX_ALIASES or any(len(name) > 100 for name in names):
            raise forms.ValidationError(_("At most 40 names of 100 characters each."))
        return names


class ProductForm(NamesForm):
    field_order = ["name", "code", "aliases", "line", "measure", "list_price", "active"]
    code = forms.CharField(label=_("Product code"), max_length=40, required=False)
    measure = forms.CharField(
        label=_("Unit of measure"),
        max_length=10,
        required=False,
        help_text=_("For example: piece, box, kilogram."),
    )
    line = forms.CharField(label=_("Product line"), max_length=100, required=False)
    list_price = forms.DecimalField(
        label=_("List price, yuan"), max_digits=12, decimal_places=2, min_value=0, required=False
    )


class _LineChoice(forms.ModelChoiceField):  # type: ignore[type-arg]
    """Lines in the order of the tree, each as far in as it lies deep."""

    def label_from_instance(self, obj: Any) -> str:
        return str("\u3000" * obj.depth + obj.name)


class LineForm(forms.Form):
    """A product line, and what it lies below."""

    name = forms.CharField(label=_("Name"), max_length=100)
    parent = _LineChoice(
        label=_("Lies below"),
        queryset=ProductLine.objects.none(),
        required=False,
        empty_label=_("– at the top –"),
    )

    def __init__(self, *args: Any, line: ProductLine | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        lines = ProductLine.objects.filter(active=True)
        if line is not None:
            lines = lines.exclude(path__startswith=line.path)
            if line.parent_id:
                lines = lines | ProductLine.objects.filter(pk=line.parent_id)
        field = self.fields["parent"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = lines.order_by("path")


class CompetitorForm(NamesForm):
    pass


def _day(label: Any, *, required: bool = True, help_text: Any = "") -> forms.DateField:
    widget = DayInput()
    return forms.DateField(label=label, required=required, widget=widget, help_text=help_text)


class PriceForm(forms.Form):
    """One price of a product in a tier."""

    tier = forms.ModelChoiceField(label=_("Price tier"), queryset=PriceTier.objects.all())
    amount = forms.DecimalField(label=_("Price, yuan"), max_digits=12, decimal_places=2, min_value=0)
    floor = forms.DecimalField(
        label=_("Floor price, yuan"),
        max_digits=12,
        decimal_places=2,
        min_value=0,
        required=False,
        help_text=_("Nobody goes below it, whatever his authority."),
    )
    start_on = _day(_("Valid from"))
    end_on = _day(
        _("Valid until before"),
        required=False,
        help_text=_("Empty: until further notice. After a promotion the price before holds again."),
    )


class CostForm(forms.Form):
    """What one unit costs the firm from a day on."""

    amount = forms.DecimalField(
        label=_("Unit cost, yuan"),
        max_digits=12,
        decimal_places=2,
        min_value=0,
        help_text=_("Of one unit of measure; with or without tax, as prices are."),
    )
    start_on = _day(_("Valid from"), help_text=_("Orders of days before keep the cost before."))


class TierForm(forms.Form):
    """A price tier and whose prices it holds."""

    name = forms.CharField(label=_("Name"), max_length=40)
    holds_for = forms.ChoiceField(
        label=_("Holds for"),
        required=False,
        choices=[("", _("Nobody by itself")), *PriceTier.HoldsFor.choices],
        help_text=_("Spoken prices are checked against the tier of the customer."),
    )
    position = forms.IntegerField(label=_("Place in the order"), min_value=0, max_value=999, initial=0)


class AuthorityForm(forms.Form):
    """What one role may give by itself, in per cent of the list price."""

    role = forms.CharField(max_length=24)
    percent = forms.DecimalField(max_digits=4, decimal_places=2, min_value=0, max_value=99, required=False)
