"""Who labels: whoever came in with a key is called as the key is; else they say."""

from roadworthy.app.app import App
from roadworthy.app.reviewing.review import annotator_named
from roadworthy.base.errors import BadRequest
from roadworthy.server.visitor import Visitor


def annotator_of(app: App, visitor: Visitor, said: str | None) -> str:
    """The annotator's name. Where there are keys nobody labels in another's name.

    Raises:
        BadRequest: nobody is named, or another than the key's owner.
    """
    if visitor.way in ("key", "session"):
        if said not in (None, "", visitor.name):
            raise BadRequest(
                "a key labels in its own name only", hint="leave the annotator out of the request"
            )
        return annotator_named(app, visitor.name)
    return annotator_named(app, said or None)
