"""Real messages for operators."""

import csv
from pathlib import Path

import pytest

BANKING77 = Path(__file__).parents[4] / "shared" / "data" / "banking77" / "test.csv"


@pytest.fixture(scope="session")
def messages() -> list[str]:
    """What customers of a bank really wrote; the test is skipped where the data is not."""
    if not BANKING77.exists():
        pytest.skip(f"the messages of Banking77 are not here: {BANKING77}")
    with BANKING77.open(encoding="utf-8", newline="") as file:
        return [row["text"] for row in csv.DictReader(file)]
