"""The page over a store in memory, and its answers taken apart."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from typing import TypeAlias

import pytest
from litestar.testing import TestClient

from roadworthy.app.app import App
from roadworthy.server.asgi import create_server
from roadworthy.testing import MemoryStore

VOID = {"meta", "link", "input", "br", "hr", "img", "source", "rect", "path", "circle", "line"}
Attributes: TypeAlias = dict[str, str | None]


class _Reader(HTMLParser):
    """Collects elements and text, and complains of tags that do not match."""

    def __init__(self) -> None:
        super().__init__()
        self.elements: list[tuple[str, Attributes]] = []
        self.texts: list[str] = []
        self._open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self._open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self._open, f"</{tag}> closes nothing"
        assert self._open.pop() == tag, f"</{tag}> does not match what is open"

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One answer. `html` is its source, `text` what a person reads."""

    status: int
    html: str
    headers: dict[str, str]
    address: str = ""
    text: str = ""
    elements: list[tuple[str, Attributes]] = field(default_factory=list)

    def links(self) -> list[str]:
        """Where its links lead."""
        return [at["href"] or "" for tag, at in self.elements if tag == "a" and "href" in at]

    def ids(self) -> list[str]:
        """Ids of its elements, in order."""
        return [at["id"] or "" for _, at in self.elements if "id" in at]

    def inputs(self) -> dict[str, str]:
        """Its inputs by name, hidden ones too: what a form of it posts."""
        return {
            at["name"] or "": at.get("value") or ""
            for tag, at in self.elements
            if tag == "input" and "name" in at
        }

    def count(self, tag: str) -> int:
        """How many elements of this kind it has."""
        return sum(name == tag for name, _ in self.elements)


class Browser:
    """Asks for pages as a browser does, without running any script."""

    def __init__(self, client: TestClient) -> None:  # type: ignore[type-arg]  # of any app
        self._client = client

    def get(self, path: str) -> Page:
        return self._page(self._client.get(path, headers={"accept": "text/html"}))

    def redirected(self, path: str) -> Page:
        """The answer itself, where it leads elsewhere."""
        return self._page(self._client.get(path, follow_redirects=False))

    def post(self, path: str, data: dict[str, str]) -> Page:
        return self._page(self._client.post(path, data=data, headers={"accept": "text/html"}))

    def _page(self, answer: object) -> Page:
        reader = _Reader()
        html: str = answer.text  # type: ignore[attr-defined]  # httpx's response
        if "html" in answer.headers.get("content-type", ""):  # type: ignore[attr-defined]
            reader.feed(html)
            assert not reader._open, f"left open: {reader._open}"
        return Page(
            status=answer.status_code,  # type: ignore[attr-defined]
            html=html,
            headers=dict(answer.headers),  # type: ignore[attr-defined]
            address=answer.url.raw_path.decode(),  # type: ignore[attr-defined]
            text=" ".join(" ".join(reader.texts).split()),
            elements=reader.elements,
        )


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """The project's folder."""
    return tmp_path


@pytest.fixture
def store() -> MemoryStore:
    """What the page shows."""
    return MemoryStore()


@pytest.fixture
def browser(project: Path, store: MemoryStore) -> Iterator[Browser]:
    """A browser on the whole server, with its door, headers and form tokens."""
    app = App(project)
    app._store = store
    server = create_server(app)
    with TestClient(server, base_url="http://127.0.0.1", raise_server_exceptions=False) as client:
        yield Browser(client)
