"""Every change of people and organisation: who may, what is written, what is refused in words."""

from __future__ import annotations

import datetime as dt

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.test import Client
from django.utils import timezone

from shengce.people import actions
from shengce.people.models import AuditEntry, Posting, Role, Unit, User
from shengce.people.tokens import create_token, in_force, token_of
from tests.world import PASSWORD, World

NEW = {"username": "neu", "password": PASSWORD, "display_name": "新人", "role": Role.REP}


def create(world: World, **changes: object) -> User:
    values = {**NEW, "unit": world.team_a, **changes}
    return actions.create_user(by=world.administrator, **values)


def test_a_new_person_has_a_posting_a_working_password_and_an_audit_row(world: World) -> None:
    person = create(world, phone="+86 139-0000-0099")
    assert person.check_password(PASSWORD)
    assert person.phone == "13900000099"
    posting = Posting.objects.get(user=person)
    assert (posting.unit, posting.role, posting.end_on) == (world.team_a, Role.REP, None)
    entry = AuditEntry.objects.get(action="user.created")
    assert (entry.by, entry.subject_id) == (world.administrator, person.pk)
    assert PASSWORD not in str(entry.details)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"username": "rep_a1"}, "username"),
        ({"username": "with space"}, "username"),
        ({"username": ""}, "username"),
        ({"display_name": ""}, "display_name"),
        ({"display_name": "名" * 51}, "display_name"),
        ({"role": "king"}, "role"),
        ({"phone": "call me"}, "phone"),
        ({"password": "12345678"}, None),
        ({"password": "short"}, None),
        ({"display_name": "a\x00b"}, None),
        ({"display_name": "a\ud800b"}, None),
    ],
)
def test_what_cannot_be_is_refused_in_words_and_leaves_nothing(
    world: World, changes: dict[str, str], field: str | None
) -> None:
    before = User.objects.count()
    with pytest.raises(ValidationError) as refused:
        create(world, **changes)
    assert all(refused.value.messages)
    if field:
        assert field in refused.value.message_dict
    assert User.objects.count() == before
    assert not AuditEntry.objects.filter(action="user.created").exists()


def test_only_the_first_person_needs_nobody(db: None) -> None:
    root = actions.found_organisation(name="公司")
    first = actions.create_user(by=None, unit=root, **{**NEW, "role": Role.ADMINISTRATOR})
    assert first.role == Role.ADMINISTRATOR
    with pytest.raises(ValidationError):
        actions.create_user(by=None, unit=root, **{**NEW, "username": "second"})
    with pytest.raises(ValidationError):
        actions.found_organisation(name="noch eine")


CALLS = {
    "create_user": lambda w, by: actions.create_user(by=by, unit=w.team_a, **NEW),
    "update_user": lambda w, by: actions.update_user(
        w.rep_a1, by=by, display_name="x", phone="", is_active=False
    ),
    "move_user": lambda w, by: actions.move_user(w.rep_a1, by=by, unit=w.team_b, role=Role.MANAGER),
    "set_password": lambda w, by: actions.set_password(w.rep_a1, by=by, password="another-good-one-8"),
    "create_unit": lambda w, by: actions.create_unit(by=by, name="x", kind="team", parent=w.region),
    "update_unit": lambda w, by: actions.update_unit(w.team_a, by=by, name="x", kind="team"),
}


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS.keys())
def test_nobody_but_an_administrator_changes_people(world: World, call: object) -> None:
    for user in world.users:
        if user.role != Role.ADMINISTRATOR:
            with pytest.raises(PermissionDenied):
                call(world, user)  # type: ignore[operator]
    world.administrator.is_active = False
    with pytest.raises(PermissionDenied):
        call(world, world.administrator)  # type: ignore[operator]
    assert not AuditEntry.objects.exists()


def test_moving_closes_the_posting_on_the_day_and_opens_the_next(world: World) -> None:
    today = timezone.localdate()
    person = create(world, start_on=today - dt.timedelta(days=30))
    day = today - dt.timedelta(days=3)
    moved = actions.move_user(person, by=world.administrator, unit=world.team_b, role=Role.MANAGER, on=day)
    assert (moved.unit, moved.role) == (world.team_b, Role.MANAGER)
    postings = [(p.unit, p.role, p.start_on, p.end_on) for p in person.postings.all()]
    assert postings == [
        (world.team_a, Role.REP, today - dt.timedelta(days=30), day),
        (world.team_b, Role.MANAGER, day, None),
    ]


def test_a_move_lies_neither_before_the_present_posting_nor_ahead(world: World) -> None:
    person = create(world)
    for days in (-1, 1):
        with pytest.raises(ValidationError) as refused:
            on = timezone.localdate() + dt.timedelta(days=days)
            actions.move_user(person, by=world.administrator, unit=world.team_b, role=Role.REP, on=on)
        assert "on" in refused.value.message_dict
    person.refresh_from_db()
    assert person.unit == world.team_a
    assert person.postings.count() == 1


def test_nobody_locks_himself_out(world: World) -> None:
    admin = world.administrator
    with pytest.raises(ValidationError):
        actions.update_user(admin, by=admin, display_name="x", phone="", is_active=False)
    with pytest.raises(ValidationError):
        actions.move_user(admin, by=admin, unit=world.company, role=Role.REP)
    actions.move_user(admin, by=admin, unit=world.region, role=Role.ADMINISTRATOR)
    admin.refresh_from_db()
    assert (admin.is_active, admin.role, admin.unit) == (True, Role.ADMINISTRATOR, world.region)


def test_a_new_password_works_and_the_old_one_does_not(world: World) -> None:
    actions.set_password(world.rep_a1, by=world.administrator, password="a-quite-new-one-9")
    world.rep_a1.refresh_from_db()
    assert world.rep_a1.check_password("a-quite-new-one-9")
    assert not world.rep_a1.check_password(PASSWORD)
    with pytest.raises(ValidationError):
        actions.set_password(world.rep_a1, by=world.administrator, password="123")


def test_a_new_password_ends_sessions_and_revokes_keys(world: World, client: Client) -> None:
    _token, secret = create_token(by=world.rep_a1, name="报表")
    other, _secret = create_token(by=world.rep_a2, name="报表")
    client.force_login(world.rep_a1)
    assert client.get("/people/tokens/").status_code == 200
    actions.set_password(world.rep_a1, by=world.administrator, password="a-quite-new-one-9")
    assert client.get("/people/tokens/").status_code == 302
    assert token_of(secret) is None
    assert list(in_force(world.rep_a2)) == [other]
    entry = AuditEntry.objects.get(action="token.revoked")
    assert (entry.by, entry.details) == (world.administrator, {"name": "报表"})
    assert AuditEntry.objects.get(action="user.password_set").details == {"keys_revoked": 1}


def test_units_know_their_way_to_the_root(world: World) -> None:
    unit = actions.create_unit(by=world.administrator, name="新组", kind=Unit.Kind.TEAM, parent=world.team_a)
    assert unit.path == f"{world.team_a.path}{unit.pk}/"
    with pytest.raises(ValidationError):
        actions.create_unit(by=world.administrator, name="", kind=Unit.Kind.TEAM, parent=world.team_a)
    with pytest.raises(ValidationError):
        actions.create_unit(by=world.administrator, name="x", kind="planet", parent=world.team_a)
    actions.update_unit(unit, by=world.administrator, name="别名", kind="office")
    unit.refresh_from_db()
    assert unit.name == "别名"


def test_a_deactivated_person_may_nothing(world: World, client: object) -> None:
    client.force_login(world.rep_a1)  # type: ignore[attr-defined]
    assert client.get("/conversations/").status_code == 200  # type: ignore[attr-defined]
    actions.update_user(world.rep_a1, by=world.administrator, display_name="林晓", phone="", is_active=False)
    assert client.get("/conversations/").status_code == 302  # type: ignore[attr-defined]
