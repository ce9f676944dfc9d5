"""Names sort as a reader of Chinese expects."""

import pytest

from gangmu.foundation.parties.names import sort_key


@pytest.mark.parametrize(
    "ordered",
    [
        ["安徽电厂", "北京电厂", "重庆电厂", "浙江电厂"],
        ["1号机组", "2号机组", "10号机组", "21号机组"],
        ["一期", "二期", "三期", "九期", "十期", "十一期", "二十期", "二十一期"],
        ["酒泉风电场", "酒泉风电场1号", "酒泉风电场2号"],
        ["Alpha", "beta", "Gamma"],
    ],
)
def test_names_sort_as_readers_expect(ordered):
    shuffled = ordered[1:] + ordered[:1]
    assert sorted(shuffled, key=sort_key) == ordered


def test_a_numeral_inside_a_name_stays_what_it_is():
    assert sort_key("三峡电厂").startswith("san xia")
