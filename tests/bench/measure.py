"""How a bench measures and prints: median and 95th percentile, beside what the machine itself wavers."""

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Figure:
    """Milliseconds (or MB) of one bench."""

    label: str
    median: float
    p95: float
    goal: float
    unit: str = "ms"

    def line(self) -> str:
        """One row of the printed table."""
        verdict = "within" if self.median <= self.goal else "OVER"
        numbers = f"{self.median:>9.1f} {self.p95:>9.1f} {self.goal:>8.0f} {self.unit}"
        return f"{self.label:<58}{numbers}  {verdict}"


def measure(label: str, goal: float, work: Callable[[], object], *, times: int = 15, warm: int = 2) -> Figure:
    """The figure of `work`, called `warm` times unmeasured and `times` times measured. goal: milliseconds."""
    for _ in range(warm):
        work()
    taken = []
    for _ in range(times):
        start = time.perf_counter()
        work()
        taken.append((time.perf_counter() - start) * 1000)
    return figure(label, goal, taken)


def figure(label: str, goal: float, taken: list[float], unit: str = "ms") -> Figure:
    """Median and 95th percentile of what was taken."""
    ordered = sorted(taken)
    return Figure(label, statistics.median(ordered), ordered[max(0, round(len(ordered) * 0.95) - 1)], goal, unit)


def noise() -> str:
    """How much a fixed piece of arithmetic wavers on this machine just now."""
    taken = []
    for _ in range(30):
        start = time.perf_counter()
        sum(range(300_000))
        taken.append((time.perf_counter() - start) * 1000)
    found = figure("", 0, taken)
    return f"fixed arithmetic: median {found.median:.2f} ms, p95 {found.p95:.2f} ms ({found.p95 / found.median:.2f}×)"


def show(*figures: Figure) -> None:
    """Print the rows."""
    for row in figures:
        print(row.line(), flush=True)
