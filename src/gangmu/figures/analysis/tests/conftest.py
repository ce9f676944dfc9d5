"""Tests of this room read English messages, whatever the house's language is."""

import pytest
from django.utils.translation import override


@pytest.fixture(autouse=True)
def english():
    with override("en"):
        yield
