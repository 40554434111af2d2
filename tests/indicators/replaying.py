"""A ledger's tree from its amendments alone, by plain lists: what the stored tree is compared with. Knows no mptt."""

from collections.abc import Iterable, Sequence

from indicators.models import Amendment

Outline = list[tuple[int, int | None, bool]]


class Tree:
    """Children of each indicator in their order, and which are retired; `None` is nobody's child."""

    def __init__(self, outline: Sequence[tuple[int, int | None, bool]]) -> None:
        self.children: dict[int | None, list[int]] = {None: []}
        self.retired: set[int] = set()
        for pk, parent, retired in outline:
            self.children.setdefault(parent, []).append(pk)
            self.children.setdefault(pk, [])
            if retired:
                self.retired.add(pk)

    def replay(self, amendments: Iterable[Amendment]) -> None:
        """Each one as it is written down, the oldest first."""
        for one in amendments:
            pk = one.indicator_id
            assert pk is not None
            if one.action in (Amendment.Action.ADDED, Amendment.Action.MOVED):
                self._put(pk, one.detail["new"])
            elif one.action == Amendment.Action.RETIRED:
                self.retired.update(one.detail["ids"])
            elif one.action == Amendment.Action.RESTORED:
                self.retired.difference_update(one.detail["ids"])

    def _put(self, pk: int, place: dict[str, int | None]) -> None:
        for line in self.children.values():
            if pk in line:
                line.remove(pk)
        line = self.children[place["parent"]]
        after = place["after"]
        at = line.index(after) + 1 if after is not None else 0
        before = line[at] if at < len(line) else None
        assert before == place["before"], f"{pk} stands before {place['before']}, replayed before {before}"
        line.insert(at, pk)
        self.children.setdefault(pk, [])

    def outline(self) -> Outline:
        """Every node below the root, parents before children."""
        found: Outline = []

        def walk(parent: int | None) -> None:
            for pk in self.children[parent]:
                found.append((pk, parent, pk in self.retired))
                walk(pk)

        walk(None)
        return found
