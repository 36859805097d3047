"""HEAD: what GET would answer, without the body. A layer around the application.

Handlers are for GET; asking for the head alone is answered by running them and holding the body
back. An answer that would go on for ever ends with its head.
"""

from typing import Any

from litestar.types import ASGIApp, Message, Receive, Scope, Send


def answering_head(app: ASGIApp) -> ASGIApp:
    """`app`, which also takes HEAD where it takes GET."""

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        if scope.get("method") != "HEAD":  # a websocket has none
            await app(scope, receive, send)
            return
        asked: Any = {**scope, "method": "GET"}

        async def send_head(message: Message) -> None:
            if message["type"] == "http.response.start":
                await send(message)
                await send({"type": "http.response.body", "body": b"", "more_body": False})

        await app(asked, receive, send_head)

    return answer
