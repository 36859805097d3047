"""Models at providers, through pydantic-ai: OpenAI, Anthropic, and what speaks OpenAI's API.

One request, no second try: pausing and asking again is `judge_tries`. Errors are told in our own
words: what a provider writes may hold the key, or what was judged.
"""

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from roadworthy.app.settings import JudgeSettings
from roadworthy.base.codec import canonical
from roadworthy.base.ids import hex_digest
from roadworthy.grade.judge.judge import Answer, ModelUnavailable
from roadworthy.grade.judge.prompt import Prompt
from roadworthy.records.usage import Usage

if TYPE_CHECKING:
    from pydantic_ai.exceptions import ModelHTTPError
    from pydantic_ai.messages import ModelResponse
    from pydantic_ai.models import Model, ModelRequestParameters
    from pydantic_ai.settings import ModelSettings

_NO_KEY: Final = "none"  # servers that need no key; the client wants one
_NO_ANSWER: Final = "no answer of a model came back"
_CODE: Final = re.compile(r"[a-z_]{1,60}")  # a word of the API, too plain to hold a secret
_LASTING: Final[Mapping[int, str]] = {
    401: "the key was refused",
    402: "the account has no credit",
    403: "the key may not use this model",
    404: "there is no such model or address",
}
_NO_CREDIT: Final = frozenset({"insufficient_quota", "billing_error"})
_AGAIN: Final = frozenset({408, 409, 425, 429, 500, 502, 503, 504, 529})


class ProviderModel:
    """A `JudgeModel` behind a provider's API; connects when it is first asked."""

    def __init__(self, settings: JudgeSettings, *, key: str | None, base_url: str | None) -> None:
        self._settings = settings
        self._key = key
        self._base_url = base_url
        self._model: Model | None = None
        self._client: Any = None

    @property
    def model(self) -> str:
        """``provider:model``, with the temperature where one is set."""
        heat = self._settings.temperature
        name = f"{self._settings.provider}:{self._settings.model}"
        return name if heat is None else f"{name} t={heat:g}"

    @property
    def identity(self) -> str:
        """Model, address and settings, as a digest."""
        one = self._settings
        parts = [self.model, self._base_url, one.max_output_tokens, one.structured]
        return hex_digest(canonical(parts))

    def open(self) -> None:
        """Load the client."""
        import pydantic_ai.direct  # noqa: F401, PLC0415 - takes a second to load

        self._opened()

    async def answer(self, prompt: Prompt) -> Answer:
        """Ask once. Raises `ModelUnavailable`."""
        from pydantic_ai.exceptions import ContentFilterError  # noqa: PLC0415 - slow to load

        try:
            return _answer(await self._request(prompt))
        except ContentFilterError:
            return Answer(text="", refused=True)
        except Exception as error:  # noqa: BLE001 - clients raise what they like on hostile replies
            raise _told(error) from None

    async def _request(self, prompt: Prompt) -> "ModelResponse":
        from pydantic_ai.direct import model_request  # noqa: PLC0415 - takes a second to load
        from pydantic_ai.messages import ModelRequest  # noqa: PLC0415 - the same

        return await model_request(
            self._opened(),
            [ModelRequest.user_text_prompt(prompt.user, instructions=prompt.system)],
            model_settings=self._model_settings(),
            model_request_parameters=self._parameters(prompt),
            instrument=False,
        )

    async def close(self) -> None:
        """Give connections back."""
        if self._client is not None:
            await self._client.close()
            self._client = self._model = None

    def _opened(self) -> "Model":
        if self._model is None:
            anthropic = self._settings.provider == "anthropic"
            self._model = self._anthropic() if anthropic else self._openai()
        return self._model

    def _openai(self) -> "Model":
        from openai import AsyncOpenAI, DefaultAsyncHttpxClient  # noqa: PLC0415 - slow to load
        from pydantic_ai.models.openai import OpenAIChatModel  # noqa: PLC0415 - the same
        from pydantic_ai.providers.openai import OpenAIProvider  # noqa: PLC0415 - the same

        from roadworthy.app.judging.response import bound  # noqa: PLC0415 - the same

        self._client = AsyncOpenAI(
            api_key=self._key or _NO_KEY,
            base_url=self._base_url,
            max_retries=0,
            http_client=DefaultAsyncHttpxClient(event_hooks={"response": [bound]}),
        )
        provider = OpenAIProvider(openai_client=self._client)
        return OpenAIChatModel(self._settings.model, provider=provider)

    def _anthropic(self) -> "Model":
        from anthropic import AsyncAnthropic, DefaultAsyncHttpxClient  # noqa: PLC0415 - slow to load
        from pydantic_ai.models.anthropic import AnthropicModel  # noqa: PLC0415 - the same
        from pydantic_ai.providers.anthropic import AnthropicProvider  # noqa: PLC0415 - the same

        from roadworthy.app.judging.response import bound  # noqa: PLC0415 - the same

        self._client = AsyncAnthropic(
            api_key=self._key or _NO_KEY,
            base_url=self._base_url,
            max_retries=0,
            http_client=DefaultAsyncHttpxClient(event_hooks={"response": [bound]}),
        )
        provider = AnthropicProvider(anthropic_client=self._client)
        return AnthropicModel(self._settings.model, provider=provider)

    def _model_settings(self) -> "ModelSettings":
        from pydantic_ai.settings import ModelSettings  # noqa: PLC0415 - takes a second to load

        one = self._settings
        settings = ModelSettings(max_tokens=one.max_output_tokens, timeout=one.timeout_s)
        if one.temperature is not None:
            settings["temperature"] = one.temperature
        return settings

    def _parameters(self, prompt: Prompt) -> "ModelRequestParameters":
        """With the schema where the model takes one; the prompt describes the form anyway."""
        from pydantic_ai.models import ModelRequestParameters  # noqa: PLC0415 - slow to load
        from pydantic_ai.output import OutputObjectDefinition  # noqa: PLC0415 - the same

        takes_schema = self._opened().profile.get("supports_json_schema_output", False)
        if not (self._settings.structured and takes_schema):
            return ModelRequestParameters()
        schema = OutputObjectDefinition(json_schema=prompt.schema, name="verdict", strict=True)
        return ModelRequestParameters(output_mode="native", output_object=schema)


def _answer(response: "ModelResponse") -> Answer:
    from pydantic_ai.messages import TextPart  # noqa: PLC0415 - takes a second to load

    text = "".join(part.content for part in response.parts if isinstance(part, TextPart))
    details = response.provider_details or {}
    refused = response.finish_reason == "content_filter" or "refusal" in details
    said = text or str(details.get("refusal", ""))
    return Answer(text=said, usage=_usage(response), refused=refused)


def _usage(response: "ModelResponse") -> Usage:
    """Tokens, where the server counted them; it says nothing with zeros."""
    used = response.usage
    if not (used.input_tokens or used.output_tokens):
        return Usage()
    return Usage(input_tokens=used.input_tokens, output_tokens=used.output_tokens)


def _told(error: Exception) -> ModelUnavailable:
    """A client's error in our words."""
    from pydantic_ai.exceptions import (  # noqa: PLC0415 - takes a second to load
        ModelAPIError,
        ModelHTTPError,
        UnexpectedModelBehavior,
    )

    from roadworthy.app.judging.response import too_long_in  # noqa: PLC0415 - the same

    if (long := too_long_in(error)) is not None:
        return ModelUnavailable(str(long), was_billed=True)
    match error:
        case ModelHTTPError():
            return _told_status(error)
        case ModelAPIError():
            sent = getattr(error, "phase", "read") not in ("pool", "connect")
            reached = _NO_ANSWER if sent else "it cannot be reached"
            return ModelUnavailable(reached, again=True, was_billed=sent)
        case UnexpectedModelBehavior():
            return ModelUnavailable(_NO_ANSWER, again=True, was_billed=True)
        case _:
            why = f"the client failed with {type(error).__name__}"
            return ModelUnavailable(why, was_billed=True)


def _told_status(error: "ModelHTTPError") -> ModelUnavailable:
    code = error.provider_error_code
    named = code if code is not None and _CODE.fullmatch(code) else ""
    said = f"HTTP {error.status_code} {named}".rstrip()
    if named in _NO_CREDIT:
        return ModelUnavailable(f"the account has no credit ({said})", lasting=True)
    if error.status_code in _LASTING:
        return ModelUnavailable(f"{_LASTING[error.status_code]} ({said})", lasting=True)
    if error.status_code in _AGAIN:
        return ModelUnavailable(f"it answered {said}", again=True, wait_s=error.retry_after)
    return ModelUnavailable(f"it refused the request ({said})")
