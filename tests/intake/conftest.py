"""A company with lexicon and score card, and a real recording that waits."""

from __future__ import annotations

import pytest
import yaml
from django.utils import timezone

from shengce.catalogue.models import Competitor, Product
from shengce.inspection.models import ScoreCard, ScoreCardVersion
from shengce.recordings.actions import receive_recording
from shengce.recordings.hints import Hints
from tests.intake.running import RECORDINGS

DATA = RECORDINGS.parent


@pytest.fixture
def company(transactional_db):
    """The small world with the demonstration company's words and score card, committed, so that workers see it."""
    from tests.world import make_world

    world = make_world()
    lexicon = yaml.safe_load((DATA / "lexicon.yaml").read_text(encoding="utf-8"))
    for entry in lexicon["products"]:
        Product.objects.create(name=entry["name"], aliases=entry["aliases"])
    for entry in lexicon["competitors"]:
        Competitor.objects.create(name=entry["name"], aliases=entry["aliases"])
    card = ScoreCard.objects.create(name="销售沟通评分表")
    data = yaml.safe_load((DATA / "score_card.yaml").read_text(encoding="utf-8"))
    ScoreCardVersion.objects.create(card=card, number=1, data=data, published_at=timezone.now())
    return world


@pytest.fixture
def receive(company):
    """``receive(part_of_name)``: a shipped recording as if rep_a1 had uploaded it after a talk with customer_a."""

    def take(part: str):
        paths = sorted(path for path in RECORDINGS.glob("*.*") if part in path.name)
        if not paths:
            pytest.skip(f"no shipped recording named {part}")
        with paths[0].open("rb") as file:
            received = receive_recording(
                file=file, name=paths[0].name, by=company.rep_a1, hints=Hints(phone=company.contact_a.phone)
            )
        return received.recording

    return take
