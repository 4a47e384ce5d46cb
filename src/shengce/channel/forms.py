"""Forms of dealers, lots, sightings and cases."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from shengce.catalogue.models import Product
from shengce.channel.models import DiversionCase, PriceCase
from shengce.channel.reach import visible_customers, visible_dealers
from shengce.customers.models import Customer
from shengce.people.day_input import DayInput
from shengce.people.models import Territory, User
from shengce.people.permissions import may
from shengce.people.typed_text import refuse_unstorable
from shengce.recordings.models import Conversation

SUGGESTED = 300
MOST_TEXT = 4000


class Named(forms.TextInput):
    """A text field that suggests names; the list below it holds the first few hundred."""

    template_name = "channel/parts/named.html"
    names: tuple[str, ...] = ()

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        context["widget"]["attrs"]["list"] = f"names-of-{name}"
        context["names"] = self.names
        return context


class CustomerField(forms.CharField):
    """A customer by his name or number: a list to choose from would have thousands."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=200, widget=Named(attrs={"autocomplete": "off"}), **kwargs)
        self.customers: QuerySet[Customer] = Customer.objects.none()

    def among(self, customers: QuerySet[Customer]) -> None:
        self.customers = customers
        names = customers.order_by("name").values_list("name", flat=True)[:SUGGESTED]
        self.widget.names = tuple(dict.fromkeys(names))

    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        if not text:
            return None
        refuse_unstorable(text)
        found = list(self.customers.filter(code=text)[:1]) or list(self.customers.filter(name=text)[:2])
        if not found:
            raise ValidationError(_now("There is no customer of this name or number in your list."))
        if len(found) > 1:
            raise ValidationError(_now("Several customers have this name: write the customer number."))
        return found[0]


def _day(label: Any, *, required: bool = True, help_text: Any = "") -> forms.DateField:
    widget = DayInput()
    return forms.DateField(label=label, required=required, widget=widget, help_text=help_text)


def _money(label: Any, *, help_text: Any = "") -> forms.DecimalField:
    return forms.DecimalField(
        label=label, max_digits=12, decimal_places=2, min_value=0, required=False, help_text=help_text
    )


def _long(label: Any, *, rows: int = 4, help_text: Any = "", required: bool = True) -> forms.CharField:
    return forms.CharField(
        label=label,
        max_length=MOST_TEXT,
        required=required,
        widget=forms.Textarea(attrs={"rows": rows}),
        help_text=help_text,
    )


class TerritoryField(forms.ModelChoiceField):  # type: ignore[type-arg]
    """Territories as a tree: the deeper, the further in."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(queryset=Territory.objects.order_by("path"), **kwargs)

    def label_from_instance(self, obj: Territory) -> str:
        return "\u3000" * (obj.path.count("/") - 2) + obj.name


class TalkField(forms.ModelChoiceField):  # type: ignore[type-arg]
    """Talks by their day and who led them."""

    def label_from_instance(self, obj: Conversation) -> str:
        return f"{timezone.localtime(obj.started_at):%Y-%m-%d %H:%M} · {obj.get_direction_display()} · {obj.rep or '–'}"


def talks_with(user: User, dealer: Customer | None) -> QuerySet[Conversation]:
    """The newest talks with a dealer that the person may hear."""
    if dealer is None or not may(user, "conversations.see"):
        return Conversation.objects.none()
    found: QuerySet[Conversation] = Conversation.objects.visible_to(user).filter(customer=dealer)
    return found.select_related("rep").order_by("-started_at", "-pk")


def products() -> QuerySet[Product]:
    return Product.objects.filter(active=True).order_by("name")


class ContractForm(forms.Form):
    dealer = CustomerField(label=_("Dealer"))
    number = forms.CharField(label=_("Contract number"), max_length=40)
    territory = TerritoryField(label=_("Territory"))
    start_on = _day(_("From"))
    end_on = _day(_("Until before"))
    target = _money(_("Agreed purchases, yuan"), help_text=_("Over the whole contract."))
    deposit = _money(_("Deposit, yuan"))
    terms = _long(
        _("Terms"), required=False, help_text=_("What holds for selling elsewhere, and the penalty.")
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["dealer"].among(visible_dealers(user))  # type: ignore[attr-defined]


class TrainingForm(forms.Form):
    """Of ``dealer`` one chooses the talk in which the training is heard; without him there is none to choose from."""

    dealer = CustomerField(label=_("Dealer"))
    held_on = _day(_("Held on"))
    subject = forms.CharField(label=_("Subject"), max_length=120)
    people = forms.IntegerField(label=_("People who took part"), min_value=1, max_value=10_000)
    trainer = forms.CharField(label=_("Trainer"), max_length=60)
    conversation = TalkField(
        label=_("Talk in which one hears it"), queryset=Conversation.objects.none(), required=False
    )
    note = forms.CharField(label=_("Note"), max_length=500, required=False)

    def __init__(self, *args: Any, user: User, dealer: Customer | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["dealer"].among(visible_dealers(user))  # type: ignore[attr-defined]
        self.fields["conversation"].queryset = talks_with(user, dealer)  # type: ignore[attr-defined]


class ShipmentForm(forms.Form):
    lot = forms.CharField(label=_("Lot or serial number"), max_length=60)
    lot_to = forms.CharField(
        label=_("Last serial number"),
        max_length=60,
        required=False,
        help_text=_("Where a range was shipped: A-0100 above and A-0199 here, or only 199."),
    )
    product = forms.ModelChoiceField(label=_("Product"), queryset=Product.objects.none())
    customer = CustomerField(label=_("Shipped to"))
    shipped_on = _day(_("Shipped on"))
    quantity = forms.DecimalField(
        label=_("Quantity"),
        max_digits=12,
        decimal_places=3,
        min_value=0,
        required=False,
        help_text=_("Of a range it is how many numbers it has, if you leave it empty."),
    )
    territory = TerritoryField(
        label=_("For the territory"),
        required=False,
        help_text=_("Empty: that of the dealer's contract on the day, else his own."),
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["product"].queryset = products()  # type: ignore[attr-defined]
        self.fields["customer"].among(visible_customers(user))  # type: ignore[attr-defined]


class SightingForm(forms.Form):
    lot = forms.CharField(
        label=_("Lot or serial number"),
        max_length=60,
        required=False,
        help_text=_("As it stands on the label."),
    )
    product = forms.ModelChoiceField(label=_("Product"), queryset=Product.objects.none(), required=False)
    place = forms.CharField(
        label=_("Place"),
        max_length=100,
        required=False,
        help_text=_("City, market or street where it was seen."),
    )
    seller = forms.CharField(label=_("Who sells it"), max_length=200, required=False)
    price = _money(_("Price, yuan"))
    note = forms.CharField(label=_("Note"), max_length=500, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["product"].queryset = products()  # type: ignore[attr-defined]


class CaseForm(forms.Form):
    """A case by hand."""

    suspect = CustomerField(label=_("Dealer"), required=False)
    product = forms.ModelChoiceField(label=_("Product"), queryset=Product.objects.none(), required=False)
    seen_in = TerritoryField(label=_("Seen in"), required=False)
    text = _long(_("What is suspected"))

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["product"].queryset = products()  # type: ignore[attr-defined]
        self.fields["suspect"].among(visible_dealers(user))  # type: ignore[attr-defined]


class TextForm(forms.Form):
    """One step of a case in words."""

    text = _long(_("Text"))


class AskForm(forms.Form):
    text = _long(_("What you ask the dealer"))
    answer_by = _day(_("Answer until"), required=False)


class StatementForm(forms.Form):
    text = _long(
        _("What the dealer says"),
        help_text=_("Where nobody answered, write that, and until when you waited."),
    )


class DecisionForm(forms.Form):
    verdict = forms.ChoiceField(
        label=_("Verdict"), choices=DiversionCase.Verdict.choices, widget=forms.RadioSelect
    )
    penalty = _money(_("Penalty, yuan"), help_text=_("Only where it is proven."))
    text = _long(_("Reasons"))


class SuspectForm(forms.Form):
    suspect = CustomerField(label=_("Dealer"))
    text = _long(_("How this is known"), rows=2)

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["suspect"].among(visible_dealers(user))  # type: ignore[attr-defined]


class SettleForm(forms.Form):
    state = forms.ChoiceField(choices=[c for c in PriceCase.State.choices if c[0] != PriceCase.State.OPEN])
    comment = forms.CharField(label=_("Comment"), max_length=300)
