"""The file of a backup: a zip whose manifest names each part with its size and SHA-256. Knows no database."""

import hashlib
import json
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO, Any

MANIFEST = "manifest.json"
FORMAT = "assessment-backup-1"
PIECE = 1024 * 1024
# what zipfile and json raise over bytes that were changed or cut off; RuntimeError: an entry says it has a password
_FAULTS = (zipfile.BadZipFile, zlib.error, OSError, EOFError, ValueError, KeyError, TypeError, RuntimeError)


class Damaged(Exception):
    """The file is no backup, or not as it was written; the words say what is wrong."""


@dataclass(frozen=True, slots=True)
class Part:
    """One entry of the zip. rows: how many lines a table has; None for a file."""

    name: str
    size: int
    sha256: str
    rows: int | None = None


class Writer:
    """Parts are written one after the other, the manifest last."""

    def __init__(self, file: IO[bytes]) -> None:
        self._zip = zipfile.ZipFile(file, "w", allowZip64=True)
        self.parts: list[Part] = []

    def table(self, name: str, lines: Iterable[bytes]) -> Part:
        """A table's rows, one a line."""
        return self._add(f"tables/{name}.jsonl", (line + b"\n" for line in lines), zipfile.ZIP_DEFLATED, counted=True)

    def file(self, name: str, content: IO[bytes]) -> Part:
        return self._add(f"files/{name}", iter(lambda: content.read(PIECE), b""), zipfile.ZIP_STORED, counted=False)

    def _add(self, name: str, pieces: Iterable[bytes], how: int, *, counted: bool) -> Part:
        digest, size, count = hashlib.sha256(), 0, 0
        info = zipfile.ZipInfo(name)
        info.compress_type = how
        with self._zip.open(info, "w", force_zip64=True) as entry:
            for piece in pieces:
                entry.write(piece)
                digest.update(piece)
                size += len(piece)
                count += 1
        part = Part(name, size, digest.hexdigest(), count if counted else None)
        self.parts.append(part)
        return part

    def close(self, about: Mapping[str, Any]) -> None:
        parts = [{"name": p.name, "size": p.size, "sha256": p.sha256, "rows": p.rows} for p in self.parts]
        manifest = {"format": FORMAT, **about, "parts": parts}
        self._zip.writestr(MANIFEST, json.dumps(manifest, ensure_ascii=False, indent=1))
        self._zip.close()


class Reader:
    """A backup whose every part was compared with the manifest before anything is taken from it."""

    def __init__(self, path: Path) -> None:
        try:
            self._zip = zipfile.ZipFile(path)
            self.about: dict[str, Any] = json.loads(self._zip.read(MANIFEST))
            self.parts = [Part(p["name"], p["size"], p["sha256"], p["rows"]) for p in self.about["parts"]]
        except FileNotFoundError:
            raise
        except _FAULTS as error:
            raise Damaged("文件不是备份，或已损坏") from error
        self._check()

    def _check(self) -> None:
        if self.about.get("format") != FORMAT:
            raise Damaged("不认识的备份格式")
        named = [part.name for part in self.parts]
        if sorted([*named, MANIFEST]) != sorted(self._zip.namelist()):
            raise Damaged("备份里的内容与清单不一致")
        for part in self.parts:
            self._check_part(part)

    def _check_part(self, part: Part) -> None:
        path = PurePosixPath(part.name)
        if path.is_absolute() or ".." in path.parts or path.parts[:1] not in {("tables",), ("files",)}:
            raise Damaged(f"备份里有不该有的路径：{part.name}")
        digest, size = hashlib.sha256(), 0
        try:
            with self._zip.open(part.name) as entry:
                while piece := entry.read(PIECE):
                    digest.update(piece)
                    size += len(piece)
        except _FAULTS as error:
            raise Damaged(f"备份里的 {part.name} 已损坏") from error
        if (size, digest.hexdigest()) != (part.size, part.sha256):
            raise Damaged(f"备份里的 {part.name} 与清单不一致")

    def tables(self) -> dict[str, Part]:
        """Table → its part."""
        return {
            part.name.removeprefix("tables/").removesuffix(".jsonl"): part
            for part in self.parts
            if part.name.startswith("tables/")
        }

    def lines(self, part: Part) -> Iterator[bytes]:
        with self._zip.open(part.name) as entry:
            for line in entry:
                yield line.rstrip(b"\n")

    def files(self) -> dict[str, Part]:
        """Name in the storage → its part."""
        return {part.name.removeprefix("files/"): part for part in self.parts if part.name.startswith("files/")}

    def open(self, part: Part) -> IO[bytes]:
        return self._zip.open(part.name)
