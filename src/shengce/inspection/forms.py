"""Forms of score cards: one for a criterion, and small ones for sections, names and whole files."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from shengce.inspection.card_files import as_yaml, read_card, read_yaml
from shengce.inspection.cards import new_id, storable
from shengce.inspection.wording import MEASURES, OF_BOTH_SIDES, ROLES, SHARES, fault_reason, fault_words
from shengce.language.criteria import CardError, Condition, condition_from_data, condition_to_data
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
        self, *args: Any, card: ScoreCard, criterion: Criterion | None = None, **options: Any
    ) -> None:
        if criterion is not None:
            options["initial"] = initial_of(criterion) | (options.get("initial") or {})
        super().__init__(*args, label_suffix="", **options)
        self._id = criterion.id if criterion else None
        self._sections = {section.id for section in card.sections}
        language = get_language() or "zh"
        self.fields["section"].choices = [(s.id, s.name.in_language(language)) for s in card.sections]

    def clean(self) -> dict[str, Any]:
        """Adds ``criterion``, the value that the fields stand for; faults go beside the field they are in."""
        given = super().clean() or {}
        if self.errors:
            return given
        try:
            data = _criterion_data(given, self._id)
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


def _criterion_data(given: dict[str, Any], identifier: str | None) -> dict[str, Any]:
    zh, en = given["name_zh"], given["name_en"]
    note_zh, note_en = given["note_zh"], given["note_en"]
    data = {
        "id": identifier or new_id(en),
        "name": {"zh": zh, "en": en or zh},
        "section": given["section"],
        "points": given["points"] or 0,
        "fatal": given["fatal"],
        "when": _condition_data(given),
        "applies_if": _applies_data(given),
    }
    if note_zh or note_en:
        data["note"] = {"zh": note_zh or note_en, "en": note_en or note_zh}
    return _numbers_plain(data)


def _condition_data(given: dict[str, Any]) -> Any:
    kind = given["kind"]
    if kind == "free":
        return _free(given["rule"], "when")
    if kind == "measure":
        return _measure_data(given)
    if kind == "order":
        second = {"phrases": _split(given["then_phrases"]), "by": given["then_by"] or None}
        return {"order": [{"phrases": _split(given["phrases"]), "by": given["by"] or None}, second]}
    wording = {
        "phrases": _split(given["phrases"]),
        "by": given["by"] or None,
        "within_first_s": given["within_first_s"],
        "within_last_s": given["within_last_s"],
        "unless": _split(given["unless"]) or None,
        "unless_within": given["unless_within"],
        "homophones": {"yes": True, "no": False}.get(given["homophones"]),
    }
    if kind == "times":
        return {"said": wording | {"at_least": given["at_least"], "at_most": given["at_most"]}}
    return {kind: wording}


def _measure_data(given: dict[str, Any]) -> dict[str, Any]:
    name = given["measure"]
    least, most = given["measure_least"], given["measure_most"]
    if name in SHARES:
        least, most = (None if limit is None else limit / 100 for limit in (least, most))
    role = given["measure_role"] if name in OF_BOTH_SIDES else None
    return {"measure": {"name": name, "at_least": least, "at_most": most, "role": role or "rep"}}


def _applies_data(given: dict[str, Any]) -> Any:
    if given["applies"] == "always":
        return None
    if given["applies"] == "free":
        return _free(given["applies_rule"], "applies_if")
    return {"said": {"phrases": _split(given["applies_phrases"]), "by": given["applies_by"] or None}}


def _free(text: str, path: str) -> Any:
    try:
        data = read_yaml(text)
    except CardError as error:
        raise CardError(f"criterion.{path}", error.template, **error.params) from error
    if data is None:
        raise CardError(f"criterion.{path}", "needs when: the condition to meet")
    return data


def _split(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]


def _numbers_plain(data: Any) -> Any:
    """Decimals of form fields as the numbers that YAML would give."""
    if isinstance(data, dict):
        return {key: _numbers_plain(value) for key, value in data.items()}
    if isinstance(data, list):
        return [_numbers_plain(value) for value in data]
    if isinstance(data, Decimal):
        return int(data) if data == data.to_integral_value() else float(data)
    return data


def initial_of(criterion: Criterion) -> dict[str, Any]:
    """The fields of a criterion. A rule that they would change is shown as YAML instead."""
    note = criterion.note
    initial: dict[str, Any] = {
        "name_zh": criterion.name.zh,
        "name_en": criterion.name.en,
        "section": criterion.section,
        "points": criterion.points,
        "fatal": criterion.fatal,
        "note_zh": note.zh if note else "",
        "note_en": note.en if note else "",
    }
    return initial | _condition_initial(criterion.when) | _applies_initial(criterion.applies_if)


_EMPTY: dict[str, Any] = {
    "phrases": "", "by": "", "within_first_s": None, "within_last_s": None, "unless": "", "unless_within": 10,
    "homophones": "", "at_least": None, "at_most": None, "then_phrases": "", "then_by": "", "rule": "",
    "measure": "", "measure_least": None, "measure_most": None, "measure_role": "",
}  # fmt: skip


def _condition_initial(condition: Condition) -> dict[str, Any]:
    data = condition_to_data(condition)
    shown = _simple_initial(data)
    if shown is not None:
        filled = _EMPTY | shown
        again = _numbers_plain(_condition_data(filled))
        try:
            if condition_from_data(again) == condition:
                return filled
        except CardError:
            pass
    return {"kind": "free", "rule": as_yaml(data)}


def _simple_initial(data: dict[str, Any]) -> dict[str, Any] | None:
    """Fields for the kinds of rule that have them; the caller checks that nothing was lost."""
    kind, body = next(iter(data.items()))
    if kind in ("said", "not_said"):
        counted = "at_least" in body or "at_most" in body
        return {
            **{name: body[name] for name in ("by", "within_first_s", "within_last_s", "unless_within") if name in body},
            **{name: body[name] for name in ("at_least", "at_most") if name in body},
            "kind": "times" if counted else kind,
            "phrases": "\n".join(body.get("phrases", ())),
            "unless": "\n".join(body.get("unless", ())),
            "homophones": {True: "yes", False: "no", None: ""}[body.get("homophones")],
        }  # fmt: skip
    if kind == "order" and len(body) == 2:
        first, second = body
        return {
            "kind": "order",
            "phrases": "\n".join(first.get("phrases", ())),
            "by": first.get("by", ""),
            "then_phrases": "\n".join(second.get("phrases", ())),
            "then_by": second.get("by", ""),
        }
    if kind == "measure":
        scale = 100 if body["name"] in SHARES else 1
        limits = {
            f"measure_{at[3:]}": Decimal(str(body[at])) * scale
            for at in ("at_least", "at_most")
            if at in body
        }
        return {"kind": "measure", "measure": body["name"], "measure_role": body.get("role", "rep"), **limits}
    return None


def _applies_initial(condition: Condition | None) -> dict[str, Any]:
    if condition is None:
        return {"applies": "always"}
    data = condition_to_data(condition)
    body = data.get("said", {})
    filled = {
        "applies": "said",
        "applies_phrases": "\n".join(body.get("phrases", ())),
        "applies_by": body.get("by", ""),
    }
    try:
        if condition_from_data(_applies_data(filled)) == condition:
            return filled
    except CardError:
        pass
    return {"applies": "free", "applies_rule": as_yaml(data)}


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


def _file_text(file: UploadedFile) -> str:
    if (file.size or 0) > MAX_FILE_BYTES:
        raise forms.ValidationError(_("The score card is larger than 1 MB."))
    try:
        return file.read().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise forms.ValidationError(_("The file is not UTF-8 text.")) from error
