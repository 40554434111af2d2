"""The queue of one machine: what a worker takes from it is whole, also when it looks at the very moment of writing."""

import threading
from pathlib import Path
from queue import Empty

from django.conf import settings
from kombu import Connection
from kombu.exceptions import ChannelError

from config.celery import app
from config.env import broker


def _channel(folder: Path) -> object:
    address, options = broker(folder, "", local=True)
    return Connection(address, transport="config.whole_messages:Transport", transport_options=options).channel()


def test_the_product_uses_it_where_there_is_no_redis() -> None:
    with app.connection_for_write() as connection:
        kind = "redis" if settings.REDIS_URL else "config.whole_messages"
        assert kind in type(connection.transport).__module__


def test_no_message_is_taken_while_it_is_being_written(tmp_path: Path) -> None:
    writer, reader = _channel(tmp_path), _channel(tmp_path)
    payload, count, taken = {"body": ["x" * 100] * 2000}, 60, []

    def write() -> None:
        for _ in range(count):
            writer._put("imports", payload)  # type: ignore[attr-defined]

    thread = threading.Thread(target=write)
    thread.start()
    while thread.is_alive() or any((tmp_path / "queue" / "messages").iterdir()):
        try:
            taken.append(reader._get("imports"))  # type: ignore[attr-defined]
        except Empty:
            continue
    thread.join()
    assert len(taken) == count
    assert all(one == payload for one in taken)


def test_what_could_not_be_written_leaves_nothing(tmp_path: Path) -> None:
    channel = _channel(tmp_path)
    folder = tmp_path / "queue" / "messages"
    folder.rmdir()
    try:
        channel._put("imports", {"body": "x"})  # type: ignore[attr-defined]
    except ChannelError:
        folder.mkdir()
    assert not any(folder.iterdir())
