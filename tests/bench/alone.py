"""Read one large file in a process that has loaded nothing but the reader, and print what that took."""

import json
import resource
import sys
import time
from pathlib import Path

from indicators.reading import Limits, read

# What an installation would set that wants to read 50,000 rows.
RAISED = Limits(
    last_row=60_000,
    cells=1_000_000,
    merges=100_000,
    merged_area=1_000_000,
    ratio=1_000,
    elements=5_000_000,
    cpu_seconds=30,
)


def main(path: Path) -> None:
    """Print milliseconds, the most megabytes ever held, and how many items were read."""
    content = path.read_bytes()
    start = time.perf_counter()
    (found,) = read(path.name, content, RAISED).ledgers
    taken = (time.perf_counter() - start) * 1000
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps([taken, most, sum(node.is_item for node in found.nodes)]))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
