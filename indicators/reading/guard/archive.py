"""A zip file walked by hand and inflated in pieces, counting; knows nothing of what its entries mean."""

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from indicators.reading.guard.limits import MIB, Limits
from indicators.reading.refusal import Refused

CHUNK = 64 * 1024
_END = struct.Struct("<4s4H2LH")
_ENTRY = struct.Struct("<4s6H3L5H2L")
_LOCAL = struct.Struct("<4s5H3L2H")
_END_MARK, _ENTRY_MARK, _LOCAL_MARK = b"PK\x05\x06", b"PK\x01\x02", b"PK\x03\x04"
_STORED, _DEFLATED = 0, 8

DAMAGED = "文件已损坏或不完整，打不开；用 Excel 或 WPS 打开并另存后再上传"


@dataclass(frozen=True, slots=True)
class Entry:
    """A file inside the archive, as its directory tells: name, where its header and its data start, sizes."""

    name: str
    header: int
    start: int
    packed: int
    size: int
    method: int
    checksum: int


def broken() -> Refused:
    return Refused("damaged", DAMAGED)


def hostile(what: str) -> Refused:
    return Refused("hostile-archive", f"文件的压缩结构异常（{what}），不予导入；用 Excel 或 WPS 另存为新文件后再上传")


def entries(stream: BinaryIO, size: int, limits: Limits) -> list[Entry]:
    """The directory of the archive, checked: count, names, no overlaps, nothing encrypted.

    Raises Refused. Reads the directory and the local headers, no data.
    """
    count, offset, length = _end(stream, size)
    if count > limits.entries:
        raise Refused("too-many-entries", f"文件内部有 {count} 个部件，最多 {limits.entries} 个；另存为新文件后再上传")
    stream.seek(offset)
    directory = stream.read(length)
    found: list[Entry] = []
    at = 0
    for _ in range(count):
        entry, at = _entry(stream, directory, at)
        found.append(entry)
    if at != length:
        raise hostile("目录不一致")
    _check_names(found)
    _check_places(found, offset)
    return found


def _end(stream: BinaryIO, size: int) -> tuple[int, int, int]:
    """Entries, offset and length of the directory. It has to reach exactly to its end mark, that to the file's."""
    tail_size = min(size, _END.size + 0xFFFF)
    stream.seek(size - tail_size)
    tail = stream.read(tail_size)
    at = tail.rfind(_END_MARK)
    if at < 0 or at + _END.size > len(tail):
        raise broken()
    _, disk, first_disk, here, count, length, offset, comment = _END.unpack_from(tail, at)
    if at + _END.size + comment != len(tail):
        raise broken()
    if disk or first_disk or here != count or 0xFFFF in (here, count) or 0xFFFFFFFF in (length, offset):
        raise hostile("分卷或超大压缩包")
    if offset + length != size - tail_size + at:
        raise hostile("目录位置不符")
    return count, offset, length


def _entry(stream: BinaryIO, directory: bytes, at: int) -> tuple[Entry, int]:
    if at + _ENTRY.size > len(directory):
        raise broken()
    fields = _ENTRY.unpack_from(directory, at)
    mark, _, _, flags, method, _, _, checksum, packed, size = fields[:10]
    name_length, extra, comment, _, _, _, header = fields[10:]
    if mark != _ENTRY_MARK:
        raise broken()
    if flags & 0x1 or flags & 0x40:
        raise Refused("encrypted", "文件加了密码，读不出内容；去掉打开密码后再上传")
    if method not in {_STORED, _DEFLATED}:
        raise hostile("不常用的压缩方式")
    raw = directory[at + _ENTRY.size : at + _ENTRY.size + name_length]
    stream.seek(header)
    local = stream.read(_LOCAL.size + name_length)
    if len(local) < _LOCAL.size + name_length or local[:4] != _LOCAL_MARK:
        raise broken()
    local_method, local_name, local_extra = local[8:10], *_LOCAL.unpack_from(local)[9:11]
    if local_name != name_length or local[_LOCAL.size :] != raw or int.from_bytes(local_method, "little") != method:
        raise hostile("目录与内容不一致")
    name = raw.decode("utf-8" if flags & 0x800 else "cp437", "replace")
    start = header + _LOCAL.size + local_name + local_extra
    entry = Entry(name, header, start, packed, size, method, checksum)
    return entry, at + _ENTRY.size + name_length + extra + comment


def _check_names(found: list[Entry]) -> None:
    seen: set[str] = set()
    for entry in found:
        name = entry.name.replace("\\", "/")
        if name.startswith("/") or ":" in name or "\x00" in name or ".." in name.split("/"):
            raise hostile("部件路径指向文件之外")
        # Part names are the same in either case, so two of them could be told apart by one reader only.
        if name.casefold() in seen:
            raise hostile("部件重名")
        seen.add(name.casefold())


def _check_places(found: list[Entry], directory: int) -> None:
    """No entry's data reaches into the next one: overlapping ones inflate the same bytes again and again."""
    end = 0
    for entry in sorted(found, key=lambda one: one.header):
        if entry.header < end:
            raise hostile("部件互相重叠")
        end = entry.start + entry.packed
    if end > directory:
        raise hostile("部件互相重叠")


@dataclass(slots=True)
class Meter:
    """Bytes inflated so far over all entries of one file."""

    total: int = 0


def inflate(stream: BinaryIO, entry: Entry, limits: Limits, meter: Meter) -> Iterator[bytes]:
    """The entry's bytes in pieces of at most 64 KiB, refused as soon as any limit is passed."""
    size = checksum = 0
    for piece in _pieces(stream, entry):
        size += len(piece)
        meter.total += len(piece)
        if size > limits.entry_size or meter.total > limits.inflated_size:
            top = limits.inflated_size // MIB
            raise Refused("too-large-inflated", f"文件解压后超过 {top} MB，不予导入；拆成几个文件后再上传")
        if size > limits.ratio_from and size > entry.packed * limits.ratio:
            raise Refused("bomb", "文件压缩比异常，疑似压缩炸弹，不予导入；用 Excel 或 WPS 另存为新文件后再上传")
        checksum = zlib.crc32(piece, checksum)
        yield piece
    if size != entry.size or checksum != entry.checksum:
        raise broken()


def _pieces(stream: BinaryIO, entry: Entry) -> Iterator[bytes]:
    stream.seek(entry.start)
    left = entry.packed
    unpack = zlib.decompressobj(-15) if entry.method == _DEFLATED else None
    while left > 0 and not (unpack and unpack.eof):
        data = stream.read(min(CHUNK, left))
        if not data:
            raise broken()
        left -= len(data)
        if unpack is None:
            yield data
        else:
            yield from _unpacked(unpack, data)
    if unpack is not None and not unpack.eof:
        raise broken()


def _unpacked(unpack: "zlib._Decompress", data: bytes) -> Iterator[bytes]:
    while data and not unpack.eof:
        try:
            piece = unpack.decompress(data, CHUNK)
        except zlib.error as error:
            raise broken() from error
        data = unpack.unconsumed_tail
        if piece:
            yield piece
        elif not data:
            return
