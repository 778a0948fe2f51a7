"""Names in bodies are one line."""

from typing import Any

import pytest
from rest_framework import serializers
from rest_framework.exceptions import ValidationError

from server.core.rest.parsing import StrictInput


class Naming(StrictInput):
    name = serializers.CharField(required=False)
    about = serializers.CharField(required=False)


@pytest.mark.parametrize("name", ["a\nb", "a\x1bb", "a\u202eb", "a\u2028b"])
def test_a_name_with_a_break_a_control_or_turned_text_is_refused(name: str) -> None:
    with pytest.raises(ValidationError, match="one line"):
        Naming(data={"name": name}).is_valid(raise_exception=True)


@pytest.mark.parametrize("body", [{"name": "Метео 東京"}, {"name": " a\n"}, {"about": "two\nlines"}, {}])
def test_other_scripts_ends_and_long_texts_pass(body: dict[str, Any]) -> None:
    assert Naming(data=body).is_valid()
