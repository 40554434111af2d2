"""Places in a class of assessed bodies (排名), by unrounded values."""

from collections import defaultdict
from collections.abc import Hashable, Mapping
from decimal import Decimal
from typing import TypeVar

Key = TypeVar("Key", bound=Hashable)


def rank(values: Mapping[Key, Decimal], classes: Mapping[Key, Hashable] | None = None) -> dict[Key, int]:
    """Each body's place within its class, the highest value first; equal values share one (1, 2, 2, 4).

    values: the bodies of the round and no others; unrounded, so that 81.344 stands before 81.336.
    classes: body → its class (甲类、乙类 …); None puts all in one. Bodies that are in no round are not ranked.
    Raises ValueError when a body has no class.

    >>> rank({"甲": Decimal(90), "乙": Decimal(85), "丙": Decimal(85), "丁": Decimal(60)})
    {'甲': 1, '乙': 2, '丙': 2, '丁': 4}
    """
    if classes is not None and values.keys() - classes.keys():
        raise ValueError(f"without a class: {list(values.keys() - classes.keys())}")
    peers: defaultdict[Hashable, list[Key]] = defaultdict(list)
    for body in values:
        peers[classes[body] if classes is not None else None].append(body)
    places: dict[Key, int] = {}
    for bodies in peers.values():
        places.update(_places({body: values[body] for body in bodies}))
    return {body: places[body] for body in values}


def _places(values: Mapping[Key, Decimal]) -> dict[Key, int]:
    first: dict[Decimal, int] = {}
    for place, value in enumerate(sorted(values.values(), reverse=True), start=1):
        first.setdefault(value, place)
    return {body: first[value] for body, value in values.items()}
