"""The map: where plants stand is carried by the page once; what changes with the period comes with every period."""

import html
import json
import re

import pytest
from django.test import Client

from gangmu.figures.tiles.tests.conftest import STANDS_AT
from gangmu.figures.tiles.tests.test_home_pages import charts, opened, tile
from gangmu.foundation.parties.models import AttributeValue, Organisation
from gangmu.foundation.settings import clock

AT = {"P1": ("118.8", "32.06"), "P3": ("120.2", "30.25")}


@pytest.fixture
def placed(world):
    for code, (longitude, latitude) in AT.items():
        for name, value in (("longitude", longitude), ("latitude", latitude)):
            AttributeValue.objects.create(
                organisation=Organisation.objects.get(code=code), name=name, value=value, number=value,
                valid=("2020-01-01", None),
            )  # fmt: skip
    with clock.frozen(STANDS_AT):
        from gangmu.figures.cube import services

        services.fold(sync=False)
        yield world


def places(page: str) -> dict[str, list]:
    found = re.findall(r'<template data-places="(\w+)" data-rows="([^"]*)">', page)
    return {digest: json.loads(html.unescape(rows)) for digest, rows in found}


@pytest.mark.req("M-7.2.1")
def test_points_are_toned_by_what_is_reported_and_lead_home(placed):
    page = opened(placed.group)
    (chart,) = charts(tile(page, "map"))
    rows = places(page)[chart["places"]]
    assert {row[0]: tuple(row[2:4]) for row in rows} == {"P1": (118.8, 32.06), "P3": (120.2, 30.25)}
    points = {row[0]: told for row, *told in zip(rows, chart["tones"], chart["shown"].split(";"), strict=True)}
    assert points["P1"] == ["0", "10.20"]
    assert points["P3"] == ["2", ""]  # not reported on that day
    assert chart["home"] == "/home/{code}/"


def test_another_period_brings_figures_and_no_places(placed):
    client = Client(headers={"accept-language": "en"})
    client.force_login(placed.group)
    whole = client.get("/home/").content.decode()
    swap = client.get("/home/?period=2026-11-18", headers={"HX-Request": "true", "HX-Target": "board"}).content.decode()
    (chart,) = charts(tile(swap, "map"))
    assert not places(swap) and chart["places"] in places(whole)
    assert chart["home"] == "/home/{code}/?period=2026-11-18"
    assert "12.10" in chart["shown"].split(";")


def test_nobody_is_sent_places_beyond_their_own(placed):
    assert places(opened(placed.group))  # in the same process, first
    assert not places(opened(placed.other)) and "118.8" not in opened(placed.other)
