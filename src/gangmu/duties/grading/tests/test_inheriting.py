"""Supporting systems take the highest grade of everything that needs them, whatever the redundancy."""

from itertools import count, pairwise

import pytest
from django.utils import translation
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gangmu.duties.grading import queries
from gangmu.duties.grading.errors import NotPossible, NotReady
from gangmu.duties.grading.models import Grading
from gangmu.duties.grading.services import inheriting, scheme_on
from gangmu.duties.grading.services.telling import tell_inherited
from gangmu.duties.resources.models import Dependency, Resource
from gangmu.foundation.access.scope import acting_as
from gangmu.foundation.notices.models import Notice
from gangmu.foundation.settings import clock
from gangmu.shell.testing.worlds import make_user, settle

LEVELS = {
    "1": ("high", "major"), "2": ("high", "large"), "3": ("medium", "obvious"), "4": ("low", "slight"),
    "5": ("low", "none"),
}  # fmt: skip
numbers = count()


def factors(result: str) -> dict[str, str]:
    realtime, impact = LEVELS[result]
    return {"realtime": realtime, "impact": impact}


def taken(register_, *systems: Resource, by: str = "asker") -> dict[int, queries.Inherited]:
    with acting_as(register_.users[by]):
        return queries.inherited([one.pk for one in systems], scheme_on("HS/T-42"))


@pytest.mark.req("G-1")
def test_a_supporting_system_is_raised_with_the_way(register_):
    database, platform = register_.system("DB", supporting=True), register_.system("PL", supporting=True)
    trading, reports = register_.system("TR"), register_.system("RE")
    register_.needs(trading, platform)
    register_.needs(platform, database, group="stores", needed=1)
    register_.needs(platform, register_.system("DB2", supporting=True), group="stores", needed=1)
    register_.needs(reports, database)
    assert taken(register_, database) == {}
    register_.graded(reports, factors("4"))
    assert taken(register_, database)[database.pk].result == "4"
    register_.graded(trading, factors("2"))
    found = taken(register_, database)[database.pk]
    assert (found.result, found.path, found.sources) == ("2", (database.pk, platform.pk, trading.pk), 2)
    with acting_as(register_.users["asker"]):
        assert [one for one, _way in queries.supported_by(trading, scheme_on("HS/T-42"))] == list(
            Resource.objects.filter(code__in=["DB", "DB2", "PL"]).order_by("sort_key", "code")
        )


def test_the_owner_is_told_of_each_inherited_grade_once_and_in_the_owners_language(register_):
    owner = register_.person("owner", "system_sponsor", "R2")
    database, trading = register_.system("DB", "R2", supporting=True), register_.system("TR")
    register_.needs(trading, database)
    assert tell_inherited() == 0
    register_.graded(trading, factors("2"))
    assert tell_inherited() > 0
    assert tell_inherited() == 0
    [notice] = Notice.objects.filter(user=owner)
    with translation.override("en"):
        assert str(notice).startswith("System DB now inherits grade 2 by ")
    with translation.override("zh-hans"):
        assert str(notice).startswith("系统DB 按 ")
    assert notice.url == f"/grading/systems/{database.pk}/"
    outsider = make_user("outsider", "R1", "system_sponsor")
    assert not Notice.objects.filter(user=outsider).exists()
    with acting_as(owner):
        inheriting.take_over(database, "HS/T-42", by=owner)
    assert tell_inherited() == 0
    settlement = register_.system("SE")
    register_.needs(settlement, database)
    register_.graded(settlement, factors("1"))
    assert tell_inherited() > 0


@pytest.mark.req("G-1")
def test_a_supporting_system_has_no_factors_of_its_own(register_):
    database = register_.system("DB", supporting=True)
    with pytest.raises(NotReady, match="supporting system: it has no factors of its own"):
        register_.prepare(database)
    level = register_.prepare(database, {"institution": "operating", "protection": "2"}, scheme="JR/T-0133")
    assert level.result == "2"


@pytest.mark.req("G-1")
def test_taking_over_freezes_the_way_and_follows_later(register_):
    database, trading = register_.system("DB", supporting=True), register_.system("TR")
    register_.needs(trading, database)
    user = register_.users["asker"]
    with pytest.raises(NotReady, match="there is no grade to take over"):
        inheriting.take_over(database, "HS/T-42", by=user)
    register_.graded(trading, factors("3"))
    with acting_as(user) as scope:
        first = inheriting.take_over(database, "HS/T-42", by=user, scope=scope)
    first.refresh_from_db()
    assert (first.status, first.result, first.kind) == ("in_force", "3", "inherited")
    assert first.calculation["path"] == [database.pk, trading.pk]
    with pytest.raises(NotReady, match="It has this grade already"):
        inheriting.take_over(database, "HS/T-42", by=user)
    with clock.frozen("2026-12-01T09:30+08:00"):
        register_.graded(trading, factors("1"), by="operation", reason="everybody trades here now")
        with acting_as(user) as scope:
            standing = queries.standings_of(database)["HS/T-42"]
            assert (standing.result, standing.is_behind) == ("1", True)
            inheriting.take_over(database, "HS/T-42", by=user, scope=scope)
            assert not queries.standings_of(database)["HS/T-42"].is_behind
    register_.person("elsewhere", "system_sponsor", "P1")
    with pytest.raises(NotPossible):
        inheriting.take_over(database, "HS/T-42", by=register_.users["elsewhere"])


def test_ended_dependencies_and_gradings_that_are_not_confirmed_do_not_count(register_):
    database, trading, reports = register_.system("DB", supporting=True), register_.system("TR"), register_.system("RE")
    register_.needs(trading, database)
    Dependency.objects.filter(resource=trading).update(valid=("2026-01-01", "2026-11-20"))
    register_.needs(reports, database)
    register_.graded(trading, factors("1"))
    register_.submit(register_.prepare(reports, factors("2")))
    assert taken(register_, database) == {}


def test_a_system_out_of_scope_raises_without_being_named(register_):
    """The grade counts whoever needs the system; who may not see them learns no more than that."""
    database, trading = register_.system("DB", "P2", supporting=True), register_.system("TR")
    register_.needs(trading, database)
    register_.graded(trading, factors("1"))
    register_.person("owner", "system_sponsor", "P2")
    with acting_as(register_.users["owner"]):
        (found,) = queries.inherited([database.pk], scheme_on("HS/T-42")).values()
        assert found.result == "1"
        assert list(queries.named(found.path)) == [database.pk]
        assert queries.inherited([trading.pk], scheme_on("HS/T-42")) == {}
    register_.person("stranger", "system_sponsor", "P3")
    assert taken(register_, database, by="stranger") == {}


@st.composite
def graphs(draw):
    """(number of systems, which support, grade of each other one or none, edges with redundancy groups): needs go from
    lower numbers to higher ones, so that there is no circle."""
    size = draw(st.integers(2, 9))
    supporting = draw(st.lists(st.booleans(), min_size=size, max_size=size))
    grades = draw(st.lists(st.sampled_from(["", "1", "2", "3", "4", "5"]), min_size=size, max_size=size))
    pairs = [(one, other) for one in range(size) for other in range(one + 1, size)]
    edges = draw(st.lists(st.sampled_from(pairs), unique=True, max_size=16))
    groups = draw(st.lists(st.sampled_from(["", "g", "h"]), min_size=len(edges), max_size=len(edges)))
    return size, supporting, grades, list(zip(edges, groups, strict=True))


def reachable(node: int, edges: list) -> set[int]:
    """Everything that needs a system, directly or through others: by plain repetition, as the definition says."""
    found: set[int] = set()
    while more := {one for (one, other), _group in edges if other == node or other in found} - found:
        found |= more
    return found


@pytest.mark.req("G-1")
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(graph=graphs())
def test_propagation_equals_the_highest_of_everything_reachable(register_, graph):
    """Through the services, on the database: grades confirmed by four parties, random graphs with redundancy."""
    size, supporting, grades, edges = graph
    tag = next(numbers)
    systems = [register_.system(f"N{tag}-{one}", supporting=supporting[one]) for one in range(size)]
    for (one, other), group in edges:
        number = {"group": group, "needed": 1} if group else {}
        Dependency.objects.create(
            organisation=systems[one].organisation, resource=systems[one], on=systems[other],
            valid=("2026-01-01", None), **number,
        )  # fmt: skip
    settle()
    for one in range(size):
        if grades[one] and not supporting[one]:
            assert register_.graded(systems[one], factors(grades[one])).status == "in_force"
    found = taken(register_, *systems)
    for one in range(size):
        above = [(grades[other], other) for other in reachable(one, edges) if grades[other] and not supporting[other]]
        if not supporting[one] or not above:
            assert systems[one].pk not in found
            continue
        mine = found[systems[one].pk]
        assert mine.result == min(above)[0]
        assert mine.sources == len(above)
        places = [next(n for n, system in enumerate(systems) if system.pk == pk) for pk in mine.path]
        assert places[0] == one
        assert grades[places[-1]] == mine.result
        needs = {edge for edge, _group in edges}
        assert all((after, before) in needs for before, after in pairwise(places))
    assert not Grading.objects.filter(kind="inherited").exists()
