"""Checking a page with axe, the accessibility checker."""

from typing import Any, Final, Literal

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

SCHEMES: Final[tuple[Literal["light", "dark"], ...]] = ("light", "dark")
_GRAVE: Final = {"serious", "critical"}


def grave_violations(page: Page) -> list[str]:
    """Returns serious and critical violations, in light and in dark, with rule, help and place."""
    found = []
    for scheme in SCHEMES:
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")  # without colours in transition
        found += [f"{scheme}: {text}" for text in _violations(page)]
    return found


def _violations(page: Page) -> list[str]:
    rules: list[dict[str, Any]] = Axe().run(page).response["violations"]
    return [
        f"{rule['id']}: {rule['help']} at " + ", ".join(str(node["target"]) for node in rule["nodes"])
        for rule in rules
        if rule["impact"] in _GRAVE
    ]
