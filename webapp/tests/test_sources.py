"""Requirements of the strict Content-Security-Policy, and of having no build, on templates, styles
and scripts."""

import re
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders

WEBAPP = Path(__file__).parents[1]
TEMPLATES = sorted((WEBAPP / "templates").rglob("*.html"))
SCRIPTS = sorted((WEBAPP / "static" / "js").glob("*.js"))
STYLES = sorted((WEBAPP / "static" / "css").glob("*.css"))
LONGEST_SCRIPT = 100  # lines

each_template = pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.name)
each_script = pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.name)
each_source = pytest.mark.parametrize("source", [*TEMPLATES, *SCRIPTS, *STYLES], ids=lambda path: path.name)


@each_template
def test_a_template_has_no_inline_style_or_script(template: Path) -> None:
    text = template.read_text()

    assert not re.search(r"""\sstyle\s*=|<style|\son[a-z]+\s*=\s*["']|hx-on|javascript:""", text)
    assert not re.search(r"<script(?![^>]*\ssrc=)", text)


@each_source
def test_nothing_is_requested_from_another_host(source: Path) -> None:
    foreign = re.findall(r"""["'(]\s*(?:https?:)?//[^"')]*""", source.read_text())

    assert foreign == []


@each_template
def test_every_static_file_of_a_template_is_there(template: Path) -> None:
    names = re.findall(r"""\{% static ['"]([^'"]+)['"] %\}""", template.read_text())

    assert [name for name in names if finders.find(name) is None] == []


@pytest.mark.parametrize("style", STYLES, ids=lambda path: path.name)
def test_every_file_of_a_style_sheet_is_there(style: Path) -> None:
    names = re.findall(r"""url\("([^"]+)"\)""", style.read_text())

    assert names
    assert [name for name in names if not (style.parent / name).resolve().is_file()] == []


@each_script
def test_every_module_that_a_script_imports_is_there(script: Path) -> None:
    names = re.findall(r"""from "(\./[^"]+)";""", script.read_text())

    assert [name for name in names if not (script.parent / name).is_file()] == []


@each_script
def test_a_script_is_short(script: Path) -> None:
    assert len(script.read_text().splitlines()) < LONGEST_SCRIPT
