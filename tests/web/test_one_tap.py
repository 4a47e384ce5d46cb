"""Decisions over HTTP: facts, proposals, report lines. With htmx a part comes back, without it a page."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from shengce.customers.models import CardField
from shengce.facts.models import Fact, FactReview
from shengce.inspection.models import Alert
from shengce.proposals.models import Proposal
from shengce.recordings.models import Conversation, SegmentEdit
from shengce.sheets.models import Line, Paper
from shengce.visits.models import Task
from tests.talks import make_full_talk
from tests.world import World

HTMX = {"HTTP_HX_REQUEST": "true"}


@pytest.fixture
def talk(world: World, client: Client) -> Conversation:
    client.force_login(world.rep_a1)
    return make_full_talk(world.rep_a1, customer=world.customer_a)


def proposal_of(talk: Conversation, target: str) -> Proposal:
    return Proposal.objects.filter(conversation=talk, target=target)[0]


def fact_of(talk: Conversation, kind: str) -> Fact:
    return talk.facts.get(kind=kind)


# --- facts


@pytest.mark.parametrize(("answer", "state"), [("confirm", "confirmed"), ("reject", "rejected")])
def test_a_fact_is_answered_and_the_answer_taken_back(
    talk: Conversation, client: Client, answer: str, state: str
) -> None:
    fact = fact_of(talk, "objection")
    part = client.post(f"/facts/{fact.pk}/{answer}/", **HTMX)
    assert part.status_code == 200
    assert part.text.strip().startswith(f'<li id="fact-{fact.pk}"')
    assert "<html" not in part.text
    fact.refresh_from_db()
    assert fact.state == state
    page = client.post(f"/facts/{fact.pk}/reopen/")
    assert page["Location"] == f"/conversations/{talk.pk}/"
    fact.refresh_from_db()
    assert fact.state == "open"
    assert FactReview.objects.filter(fact=fact).count() == 2


def test_a_fact_is_corrected(talk: Conversation, client: Client) -> None:
    fact = fact_of(talk, "payment_promise")
    part = client.post(f"/facts/{fact.pk}/correct/", {"value.min": "100000", "value.max": "100000"}, **HTMX)
    assert "¥100,000" in part.text
    fact.refresh_from_db()
    assert (fact.state, fact.value["min"]) == ("corrected", "100000")
    assert fact.value["due"]  # what the form did not send stays
    promise = proposal_of(talk, "payment_promise")
    assert promise.new["amount"] == "100000"  # what is still to decide follows the corrected fact


def test_a_rejected_fact_suggests_nothing_any_more(talk: Conversation, client: Client) -> None:
    fact = fact_of(talk, "payment_promise")
    assert Proposal.objects.filter(fact=fact).exists()
    client.post(f"/facts/{fact.pk}/reject/", **HTMX)
    assert not Proposal.objects.filter(fact=fact).exists()
    client.post(f"/facts/{fact.pk}/reopen/", **HTMX)
    assert Proposal.objects.filter(fact=fact).exists()


@pytest.mark.parametrize(
    "form",
    [
        {"value.min": "much"},
        {"value.min": "-5"},
        {"value.min": "9" * 40},
        {"value.min": "300000", "value.max": "200000"},
        {"value.due.start": "soon"},
        {"value.due.start": "0001-01-01T00:00"},
        {"value.due.start": "2026-12-02T00:00", "value.due.end": "2026-12-01T00:00"},
    ],
)
def test_a_value_that_cannot_be_is_refused_beside_the_fact(
    talk: Conversation, client: Client, form: dict[str, str]
) -> None:
    fact = fact_of(talk, "payment_promise")
    part = client.post(f"/facts/{fact.pk}/correct/", form, **HTMX)
    assert part.status_code == 422
    assert 'role="alert"' in part.text
    page = client.post(f"/facts/{fact.pk}/correct/", form, follow=True)
    assert page.status_code == 200
    assert 'class="messages"' in page.text  # without htmx the reason is not lost either
    before = fact.value
    fact.refresh_from_db()
    assert (fact.state, fact.value) == ("open", before)


def test_text_of_all_kinds_as_a_corrected_value(
    talk: Conversation, client: Client, naughty_strings: list[str]
) -> None:
    fact = fact_of(talk, "promise")
    for text in ["a\x00b", *naughty_strings[::30]]:
        part = client.post(f"/facts/{fact.pk}/correct/", {"value.text": text}, **HTMX)
        assert part.status_code in (200, 422), text
        assert "<script>" not in part.text
        assert client.get(f"/conversations/{talk.pk}/").status_code == 200


def test_there_are_four_answers(talk: Conversation, client: Client) -> None:
    fact = fact_of(talk, "objection")
    assert client.post(f"/facts/{fact.pk}/explode/").status_code == 404
    assert client.get(f"/facts/{fact.pk}/confirm/").status_code == 405


# --- proposals


def test_yes_and_undo(talk: Conversation, client: Client) -> None:
    proposal = proposal_of(talk, "task")
    part = client.post(f"/proposals/{proposal.pk}/accept/", {"where": ""}, **HTMX)
    assert part.status_code == 200
    assert part["HX-Trigger"] == "proposal-decided"
    assert f'id="proposal-{proposal.pk}"' in part.text
    assert "/undo/" in part.text
    assert Task.objects.get().fact == proposal.fact
    page = client.post(f"/proposals/{proposal.pk}/undo/")
    assert page["Location"] == f"/conversations/{talk.pk}/"
    assert not Task.objects.exists()
    assert "/accept/" in client.get(f"/conversations/{talk.pk}/").text


def test_yes_with_changes(talk: Conversation, client: Client) -> None:
    proposal = proposal_of(talk, "task")
    form = {"new.title": "先打电话", "new.due_at": "2026-12-24T09:30"}
    assert client.post(f"/proposals/{proposal.pk}/accept/", form, **HTMX).status_code == 200
    task = Task.objects.get()
    assert task.title == "先打电话"
    assert timezone.localtime(task.due_at) == dt.datetime(
        2026, 12, 24, 9, 30, tzinfo=timezone.get_current_timezone()
    )
    proposal.refresh_from_db()
    assert proposal.state == "edited"


@pytest.mark.parametrize(
    ("target", "form"),
    [
        ("task", {"new.title": ""}),
        ("task", {"new.title": "x" * 301}),
        ("task", {"new.due_at": "soon"}),
        ("task", {"new.due_at": "0001-01-01T00:00"}),
        ("payment_promise", {"new.amount": "much"}),
        ("payment_promise", {"new.amount": "9" * 40}),
        ("payment_promise", {"new.due_on": "9999-99-99"}),
        ("customer_field", {"new.value": ""}),
        ("report_line", {"new.text": "\x00"}),
    ],
)
def test_changes_that_cannot_be_are_refused_beside_the_proposal(
    talk: Conversation, client: Client, target: str, form: dict[str, str]
) -> None:
    proposal = proposal_of(talk, target)
    part = client.post(f"/proposals/{proposal.pk}/accept/", form, **HTMX)
    assert part.status_code == 422
    assert 'role="alert"' in part.text
    page = client.post(f"/proposals/{proposal.pk}/accept/", form, follow=True)
    assert 'class="messages"' in page.text
    proposal.refresh_from_db()
    assert proposal.state == "open"
    assert not Task.objects.exists()
    assert not CardField.objects.exists()


def test_one_answer_for_all_that_a_passage_suggests(talk: Conversation, client: Client) -> None:
    fact = fact_of(talk, "payment_promise")
    states = lambda: set(Proposal.objects.filter(fact=fact).values_list("state", flat=True))  # noqa: E731
    assert Proposal.objects.filter(fact=fact).count() > 1
    part = client.post(f"/proposals/heard/{fact.pk}/accept/", {"where": ""}, **HTMX)
    assert part.status_code == 200
    assert part["HX-Trigger"] == "proposal-decided"
    assert f'id="heard-{fact.pk}"' in part.text
    assert states() == {"accepted"}
    assert client.post(f"/proposals/heard/{fact.pk}/refuse/", **HTMX).status_code == 200
    assert states() == {"accepted"}  # what is decided stays
    other = fact_of(talk, "price")
    assert client.post(f"/proposals/heard/{other.pk}/refuse/")["Location"] == f"/conversations/{talk.pk}/"
    assert set(Proposal.objects.filter(fact=other).values_list("state", flat=True)) == {"refused"}
    assert client.post(f"/proposals/heard/{fact.pk}/explode/").status_code == 404
    assert client.post("/proposals/heard/987654321/accept/").status_code == 404


def test_what_cannot_be_carried_out_stays_open_with_the_reason(talk: Conversation, client: Client) -> None:
    proposal = proposal_of(talk, "payment_promise")
    Proposal.objects.filter(pk=proposal.pk).update(new={"amount": "much", "due_on": None})
    part = client.post(f"/proposals/heard/{proposal.fact_id}/accept/", **HTMX)
    assert part.status_code == 422
    assert 'role="alert"' in part.text
    page = client.post(f"/proposals/heard/{proposal.fact_id}/accept/", follow=True)
    assert 'class="messages"' in page.text
    proposal.refresh_from_db()
    assert proposal.state == "open"


def test_no_and_yes_do_not_mix(talk: Conversation, client: Client) -> None:
    proposal = proposal_of(talk, "customer_field")
    assert client.post(f"/proposals/{proposal.pk}/refuse/", **HTMX).status_code == 200
    assert client.post(f"/proposals/{proposal.pk}/accept/", **HTMX).status_code == 422
    proposal.refresh_from_db()
    assert proposal.state == "refused"
    assert not CardField.objects.exists()
    for _tap in range(2):
        assert client.post(f"/proposals/{proposal.pk}/undo/", **HTMX).status_code == 200
    for _tap in range(2):
        assert client.post(f"/proposals/{proposal.pk}/accept/", **HTMX).status_code == 200
    assert CardField.objects.count() == 1


# --- the daily report


@pytest.fixture
def report(talk: Conversation, client: Client) -> Paper:
    assert client.get("/my-day/").status_code == 200
    return Paper.objects.get()


def test_lines_are_written_changed_and_taken_out(report: Paper, client: Client) -> None:
    add = {"section": "results", "text": "拜访了<b>三家</b>"}
    part = client.post(f"/reports/{report.pk}/lines/", add, **HTMX)
    assert part.status_code == 200
    assert "拜访了&lt;b&gt;三家&lt;/b&gt;" in part.text
    assert part.text.strip().startswith('<div id="report-lines">')
    line = report.lines.get(source="typed")
    assert "改过" in client.post(f"/reports/lines/{line.pk}/", {"text": "改过"}, **HTMX).text
    assert client.post(f"/reports/lines/{line.pk}/", {"text": "再改"})["Location"] == f"/reports/{report.pk}/"
    client.post(f"/reports/lines/{line.pk}/", {"remove": "1"}, **HTMX)
    assert not report.lines.filter(source="typed").exists()


@pytest.mark.parametrize(
    "form",
    [
        {"section": "results", "text": ""},
        {"section": "nowhere", "text": "x"},
        {"section": "results", "text": "x" * 1001},
        {},
    ],
)
def test_a_line_that_cannot_be_is_refused_with_words(
    report: Paper, client: Client, form: dict[str, str]
) -> None:
    part = client.post(f"/reports/{report.pk}/lines/", form, **HTMX)
    assert part.status_code == 422
    assert 'role="alert"' in part.text
    page = client.post(f"/reports/{report.pk}/lines/", form)
    assert page.status_code == 422 and 'role="alert"' in page.text
    assert not report.lines.filter(source="typed").exists()


def test_text_of_all_kinds_as_a_line(report: Paper, client: Client, naughty_strings: list[str]) -> None:
    for text in naughty_strings[::30]:
        answer = client.post(f"/reports/{report.pk}/lines/", {"section": "results", "text": text}, **HTMX)
        assert answer.status_code in (200, 422), text
    assert "<script>alert" not in client.get("/my-day/").text


def test_a_line_from_a_yes_appears_in_the_report_of_the_day(
    report: Paper, talk: Conversation, client: Client
) -> None:
    proposal = proposal_of(talk, "report_line")
    client.post(f"/proposals/{proposal.pk}/accept/", **HTMX)
    lines = client.get(f"/reports/{report.pk}/draft/", **HTMX).text
    assert f'href="/conversations/{talk.pk}/#t=' in lines
    assert Line.objects.filter(paper=report, fact=proposal.fact).count() == 1


def test_the_report_goes_to_the_manager_and_back(report: Paper, world: World, client: Client) -> None:
    here = f"/reports/{report.pk}"
    assert client.post(f"{here}/submit/")["Location"] == f"{here}/"
    assert client.post(f"{here}/lines/", {"section": "results", "text": "zu spät"}, **HTMX).status_code == 422
    client.force_login(world.manager_a)
    page = client.get(f"{here}/").text
    assert 'class="play"' in page
    client.post(f"{here}/return/", {"comment": ""})
    report.refresh_from_db()
    assert report.state == "submitted"  # a return needs a reason
    client.post(f"{here}/return/", {"comment": "补充报价"})
    assert client.get(f"{here}/").status_code == 200  # who returned it still sees it
    client.force_login(world.rep_a1)
    assert "补充报价" in client.get("/my-day/").text
    client.post(f"{here}/submit/")
    client.force_login(world.manager_a)
    client.post(f"{here}/review/", {"comment": ""})
    report.refresh_from_db()
    assert (report.state, report.reviewed_by) == ("reviewed", world.manager_a)
    assert client.post(f"{here}/review/", follow=True).status_code == 200


# --- the talk itself, tasks, alerts


def test_words_and_roles_are_corrected(talk: Conversation, client: Client) -> None:
    here = f"/conversations/{talk.pk}"
    form = client.get(f"{here}/turns/1/", **HTMX).text
    assert "<textarea" in form
    assert "<textarea" not in client.get(f"{here}/turns/1/?cancel", **HTMX).text
    part = client.post(f"{here}/turns/1/", {"text": "你们价格有点贵"}, **HTMX)
    assert part.status_code == 200
    assert SegmentEdit.objects.count() == 1
    assert client.get(f"{here}/turns/99/", **HTMX).status_code == 404
    assert client.post(f"{here}/turns/1/", {"text": "  "}, **HTMX).status_code == 422
    plain = client.get(f"{here}/turns/1/")
    assert plain.status_code == 200
    assert "<html" in plain.text  # without JavaScript the form is a page of its own
    assert client.post(f"{here}/speakers/", {"speaker": "customer", "role": "colleague"}).status_code == 302
    bad: dict[str, Any]
    for bad in ({"speaker": "nobody", "role": "rep"}, {"speaker": "customer", "role": "king"}, {}):
        assert client.post(f"{here}/speakers/", bad).status_code == 422


def test_a_talk_is_linked_to_a_customer_by_name(talk: Conversation, world: World, client: Client) -> None:
    here = f"/conversations/{talk.pk}/link/"
    client.force_login(world.manager_a)
    assert world.customer_a.name in client.get(here).text
    for bad in ({"customer": world.customer_b.name}, {"customer": "gibt es nicht"}, {"customer": "a\x00b"}):
        assert client.post(here, bad).status_code == 422
    assert client.post(here, {"rep": str(world.rep_b1.pk)}).status_code == 404
    assert client.post(here, {"rep": "²"}).status_code == 302  # no number is no rep: nothing changes
    talk.refresh_from_db()
    assert (talk.rep, talk.customer) == (world.rep_a1, world.customer_a)
    assert client.post(here, {"rep": str(world.rep_a2.pk), "customer": ""}).status_code == 302
    talk.refresh_from_db()
    assert talk.rep == world.rep_a2


def test_a_task_is_done_and_an_alert_heard(talk: Conversation, world: World, client: Client) -> None:
    client.post(f"/proposals/{proposal_of(talk, 'task').pk}/accept/")
    task = Task.objects.get()
    for _tap in range(2):
        assert client.post(f"/my-day/tasks/{task.pk}/done/")["Location"] == "/my-day/#tasks"
    task.refresh_from_db()
    assert task.state == "done"
    alert = Alert.objects.get()
    client.force_login(world.manager_a)
    assert "三年不坏" in client.get("/cockpit/").text
    assert client.post(f"/cockpit/alerts/{alert.pk}/seen/", **HTMX).text == ""
    assert client.post(f"/cockpit/alerts/{alert.pk}/seen/")["Location"] == "/cockpit/"
    alert.refresh_from_db()
    assert alert.seen_by == world.manager_a
    assert f'id="alert-{alert.pk}"' not in client.get("/cockpit/").text
