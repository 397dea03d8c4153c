"""Show the `>>>` examples of docstrings as code in the reference (Markdown would quote them)."""

import re
from typing import Any

from griffe import Extension, Object

_EXAMPLE = re.compile(r"^>>> .*(?:\n(?!\n).+)*(?:\n(?:>>> |\.\.\. ).*(?:\n(?!\n).+)*)*", re.MULTILINE)


class DoctestBlocks(Extension):
    """Puts every doctest of a docstring between fences."""

    def on_instance(self, *, obj: Object, **_: Any) -> None:
        """Called by griffe for every object it has read."""
        if obj.docstring is not None and ">>> " in obj.docstring.value:
            obj.docstring.value = _EXAMPLE.sub(lambda m: f"```pycon\n{m[0]}\n```", obj.docstring.value)
