"""Pieces of the market: the tree, and the place that a text names."""

from __future__ import annotations

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.test import Client

from shengce.people.actions import create_territory, update_territory
from shengce.people.models import Territory
from shengce.people.queries import territory_of_place, territory_tree
from tests.world import World


@pytest.fixture
def east(world: World) -> Territory:
    return create_territory(by=world.marketing, name="华东", places=["江苏", "浙江"])


def test_a_territory_lies_where_it_was_put_and_moves_with_all_below(world: World, east: Territory) -> None:
    south = create_territory(
        by=world.marketing, name="苏南", parent=east, places=["苏州", " 苏州 ", "", "无锡"]
    )
    town = create_territory(by=world.marketing, name="昆山", parent=south)
    assert south.places == ["苏州", "无锡"]
    assert town.path == f"/{east.pk}/{south.pk}/{town.pk}/"
    update_territory(south, by=world.marketing, name="苏南区", parent=None, places=["苏州"])
    town.refresh_from_db()
    assert town.path == f"/{south.pk}/{town.pk}/"
    assert [place.territory.name for place in territory_tree()] == ["华东", "苏南区"]
    with pytest.raises(ValidationError) as refused:
        update_territory(
            Territory.objects.get(pk=south.pk), by=world.marketing, name="x", parent=town, places=[]
        )
    assert "parent" in refused.value.message_dict


def test_names_are_unique_and_only_some_may_draw_the_map(world: World, east: Territory) -> None:
    with pytest.raises(ValidationError):
        create_territory(by=world.marketing, name="华东")
    with pytest.raises(ValidationError):
        create_territory(by=world.marketing, name="  ")
    for user in (world.rep_a1, world.manager_a, world.customer_department):
        with pytest.raises(PermissionDenied):
            create_territory(by=user, name="x")
    assert Territory.objects.count() == 1


def test_the_longest_place_in_a_text_decides(world: World, east: Territory) -> None:
    south = create_territory(by=world.marketing, name="苏南", parent=east, places=["苏州", "昆山"])
    north = create_territory(by=world.marketing, name="苏北", parent=east, places=["徐州"])
    assert territory_of_place("江苏昆山花桥的仓库") == south  # 江苏 is above it: the lower one is meant
    assert territory_of_place("徐州那边") == north
    assert territory_of_place("浙江义乌") == east
    assert territory_of_place("从苏州发到徐州") is None
    assert territory_of_place("苏州工业园区") == south
    assert territory_of_place("广东") is None
    assert territory_of_place("") is None


def test_the_pages(world: World, client: Client, east: Territory) -> None:
    client.force_login(world.marketing)
    client.post(
        "/people/territories/new/", {"name": "苏南", "parent": east.pk, "places": "苏州，无锡, 常州\n昆山"}
    )
    made = Territory.objects.get(name="苏南")
    assert made.places == ["苏州", "无锡", "常州", "昆山"]
    page = client.get("/people/territories/").text
    assert "昆山" in page
    assert client.post(f"/people/territories/{made.pk}/", {"name": "华东"}).status_code == 422
    assert client.post(f"/people/territories/{made.pk}/", {"name": "a\x00b"}).status_code == 422
    client.post(f"/people/territories/{made.pk}/", {"name": "苏锡常", "parent": "", "places": ""})
    made.refresh_from_db()
    assert (made.name, made.parent, made.places) == ("苏锡常", None, [])
