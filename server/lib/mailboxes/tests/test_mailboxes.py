import pytest

from server.lib.mailboxes import ascii_domain, mailbox

UMLAUT = "xn--dmin-moa0i.example"


@pytest.mark.parametrize(
    "typed",
    [
        "dömäin.example",
        "DÖMÄIN.Example",
        "do\u0308ma\u0308in.example",  # decomposed, as macOS writes it
        "xn--dmin-moa0i.example",
        "XN--DMIN-MOA0I.EXAMPLE",
        "dömäin\u3002example",
    ],
)
def test_all_spellings_of_a_domain_are_one(typed: str) -> None:
    assert ascii_domain(typed) == UMLAUT


def test_the_two_spellings_of_a_mailbox_are_one() -> None:
    assert mailbox("Info@dömäin.example") == mailbox(f"info@{UMLAUT}") == f"info@{UMLAUT}"


def test_letters_of_full_width_are_the_usual_ones() -> None:
    assert mailbox("info@\uff45xample.com") == "info@example.com"


@pytest.mark.parametrize("typed", ["", "alice", "a@b@c", "a@under_score.example", "@"])
def test_plain_text_stays_as_it_is(typed: str) -> None:
    assert mailbox(typed) == typed


@pytest.mark.parametrize("typed", ["a@\ud800", "a@-ö-.example", "a@" + "ö" * 60_000, "a@ö..example"])
def test_what_is_no_domain_raises_nothing(typed: str) -> None:
    assert mailbox(typed) == typed


def test_letters_that_look_alike_stay_apart() -> None:
    assert ascii_domain("\u0430cme.example") != ascii_domain("acme.example")
