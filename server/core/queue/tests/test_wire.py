from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from server.core.lanes import Lane
from server.core.queue.contract import MAX_BODY_BYTES, Message
from server.core.queue.wire import decode, encode
from stack.examples import examples

plain = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)


@settings(max_examples=examples(50))
@given(arguments=st.dictionaries(st.text(), plain, max_size=4), key=st.text())
def test_a_message_survives_the_wire(arguments: dict[str, Any], key: str) -> None:
    sent = Message(id="5", action="test", arguments=arguments, key=key)

    assert decode(encode(sent)) == sent


@settings(max_examples=examples(50))
@given(body=st.text())
def test_any_text_is_a_message_or_none(body: str) -> None:
    assert decode(body) is None or isinstance(decode(body), Message)


def test_an_argument_that_is_no_plain_value_fails_where_it_is_posted() -> None:
    with pytest.raises(TypeError):
        encode(Message(id="5", action="test", arguments={"when": object()}))


def test_a_message_of_an_older_version_is_the_installations_own_and_short() -> None:
    body = '{"id":"5","action":"ping","arguments":{},"key":""}'

    assert decode(body) == Message(id="5", action="ping", arguments={}, org="", lane=Lane.SHORT)


@pytest.mark.parametrize("part", ['"org":7', '"lane":"middle"', '"lane":[]'])
def test_an_organisation_or_lane_that_cannot_be_is_no_message(part: str) -> None:
    assert decode('{"id":"5","action":"ping","arguments":{},"key":"",' + part + "}") is None


def test_the_format_is_as_documented() -> None:
    body = encode(Message(id="5", action="process-report", arguments={"report_id": "7"}, key="t--1", org="9"))

    assert (
        body
        == '{"id":"5","action":"process-report","arguments":{"report_id":"7"},"key":"t--1","org":"9","lane":"short"}'
    )


def test_a_text_longer_than_any_message_is_not_parsed() -> None:
    body = encode(Message(id="1", action="a", arguments={}, key=""))

    assert decode(body + " " * MAX_BODY_BYTES) is None
