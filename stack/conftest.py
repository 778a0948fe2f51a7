import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """An empty folder that others may pass through: `tmp_path` is closed to the user that runs
    PostgreSQL under root."""
    with tempfile.TemporaryDirectory(prefix="fieldline-") as name:
        Path(name).chmod(0o711)
        yield Path(name)
