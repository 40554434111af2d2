"""Which rows of a table look otherwise after indicators were moved, added or retired; reckons with ids only."""

from collections.abc import Iterable, Sequence

from indicators.listing.outline import Node, bodies
from indicators.models import Amendment


class Shape:
    """The rows of a skeleton in their order, and what stands above each."""

    def __init__(self, nodes: Sequence[Node]) -> None:
        self.parent = {node.id: node.parent for node in nodes}
        self.rows = [node.id for node in bodies(nodes)]
        # indicator → places of its first and its last row; a row is its own
        self.first: dict[int, int] = {}
        self.last: dict[int, int] = {}
        for place, pk in enumerate(self.rows):
            for one in (pk, *self.above(pk)):
                self.first.setdefault(one, place)
                self.last[one] = place

    def above(self, pk: int) -> list[int]:
        """What it stands under, the nearest first."""
        path: list[int] = []
        current = self.parent.get(pk)
        while current is not None:
            path.append(current)
            current = self.parent.get(current)
        return path

    def of(self, chapter: int) -> list[int]:
        """The chapter's rows."""
        return self.rows[self.first[chapter] : self.last[chapter] + 1] if chapter in self.first else []

    def unlike(self, lines: Iterable[Amendment]) -> set[int]:
        """Rows to be drawn anew: what was moved, the row behind it, and where merged cells around it begin.

        A row's merged cells begin or end with it only where the row before it came, went or moved: so it stands behind
        something moved, or is now the first below something that a line names.
        """
        places: set[int] = set()
        for one in lines:
            if one.indicator_id in self.first:
                places.update(range(self.first[one.indicator_id], self.last[one.indicator_id] + 2))
            for parent in parents(one):
                places.update(self.first[above] for above in (parent, *self.above(parent)) if above in self.first)
        return {self.rows[place] for place in places if place < len(self.rows)}


def parents(line: Amendment) -> set[int]:
    """What the indicator stood under before the line, after it, and stands under now."""
    places = [line.detail.get(which) or {} for which in ("old", "new")]
    found = [place.get("parent") for place in places if isinstance(place, dict)]
    return {pk for pk in (*found, line.indicator and line.indicator.parent_id) if pk}
