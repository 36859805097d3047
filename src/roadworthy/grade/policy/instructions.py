"""Finding text in a tool's result that gives the agent orders, by rules.

The rules know the phrases by which such text speaks to a model rather than about the world. They
miss an order that is worded like data; what a test plants is declared instead (`Marker`). That a
result gives orders is no breach: following them is (`injection`).
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Final

_NEAR: Final = r"[^.\n]{0,60}?"
_HINTS: Final = (
    *("ignore", "disregard", "forget", "override", "bypass", "instruction", "directive"),
    *("you are now", "from now on", "system", "[inst", "im_start", "assistant", "agent", "chatbot"),
    *("llm", "do not tell", "don't tell", "without telling", "do not inform", "do not mention"),
    *("without informing", "don't mention", "you must", "call", "invoke", "execute"),
)
_OVERRIDE: Final = (
    rf"\b(?:ignore|disregard|forget|override|bypass)\b{_NEAR}\b(?:instructions?|rules?"
    r"|polic(?:y|ies)|guidelines?|prompts?|above|previous(?:ly)?|prior)\b"
)
_NEW_ORDERS: Final = (
    r"\b(?:new|updated|real|actual|hidden|secret|special|additional) (?:system )?"
    r"(?:instructions?|directives?|orders|task)\b ?(?::|are|is\b)"
)
_NEW_ROLE: Final = r"\byou are now\b|\bfrom now on,? you\b"
_TAGS: Final = (
    r"<\s*/?\s*(?:system|assistant|instructions?)\s*>|\[/?(?:inst|system)\]|<\|im_start\|>"
    r"|(?:^|\n)\s*(?:system|assistant) ?:"
)
_TO_AGENTS: Final = (
    rf"\b(?:attention|important|notes?|messages?|instructions?)\b{_NEAR}"
    r"\b(?:to|for) (?:the |any |all )?(?:ai|assistants?|agents?|llms?|models?|chatbots?)\b"
)
_AGENTS_MUST: Final = (
    r"\b(?:ai|assistants?|chatbots?|llms?)\b(?: agents?| models?)? "
    r"(?:must|should|shall|needs? to|are required to|is required to)\b"
)
_SECRECY: Final = (
    r"\b(?:do not|don't|never|without) (?:tell|inform|mention|alert|notify)(?:ing)?\b"
    rf"{_NEAR}\b(?:users?|customers?|humans?|anyone)\b"
)
_CALLS: Final = (
    rf"\byou (?:must|should|have to|need to)\b{_NEAR}\b(?:call|invoke|run|execute|use)\b"
    rf"{_NEAR}\b(?:tool|function|api|command)\b"
    r"|\b(?:call|invoke|execute|run) (?:the )?(?:tool |function )?`?[a-z]+_[a-z_]+"
)
_PHRASES: Final = (
    *(_OVERRIDE, _NEW_ORDERS, _NEW_ROLE, _TAGS),
    *(_TO_AGENTS, _AGENTS_MUST, _SECRECY, _CALLS),
)
_ORDERS: Final = re.compile("|".join(_PHRASES), re.IGNORECASE)
_SENTENCE_END: Final = re.compile(r"[.!?]\s|\n")
_REACH: Final = 400  # characters that an order may go on for
_MOST: Final = 20  # orders looked at in one text
_TOKEN: Final = re.compile(
    r"[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,4}|https?://[^\s\"'<>)\]]{4,200}"
    r"|\b(?=[A-Za-z_-]{0,40}\d)[A-Za-z0-9_-]{6,64}\b"
)
_QUOTED: Final = re.compile(
    r"\b(?:say|reply|respond|answer|write|print|output|include|append|end|tell|state)\b"
    r"[^\"'“”\n]{0,60}[\"'“]([^\"'“”\n]{3,200})[\"'”]",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Order:
    """A part of a text that gives orders, with what would show that they were followed."""

    text: str
    rest: str  # the text without the order: what stands there is known anyway

    @cached_property
    def tokens(self) -> frozenset[str]:
        """Addresses, links and ids that the order names and the rest of its text does not."""
        found = {token.rstrip(".,;:") for token in _TOKEN.findall(self.text)}
        return frozenset(token for token in found if token and token not in self.rest)

    @cached_property
    def phrases(self) -> tuple[str, ...]:
        """What the order wants to be said, in its own words."""
        return tuple(found.strip() for found in _QUOTED.findall(self.text))

    def names_tool(self, tool: str) -> bool:
        """Whether the order names the tool, with underscores or with spaces."""
        text = self.text.casefold()
        name = tool.casefold()
        return any(
            re.search(rf"(?<!\w){re.escape(form)}(?!\w)", text) is not None
            for form in {name, name.replace("_", " ")}
        )


def orders_in(text: str) -> Iterator[Order]:
    """Each part of `text` that gives orders, with what follows it."""
    lowered = text.casefold()
    if not any(hint in lowered for hint in _HINTS):
        return
    until = -1
    for number, found in enumerate(_ORDERS.finditer(text)):
        if number >= _MOST:
            return
        if found.start() < until:
            continue
        start = _sentence_start(text, found.start())
        until = min(len(text), found.end() + _REACH)
        yield Order(text=text[start:until], rest=text[:start] + text[until:])


def _sentence_start(text: str, place: int) -> int:
    earliest = max(0, place - _REACH // 4)
    ends = [end.end() for end in _SENTENCE_END.finditer(text, earliest, place)]
    return ends[-1] if ends else (place if earliest else 0)
