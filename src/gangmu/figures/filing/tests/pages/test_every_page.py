"""What holds for pages of each kind: their language and what they cost."""

import re

import pytest

from gangmu.figures.filing.tests import small as kit
from gangmu.figures.filing.tests.pages.visiting import client_of, page

pytestmark = pytest.mark.django_db


def test_pages_speak_chinese_first(small):
    sheet = kit.approved(small)
    for address, said in (
        ("/filing/", "日度填报"),
        (f"/filing/sheets/{sheet.pk}/", "机组"),
        (f"/filing/sheets/{sheet.pk}/history/", "第 1 版"),
        ("/filing/forms/small_daily/", "小日报"),
        ("/filing/corrections/", "更正"),
    ):
        text = page(small.group_manager, address, language="zh-CN")
        assert said in text, address
        assert not re.search(r">\s*(Submit|History|Remarks|Status|Due|Forms)\s*<", text), address


@pytest.mark.parametrize(
    ("address", "most"), [("/filing/", 34), ("/filing/sheets/{pk}/", 48), ("/filing/sheets/{pk}/history/", 34)]
)
def test_a_page_needs_few_queries(small, address, most, django_assert_max_num_queries):
    sheet = kit.approved(small)
    client = client_of(small.group_manager)
    client.get(address.format(pk=sheet.pk))
    with django_assert_max_num_queries(most):
        client.get(address.format(pk=sheet.pk))
