"""Nothing is remembered of a provider from one test to the next."""

from collections.abc import Iterator

import pytest

from gangmu.foundation.accounts.directories import oidc


@pytest.fixture(autouse=True)
def nothing_known() -> Iterator[None]:
    oidc.forget()
    yield
    oidc.forget()
