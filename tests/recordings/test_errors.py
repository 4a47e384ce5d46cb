"""Every code has words with the same parts as in the speech room, whatever details come along."""

from __future__ import annotations

import string

import pytest

from shengce.recordings.errors import EXPLANATIONS, WARNINGS, explain, warn
from shengce.speech import errors as speech


def parts_of(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


@pytest.mark.parametrize("code", sorted(speech.MESSAGES))
def test_codes_of_the_speech_room(code):
    assert parts_of(str(EXPLANATIONS[code])) == parts_of(speech.MESSAGES[code])


def test_warnings_of_the_speech_room():
    assert set(speech.WARNINGS) <= set(WARNINGS)


@pytest.mark.parametrize("details", [None, {}, {"codec": "{x} %s"}, ["no", "dict"], {"codec": None}])
@pytest.mark.parametrize("code", [*EXPLANATIONS, "never heard of", ""])
def test_any_details_give_words(code, details):
    assert explain(code, details)


def test_details_are_filled_in():
    assert "silk" in explain("unsupported_codec", {"codec": "silk"})
    assert warn("never heard of") == ""
