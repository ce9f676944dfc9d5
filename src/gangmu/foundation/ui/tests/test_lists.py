"""Lists: search, filters, order, columns, pages, views, bulk actions, and what a partial answer holds."""

import re

import pytest
from django.contrib.contenttypes.models import ContentType

from gangmu.foundation.ui.guide import GuideList
from gangmu.foundation.ui.models import SavedView

PARTIAL = {"HX-Request": "true", "HX-Target": "div#list-results"}


def rows(page):
    """The first two cells of every row: room and model."""
    cells = re.findall(r'<td[^>]*data-label="(?:Room|Model)"[^>]*>(.*?)</td>', page)
    return list(zip(cells[::2], cells[1::2], strict=True))


def shown(client, query="", **options):
    return client.get(f"/ui/list/{query}", **options).content.decode()


def test_search_wants_every_word(client):
    page = shown(client, "?q=savedview+ui")
    assert rows(page) == [("ui", "savedview")]


def test_a_filter_narrows_and_can_be_cleared(client):
    page = shown(client, "?app_label=ui")
    assert {room for room, _model in rows(page)} == {"ui"}
    assert "Clear filters" in page


def test_a_filter_that_makes_no_sense_is_explained_at_its_field(client):
    response = client.get("/ui/list/?id__gte=many")
    assert response.status_code == 422
    page = response.content.decode()
    assert 'value="many"' in page and 'id="id_id__gte_error"' in page
    assert rows(page) == []


def test_sorting_turns_round_and_says_so(client):
    page = shown(client, "?sort=-model&per_page=200")
    models = [model for _room, model in rows(page)]
    assert models == sorted(models, reverse=True)
    assert 'aria-sort="descending"' in page


def test_pages_have_the_chosen_length_and_keep_the_filters(client):
    total = ContentType.objects.count()
    assert total > 25
    page = shown(client, "?sort=model&id__gte=1&per_page=25")
    assert len(rows(page)) == 25
    assert re.search(r'href="\?sort=model&amp;id__gte=1&amp;per_page=25&amp;page=2"', page)
    assert len(rows(shown(client, "?per_page=7"))) == 25  # no such size: the list's own


def test_a_page_beyond_the_last_is_the_last(client):
    total = ContentType.objects.count()
    assert len(rows(shown(client, "?per_page=25&page=999"))) == (total - 1) % 25 + 1


def test_columns_can_be_chosen_and_the_first_always_stays(client):
    headers = re.findall(r'<th [^>]*scope="col"[^>]*>(.*?)</th>', shown(client, "?col=length"), re.S)
    texts = [re.sub("<[^>]+>", "", header).strip() for header in headers]
    assert texts[1:] == ["Room", "Length"]
    assert "Length" not in re.sub("<label.*?</label>", "", shown(client))


def test_htmx_gets_the_results_alone(client):
    page = shown(client, "?q=ui", headers=PARTIAL)
    assert page.strip().startswith('<div id="list-results"')
    assert "<html" not in page and 'list-filters" method' not in page


def test_an_empty_result_says_what_to_do(client):
    assert "Take out a filter" in shown(client, "?q=zzzz")


def test_a_bulk_action_reaches_only_the_ticked_rows_of_the_own_queryset(client, monkeypatch, key):
    touched = []
    monkeypatch.setattr(
        GuideList, "bulk_count", lambda self, found: touched.extend(found.values_list("pk", flat=True)) or found.count()
    )
    allowed = ContentType.objects.filter(app_label="ui").order_by("pk")
    monkeypatch.setattr(GuideList, "get_queryset", lambda self: allowed)
    foreign = ContentType.objects.exclude(app_label="ui")[0]
    first = allowed[0]
    data = {"action": "count", "selected": [first.pk, foreign.pk, "x"], "_key": key}
    response = client.post("/ui/list/", data, follow=True)
    assert touched == [first.pk]
    assert "1 row was changed." in response.content.decode()


def test_an_unknown_bulk_action_is_refused(client, key):
    response = client.post("/ui/list/", {"action": "get_queryset", "selected": ["1"], "_key": key})
    assert response.status_code == 400


def test_nothing_ticked_changes_nothing(client, key, monkeypatch):
    monkeypatch.setattr(GuideList, "bulk_count", lambda self, found: pytest.fail("nothing was ticked"))
    response = client.post("/ui/list/", {"action": "count", "_key": key}, follow=True)
    assert "No row was ticked" in response.content.decode()


def save(client, key, **data):
    values = {"page": "ui.guide", "name": "Mine", "query": "q=ui", "next": "/ui/list/?q=ui", "_key": key, **data}
    return client.post("/ui/views/", values)


def test_a_view_is_saved_shown_marked_and_deleted(client, key):
    assert save(client, key)["Location"] == "/ui/list/?q=ui"
    page = shown(client, "?q=ui&page=1")
    assert re.search(r'href="/ui/list/\?q=ui" aria-current="true">Mine', page)
    view = SavedView.objects.get()
    client.post(f"/ui/views/{view.pk}/delete/", {"_key": key + "d", "next": "/ui/list/"})
    assert not SavedView.objects.exists()


def test_saving_under_the_same_name_replaces_the_view(client, key):
    save(client, key)
    save(client, key + "2", query="q=other", shared="on")
    view = SavedView.objects.get()
    assert (view.query, view.shared) == ("q=other", True)


def test_shared_views_are_seen_by_others_who_cannot_delete_them(another, client, key):
    save(client, key, name="Ours", shared="on")
    save(client, key + "2", name="Private")
    page = shown(another)
    assert "Ours" in page and "Private" not in page
    assert "Delete the view Ours" not in page
    view = SavedView.objects.get(name="Ours")
    assert another.post(f"/ui/views/{view.pk}/delete/", {"_key": key + "3"}).status_code == 404
    assert SavedView.objects.filter(name="Ours").exists()


def test_a_view_without_a_name_is_refused_in_words(client, key):
    save(client, key, name="  ")
    assert not SavedView.objects.exists()
    assert "The view was not saved." in shown(client)


@pytest.mark.parametrize("sort", ["nonsense", "-", "model__nothing", "password"])
def test_an_order_by_what_is_no_column_is_ignored(client, sort):
    assert client.get("/ui/list/", {"sort": sort}).status_code == 200
