"""Forms of score cards: one for a criterion, and small ones for sections, names and whole files."""

from __future__ import annotations

from typing import Any, cast

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from shengce.inspection.card_files import read_card
from shengce.inspection.cards import storable
from shengce.inspection.criterion_fields import criterion_data, initial_of
from shengce.inspection.wording import MEASURES, ROLES, fault_reason, fault_words
from shengce.language.criteria import CardError
from shengce.language.inspection import Criterion, ScoreCard, criterion_from_data

MAX_FILE_BYTES = 1024 * 1024
MAX_RULE = 20_000
MAX_LINES = 60_000

KINDS = (
    ("said", _("Must be said")),
    ("not_said", _("Must not be said")),
    ("times", _("Said so many times")),
    ("order", _("First one thing, then another")),
    ("measure", _("A measure of the talk")),
    ("free", _("Own rule (for experts)")),
)
APPLIES = (
    ("always", _("In every talk")),
    ("said", _("Only where this is said")),
    ("free", _("Own rule (for experts)")),
)
SPEAKERS = tuple((role or "", _("Anyone") if role is None else name) for role, name in ROLES.items())
SIDES = (("rep", ROLES["rep"]), ("customer", ROLES["customer"]))
BY_SOUND = (
    ("", _("Automatic: from three characters on")),
    ("yes", _("Yes, always")),
    ("no", _("No, exactly as written")),
)


def _lines(label: Any, rows: int = 5, help_text: Any = "") -> forms.CharField:
    widget = forms.Textarea(attrs={"rows": rows, "spellcheck": "false"})
    return forms.CharField(
        label=label, required=False, max_length=MAX_LINES, widget=widget, help_text=help_text
    )


def _number(label: Any, **options: Any) -> forms.DecimalField:
    options = {"min_value": 0, "max_value": 86_400, "decimal_places": 6, **options}
    return forms.DecimalField(label=label, required=False, **options)


class CriterionForm(forms.Form):
    """A criterion in fields that anybody can fill in; a rule that they cannot hold is edited as YAML."""

    name_zh = forms.CharField(label=_("Name in Chinese"), max_length=200)
    name_en = forms.CharField(label=_("Name in English"), max_length=200, required=False)
    section = forms.ChoiceField(label=_("Section of the card"))
    points = forms.DecimalField(
        label=_("Points"), min_value=0, max_value=1000, decimal_places=2, initial=5, required=False
    )
    fatal = forms.BooleanField(label=_("Fatal: where it is not met, the whole talk scores 0"), required=False)
    note_zh = forms.CharField(label=_("Note in Chinese"), max_length=1000, required=False)
    note_en = forms.CharField(label=_("Note in English"), max_length=1000, required=False)

    kind = forms.ChoiceField(
        label=_("What is checked"), choices=KINDS, widget=forms.RadioSelect, initial="said"
    )
    phrases = _lines(_("Phrases, one a line"), help_text=_("Any one of them is enough."))
    by = forms.ChoiceField(label=_("Said by"), choices=SPEAKERS, required=False, initial="rep")
    within_first_s = _number(_("Within the first seconds of the talk"), min_value=1)
    within_last_s = _number(_("Within the last seconds of the talk"), min_value=1)
    unless = _lines(_("Does not count near these phrases, one a line"), 3)
    unless_within = forms.IntegerField(
        label=_("Near means so many characters"), min_value=0, max_value=1000, required=False, initial=10
    )
    homophones = forms.ChoiceField(label=_("Also words of the same sound"), choices=BY_SOUND, required=False)
    at_least = forms.IntegerField(label=_("At least times"), min_value=0, max_value=1000, required=False)
    at_most = forms.IntegerField(label=_("At most times"), min_value=0, max_value=1000, required=False)
    then_phrases = _lines(_("Then one of these phrases, one a line"))
    then_by = forms.ChoiceField(label=_("Then said by"), choices=SPEAKERS, required=False, initial="rep")
    measure = forms.ChoiceField(label=_("Measure"), choices=tuple(MEASURES.items()), required=False)
    measure_least = _number(_("At least"))
    measure_most = _number(_("At most"))
    measure_role = forms.ChoiceField(label=_("Of whom"), choices=SIDES, required=False)
    rule = forms.CharField(
        label=_("Rule in YAML"),
        required=False,
        max_length=MAX_RULE,
        widget=forms.Textarea(attrs={"rows": 14, "class": "code", "spellcheck": "false"}),
        help_text=_("Conditions can be combined with all, any and none; see the description of score cards."),
    )

    applies = forms.ChoiceField(
        label=_("Judged"), choices=APPLIES, widget=forms.RadioSelect, initial="always"
    )
    applies_phrases = _lines(_("Phrases, one a line"), 3)
    applies_by = forms.ChoiceField(label=_("Said by"), choices=SPEAKERS, required=False, initial="customer")
    applies_rule = forms.CharField(
        label=_("Rule in YAML"),
        required=False,
        max_length=MAX_RULE,
        widget=forms.Textarea(attrs={"rows": 8, "class": "code", "spellcheck": "false"}),
    )

    def __init__(
        self,
        data: Any = None,
        *,
        card: ScoreCard,
        criterion: Criterion | None = None,
        initial: dict[str, Any] | None = None,
    ) -> None:
        shown = (initial_of(criterion) if criterion else {}) | (initial or {})
        super().__init__(data, initial=shown, label_suffix="")
        self._id = criterion.id if criterion else None
        self._sections = {section.id for section in card.sections}
        language = get_language() or "zh"
        section = cast(forms.ChoiceField, self.fields["section"])
        section.choices = [(s.id, s.name.in_language(language)) for s in card.sections]

    def clean(self) -> dict[str, Any]:
        """Adds ``criterion``, the value that the fields stand for; faults go beside the field they are in."""
        given = super().clean() or {}
        if self.errors:
            return given
        try:
            data = criterion_data(given, self._id)
            given["criterion"] = criterion_from_data(storable(data), sections=self._sections)
        except CardError as error:
            self._place(error, given)
        except (ValueError, TypeError, OverflowError, RecursionError):
            self.add_error(None, fault_reason(CardError("", "can't be read as a score card")))
        return given

    def _place(self, error: CardError, given: dict[str, Any]) -> None:
        place = error.path.removeprefix("criterion").lstrip(".")
        field = _field_of(place, given)
        if field in ("rule", "applies_rule"):  # in text that a person wrote the place helps
            self.add_error(field, fault_words(CardError(place, error.template, **error.params)))
        else:
            self.add_error(field, fault_reason(error))


def _field_of(place: str, given: dict[str, Any]) -> str | None:
    """The field of the form that holds the faulty part of a criterion."""
    head, _dot, rest = place.partition(".")
    if head == "when":
        if given["kind"] == "free":
            return "rule"
        if given["kind"] == "measure":
            return "measure_least"
        if given["kind"] == "order":
            return "then_phrases" if "order[1]" in rest else "phrases"
        last = rest.rpartition(".")[2].partition("[")[0]
        return (
            last
            if last in ("unless", "at_least", "at_most", "within_first_s", "within_last_s")
            else "phrases"
        )
    if head == "applies_if":
        return "applies_rule" if given["applies"] == "free" else "applies_phrases"
    return {"name": "name_zh", "note": "note_zh", "points": "points", "section": "section"}.get(head)


class SectionForm(forms.Form):
    zh = forms.CharField(label=_("Name in Chinese"), max_length=200)
    en = forms.CharField(label=_("Name in English"), max_length=200, required=False)


class NewCardForm(forms.Form):
    name = forms.CharField(label=_("Name"), max_length=100)


class ImportForm(forms.Form):
    """A whole card, as a file or as text; what was sent stays in the form where it cannot be used."""

    file = forms.FileField(label=_("YAML file, at most 1 MB"), required=False)
    text = forms.CharField(
        label=_("Score card in YAML"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 24, "class": "code", "spellcheck": "false"}),
    )
    fingerprint = forms.CharField(widget=forms.HiddenInput, required=False, max_length=40)

    def clean(self) -> dict[str, Any]:
        """Adds ``card``, and ``given``: the text that was read, for showing it again."""
        given = super().clean() or {}
        text = _file_text(given["file"]) if given.get("file") else given.get("text", "")
        given["given"] = text
        if len(text.encode("utf-8", "replace")) > MAX_FILE_BYTES:
            raise forms.ValidationError(_("The score card is larger than 1 MB."))
        if not text.strip():
            raise forms.ValidationError(_("Choose a file or paste the text."))
        try:
            given["card"] = read_card(text)
        except CardError as error:
            raise forms.ValidationError(fault_words(error)) from error
        return given


def _file_text(file: UploadedFile[bytes]) -> str:
    if (file.size or 0) > MAX_FILE_BYTES:
        raise forms.ValidationError(_("The score card is larger than 1 MB."))
    try:
        return str(file.read(), "utf-8-sig")
    except UnicodeDecodeError as error:
        raise forms.ValidationError(_("The file is not UTF-8 text.")) from error
