"""The signs of the page: 16 by 16, drawn by strokes in the colour of the text around them."""

from collections.abc import Mapping
from typing import Final

from markupsafe import Markup

ICONS: Final[Mapping[str, Markup]] = {
    "alert": Markup('<path d="M8 2.5L14.2 13.5H1.8zM8 6.5v3.2M8 11.6v.2"/>'),
    "check": Markup('<path d="M3.5 8.5l3 3 6-7"/>'),
    "copy": Markup(
        '<rect x="5.5" y="5.5" width="8" height="8" rx="1.5"/>'
        '<path d="M10.5 3.2A1.5 1.5 0 0 0 9.3 2.5H4A1.5 1.5 0 0 0 2.5 4v5.3c0 .5.3 1 .7 1.2"/>'
    ),
    "cross": Markup('<path d="M4 4l8 8M12 4l-8 8"/>'),
    "dash": Markup('<path d="M3.5 8h9"/>'),
    "dot": Markup('<circle class="solid" cx="8" cy="8" r="3.5"/>'),
    "down": Markup('<path d="M8 3v9.5M4 8.8l4 4 4-4"/>'),
    "download": Markup('<path d="M8 2.5v7.5M4.7 7L8 10.3 11.3 7M2.8 13.3h10.4"/>'),
    "half": Markup('<circle cx="8" cy="8" r="5"/><path class="solid" d="M8 3a5 5 0 0 1 0 10z"/>'),
    "left": Markup('<path d="M10 3.5L5.5 8l4.5 4.5"/>'),
    "model": Markup('<path d="M8 2l1.5 4.5L14 8l-4.5 1.5L8 14l-1.5-4.5L2 8l4.5-1.5z"/>'),
    "pause": Markup('<path d="M5.5 3.5v9M10.5 3.5v9"/>'),
    "person": Markup(
        '<circle cx="8" cy="5.5" r="2.8"/>'
        '<path d="M2.8 13.8c.6-3 2.6-4.3 5.2-4.3s4.6 1.3 5.2 4.3"/>'
    ),
    "plus": Markup('<path d="M8 3v10M3 8h10"/>'),
    "right": Markup('<path d="M6 3.5l4.5 4.5L6 12.5"/>'),
    "ring": Markup('<circle cx="8" cy="8" r="4"/>'),
    "search": Markup('<circle cx="7" cy="7" r="4.3"/><path d="M10.3 10.3l3.4 3.4"/>'),
    "split": Markup('<path d="M8 14V9M8 9L4 5V2.5M8 9l4-4V2.5"/>'),
    "tilde": Markup('<path d="M3 9c1.4-2.6 3.2-2.6 5-1s3.6 1.6 5-1"/>'),
    "tool": Markup(
        '<path d="M9.8 2.7a3.5 3.5 0 0 0-3.3 4.7L2.5 11.4l2.1 2.1 4-4'
        'a3.5 3.5 0 0 0 4.6-4.3L11 7.3 8.7 5z"/>'
    ),
    "up": Markup('<path d="M8 13V3.5M4 7.2l4-4 4 4"/>'),
}
