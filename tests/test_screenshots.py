"""`make screenshots` visits every page: an address without a shot is found here, long before anybody draws."""

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest

TOOLS = Path(__file__).resolve().parent.parent / "tools"


@pytest.fixture(scope="module")
def pages() -> ModuleType:
    spec = importlib.util.spec_from_file_location("screenshots_pages", TOOLS / "screenshots_pages.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def test_every_page_has_its_picture(pages):
    assert pages.forgotten(set(pages.addresses())) == []


def test_a_page_without_a_picture_and_a_picture_without_a_page_are_named(pages):
    known = set(pages.addresses())
    (fault,) = pages.forgotten(known | {"duties:board"})
    assert fault.startswith("duties:board: no shot")
    faults = pages.forgotten(known - {"inbox:list"})
    assert faults == ["inbox:list: there is no such address any more"]


def test_a_page_is_found_by_the_link_that_leads_to_it(pages):
    via = pages.Via("/filing/sheets/", r"^/filing/sheets/\d+/$", "edit/")
    text = (
        '<a href="/filing/sheets/?page=2">2</a><a href="/filing/sheets/17/">17</a><a href="/filing/sheets/18/">18</a>'
    )
    assert via.found_in(text) == "/filing/sheets/17/"
    assert via.found_in("<a href='/filing/'>") is None
