"""The container of old Office files (OLE) walked by hand: names and streams; knows nothing of their meaning."""

import struct
from dataclasses import dataclass

from indicators.reading.guard.archive import broken

MARK = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_LAST = 0xFFFFFFFA
_ENTRY = 128
_STREAM, _ROOT = 2, 5


@dataclass(frozen=True, slots=True)
class Compound:
    """A container that was walked: the whole file, its sectors' chain, its entries by name in lower case.

    entries: name → (type, first sector, size). small: the stream that holds the small streams.
    """

    content: bytes
    sector: int
    chain: tuple[int, ...]
    entries: dict[str, tuple[int, int, int]]
    small: bytes
    small_chain: tuple[int, ...]
    cutoff: int

    def stream(self, name: str) -> bytes | None:
        """The bytes of a stream, None when there is none of that name. Raises Refused where its chain is broken."""
        kind, first, size = self.entries.get(name.casefold(), (0, 0, 0))
        if kind != _STREAM:
            return None
        if size < self.cutoff:
            return _follow(self.small, 64, self.small_chain, first, 0)[:size]
        return _follow(self.content, self.sector, self.chain, first, 1)[:size]


def walk(content: bytes) -> Compound:
    """The container in these bytes. Raises Refused where it is damaged."""
    try:
        return _walk(content)
    except struct.error as error:
        raise broken() from error


def _walk(content: bytes) -> Compound:
    if len(content) < 512:
        raise broken()
    shift, small_shift = struct.unpack_from("<2H", content, 30)
    if shift not in {9, 12} or small_shift != 6:
        raise broken()
    sector = 1 << shift
    directory, _, cutoff, small_first, _, more, _ = struct.unpack_from("<I I I I I I I", content, 48)
    chain = _chain(content, sector, more)
    entries = _entries(_follow(content, sector, chain, directory, 1))
    root = next((entry for entry in entries.values() if entry[0] == _ROOT), None)
    small = _follow(content, sector, chain, root[1], 1) if root and root[1] < _LAST else b""
    listed = _follow(content, sector, chain, small_first, 1) if small_first < _LAST else b""
    small_chain = struct.unpack(f"<{len(listed) // 4}I", listed[: len(listed) // 4 * 4])
    return Compound(content, sector, chain, entries, small, small_chain, cutoff)


def _chain(content: bytes, sector: int, more: int) -> tuple[int, ...]:
    """Sector → the next one of the same stream, for all sectors."""
    places = [place for place in struct.unpack_from("<109I", content, 76) if place < _LAST]
    seen: set[int] = set()
    while more < _LAST:
        if more in seen:
            raise broken()
        seen.add(more)
        *found, more = struct.unpack_from(f"<{sector // 4}I", content, (more + 1) * sector)
        places.extend(place for place in found if place < _LAST)
    if len(places) > len(content) // sector + 1:
        raise broken()
    parts: list[int] = []
    for place in places:
        piece = content[(place + 1) * sector : (place + 2) * sector]
        parts.extend(struct.unpack(f"<{len(piece) // 4}I", piece[: len(piece) // 4 * 4]))
    return tuple(parts)


def _follow(content: bytes, sector: int, chain: tuple[int, ...], first: int, header: int) -> bytes:
    """The bytes of a chain of sectors; a chain that returns to itself, or leaves the file, is damage."""
    pieces: list[bytes] = []
    place = first
    while place < _LAST:
        if place >= len(chain) or len(pieces) > len(chain):
            raise broken()
        pieces.append(content[(place + header) * sector : (place + header + 1) * sector])
        place = chain[place]
    return b"".join(pieces)


def _entries(directory: bytes) -> dict[str, tuple[int, int, int]]:
    found: dict[str, tuple[int, int, int]] = {}
    for at in range(0, len(directory) - _ENTRY + 1, _ENTRY):
        length, kind = struct.unpack_from("<HB", directory, at + 64)
        if not kind or length > 64:
            continue
        name = directory[at : at + max(0, length - 2)].decode("utf-16-le", "replace").casefold()
        first, size = struct.unpack_from("<2I", directory, at + 116)
        found.setdefault(name, (kind, first, size))
    return found
