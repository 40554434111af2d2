"""Celery's filesystem broker, but for one thing: a message appears in its folder only once it is whole.

Kombu's own transport writes it in place, and a worker that looks at that moment takes half of it.
"""

from pathlib import Path
from time import monotonic
from typing import Any, cast
from uuid import uuid4

from kombu.exceptions import ChannelError
from kombu.transport import filesystem
from kombu.utils.json import dumps


class Channel(filesystem.Channel):
    """Messages are written beside their place under a name no worker looks for, and moved there."""

    def _put(self, queue: str, payload: Any, **_: Any) -> None:  # type: ignore[override]  # kombu names it thus
        name = f"{round(monotonic() * 1000)}_{uuid4()}.{queue}.msg"
        part = Path(self.data_folder_out, f"{name}.part")
        try:
            part.write_text(str(cast(Any, dumps)(payload)))
            part.rename(part.with_name(name))
        except OSError as problem:
            part.unlink(missing_ok=True)
            raise ChannelError(f"Cannot add {name} to the queue's folder") from problem


class Transport(filesystem.Transport):
    """Named in CELERY_BROKER_TRANSPORT."""

    Channel = Channel
