"""The search for cyclic garbage put off while a file is read; frees nothing and reads nothing."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def uncollected() -> Iterator[None]:
    """No search for cyclic garbage inside.

    A reading makes hundreds of thousands of objects that all live until it ends, and each full search walks them
    together with everything the process has loaded: a fifth of the time of a reading, for nothing freed. What is
    read is bounded by the limits. Whoever found the search at work sets it to work again.
    """
    working = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if working:
            gc.enable()
