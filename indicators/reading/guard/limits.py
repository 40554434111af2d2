"""The numbers an upload has to keep, in one place."""

from dataclasses import dataclass

MIB = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Limits:
    """How large a ledger file may be. Sizes in bytes, areas in cells, `cpu_seconds` of the guard itself."""

    file_size: int = 10 * MIB
    entries: int = 500
    entry_size: int = 80 * MIB
    inflated_size: int = 150 * MIB
    ratio: int = 100
    ratio_from: int = MIB
    sheets: int = 50
    last_row: int = 20_000
    columns: int = 64
    cells: int = 400_000
    merges: int = 20_000
    merged_area: int = 200_000
    text_length: int = 4_000
    elements: int = 2_500_000
    depth: int = 64
    cpu_seconds: float = 1.8
