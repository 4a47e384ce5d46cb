"""Score cards as YAML text: what people send is read without trust, what they get can be read back."""

from __future__ import annotations

from typing import Any

import yaml

from shengce.inspection.cards import storable
from shengce.language.criteria import CardError
from shengce.language.documents import DocumentError, read_document
from shengce.language.inspection import ScoreCard, card_from_data


def read_yaml(text: str) -> Any:
    """The data of YAML text. Raises :class:`CardError`, also for what no parser was made for."""
    try:
        return storable(read_document(text))
    except CardError:
        raise
    except DocumentError as error:
        raise CardError("", error.template, **error.params) from error
    except (ValueError, TypeError, RecursionError, OverflowError) as error:
        raise CardError("", "can't be read as a score card") from error


def read_card(text: str) -> ScoreCard:
    """A whole card from YAML text. Raises :class:`CardError`."""
    data = read_yaml(text)
    try:
        return card_from_data(data)
    except CardError:
        raise
    except (ValueError, TypeError, RecursionError, OverflowError) as error:
        raise CardError("", "can't be read as a score card") from error


class _PlainDumper(yaml.SafeDumper):
    def ignore_aliases(self, data: Any) -> bool:
        return True


def as_yaml(data: Any) -> str:
    """YAML that a person can edit, and that is read back as the same data."""
    return yaml.dump(data, Dumper=_PlainDumper, allow_unicode=True, sort_keys=False, width=110)
