"""Forms of the catalogue."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

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
    field_order = ["name", "aliases", "line", "list_price", "active"]
    line = forms.CharField(label=_("Product line"), max_length=100, required=False)
    list_price = forms.DecimalField(
        label=_("List price, yuan"), max_digits=12, decimal_places=2, min_value=0, required=False
    )


class CompetitorForm(NamesForm):
    pass
