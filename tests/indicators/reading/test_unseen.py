"""Ledgers of other offices, of shapes that real ones have: what a clerk sees by eye is what is read."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.indicators.reading import books
from tests.indicators.reading.unseen import duties, later, more, odd, openness, typed_files
from tests.indicators.reading.unseen.made import Made, Seen

MADE = (*openness.ALL, *duties.ALL, *odd.ALL, *later.ALL, *more.ALL, *typed_files.ALL)
Fact = tuple[str, object, object]


@pytest.mark.parametrize("made", MADE, ids=lambda made: made.name)
def test_what_a_clerk_sees_is_what_is_read(made: Made, tmp_path: Path) -> None:
    wrong = [fact for fact in facts(made, tmp_path) if fact[1] != fact[2]]
    assert not wrong, "\n".join(f"{what}: {seen!r} seen, {read!r} read" for what, seen, read in wrong)


def facts(made: Made, folder: Path) -> Iterator[Fact]:
    """What is looked at, what is seen there and what is read, one after another."""
    path = folder / made.name
    path.write_bytes(made.content)
    ledgers = books.printed(path)["ledgers"]
    yield "ledgers", len(made.seen), len(ledgers)
    for seen, ledger in zip(made.seen, ledgers, strict=False):
        yield from _facts(seen, ledger)


def _facts(seen: Seen, ledger: books.Json) -> Iterator[Fact]:
    nodes = ledger["nodes"]
    plain = {
        "title": (seen.title, ledger["title"]),
        "issuer": (seen.issuer, ledger["issuer"]),
        "year": (seen.year, ledger["year"]),
        "depth": (seen.depth, ledger["depth"]),
        "items": (seen.items, len(books.items(ledger))),
        "declared": (seen.declared, ledger["declared_total"]),
        "listed": (seen.listed, ledger["listed_total"]),
        "stated": (seen.stated, ledger["stated_total"]),
    }
    yield from ((what, want, got) for what, (want, got) in plain.items() if want is not None)
    if seen.tops:
        tops = [f"{node['name']} {node['declared'] or '-'}" for node in nodes if node["parent"] is None]
        yield from zip_facts("top", seen.tops.split("; "), tops)
    if seen.adjustments is not None:
        told = [f"{one['kind']} {one['points'] or '-'}" for one in ledger["adjustments"]]
        yield "adjustments", seen.adjustments, "; ".join(told)
    codes = {finding["code"] for finding in ledger["findings"]}
    yield from ((f"says {code}", True, code in codes) for code in seen.says.split())
    yield from _of_nodes(seen, nodes)


def zip_facts(what: str, seen: list[str], read: list[str]) -> Iterator[Fact]:
    for at in range(max(len(seen), len(read))):
        yield f"{what} {at + 1}", (seen[at] if at < len(seen) else None), (read[at] if at < len(read) else None)


def _of_nodes(seen: Seen, nodes: list[books.Json]) -> Iterator[Fact]:
    by_id = {node["id"]: node for node in nodes}

    def find(start: str) -> books.Json:
        named = [node for node in nodes if node["name"].startswith(start)]
        told = [node for node in nodes if (node["criteria"] or "").startswith(start)]
        return next(iter([*named, *told]), {})

    for start, want in seen.points.items():
        yield f"points of {start}", want, find(start).get("declared")
    for start, want in seen.units.items():
        told = [f"{one['name']} {one['role']}" for one in find(start).get("responsibilities", ())]
        yield f"units of {start}", sorted(want.split(", ")), sorted(told)
    for start, want in seen.methods.items():
        yield f"methods of {start}", want, "+".join(find(start).get("methods", ()))
    for start, want in seen.under.items():
        parent = by_id.get(find(start).get("parent"), {})
        yield f"above {start}", want, parent.get("name")
