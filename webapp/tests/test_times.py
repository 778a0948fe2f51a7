"""Times and durations as people read them."""

from datetime import UTC, datetime, timedelta

import pytest
from django.template import Context, Template

from webapp.templatetags.fieldline import ago_text, duration_text

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("ago", "text"),
    [
        (timedelta(seconds=0), "just now"),
        (timedelta(seconds=59), "just now"),
        (timedelta(seconds=-59), "just now"),  # clocks of two machines differ a little
        (timedelta(seconds=60), "1 min ago"),
        (timedelta(minutes=89), "89 min ago"),
        (timedelta(minutes=90), "1 h ago"),
        (timedelta(hours=47), "47 h ago"),
        (timedelta(hours=48), "2 days ago"),
        (timedelta(days=13), "13 days ago"),
        (timedelta(days=14), "15 Feb 2026"),
        (timedelta(days=-2), "3 Mar 2026"),
    ],
)
def test_how_long_ago(ago: timedelta, text: str) -> None:
    assert ago_text(NOW - ago, NOW) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (30, "30 s"),
        (90, "90 s"),
        (600, "10 min"),
        (7200, "2 h"),
        (5400, "90 min"),
        (86400, "1 day"),
        (172800, "2 days"),
    ],
)
def test_a_duration_is_shown_in_its_largest_whole_unit(seconds: int, text: str) -> None:
    assert duration_text(seconds) == text


@pytest.mark.usefixtures("berlin")
def test_a_relative_time_carries_the_exact_one_in_the_readers_time_zone() -> None:
    html = _rendered("{% ago then now %}", then=NOW - timedelta(minutes=5), now=NOW)

    assert 'datetime="2026-03-01T11:55:00+00:00"' in html
    assert 'title="1 Mar 2026, 12:55:00 CET"' in html
    assert ">5 min ago<" in html


@pytest.mark.usefixtures("berlin")
def test_an_exact_time_is_in_the_readers_time_zone() -> None:
    assert ">1 Mar 2026, 13:00:00<" in _rendered("{% moment then %}", then=NOW)


@pytest.mark.parametrize("tag", ["ago", "moment"])
def test_what_never_happened_is_never(tag: str) -> None:
    assert _rendered(f"{{% {tag} then %}}", then=None) == "never"


def _rendered(source: str, **context: object) -> str:
    return Template("{% load fieldline %}" + source).render(Context(context))
