"""The demonstration company goes without a trace, but never with anything that is not its own."""

from __future__ import annotations

import random
import select

import pytest
from django.utils import timezone

from shengce.catalogue.models import Price
from shengce.customers.actions import create_customer
from shengce.customers.models import Customer
from shengce.demo.build import NotEmpty, clear
from shengce.demo.company import PASSWORD, found_company
from shengce.demo.ground import lay_out
from shengce.demo.script import Year, read_year
from shengce.people.actions import create_user
from shengce.people.models import AuditEntry, Role, Unit, User
from shengce.sales.models import Order
from shengce.sheets.models import PaperTemplate
from shengce.targets.models import Metric
from tests.intake.running import command

PATIENCE_S = 120.0


def quiet(words: str) -> None:
    """Nobody listens."""


@pytest.mark.django_db(transaction=True)
def test_all_of_it_goes() -> None:
    company = found_company()
    year = Year(read_year(), company.people, timezone.localdate(), random.Random(1))
    lay_out(year, administrator=company.administrator)
    assert Price.objects.exists()
    clear(say=quiet)
    for table in (Order, Customer, Price, User, Unit, AuditEntry):
        assert not table.objects.exists(), table
    # what an installation begins with is there: a firm of one's own can follow
    assert Metric.objects.count() == 5
    assert PaperTemplate.objects.count() == 9
    assert found_company().administrator.is_active


@pytest.mark.django_db(transaction=True)
def test_own_people_and_customers_stay() -> None:
    company = found_company()
    rep = company.people["rep_lin"]
    own = create_customer(by=rep, name="真正的客户", kind="end_customer")
    with pytest.raises(NotEmpty, match="真正的客户"):
        clear(say=quiet)
    assert Customer.objects.filter(pk=own.pk).exists()
    own.delete()
    create_user(
        by=company.administrator,
        username="own",
        password=PASSWORD,
        display_name="自己人",
        role=Role.REP,
        unit=rep.unit,
    )
    with pytest.raises(NotEmpty, match="user own"):
        clear(say=quiet)


@pytest.mark.kill
@pytest.mark.django_db(transaction=True)
def test_an_interrupted_build_is_taken_away() -> None:
    with command("demo", "build") as process:
        assert select.select([process.stdout], [], [], PATIENCE_S)[0]
        assert "Organisation" in process.stdout.readline()
    assert Unit.objects.exists()
    with command("demo", "clear") as process:
        assert process.wait(PATIENCE_S) == 0
    assert not Unit.objects.exists() and not Order.objects.exists()
