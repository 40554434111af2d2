"""`make check`: no file over 400 lines, no function over 50, in what the project itself wrote."""

import ast
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FILE_LINES = 400
FUNCTION_LINES = 50
OURS = ("config", "units", "indicators", "assessments", "templates", "tests", "deploy")
KINDS = {".py", ".html", ".css", ".js"}


def sources() -> list[Path]:
    """Our own source files: no vendored code, no migrations."""
    found = (path for folder in OURS for path in (ROOT / folder).rglob("*") if path.suffix in KINDS)
    return sorted(path for path in found if not {"vendor", "migrations", "__pycache__"} & set(path.parts))


def long_functions(path: Path) -> list[str]:
    """Functions of one file that pass the limit, as lines for the reader."""
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef)
    functions = [node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, kinds)]
    return [
        f"{path.relative_to(ROOT)}:{node.lineno} {node.name} has {node.end_lineno - node.lineno + 1} lines"
        for node in functions
        if node.end_lineno is not None and node.end_lineno - node.lineno + 1 > FUNCTION_LINES
    ]


def faults() -> list[str]:
    """Everything over a limit."""
    found = []
    for path in sources():
        lines = len(path.read_text().splitlines())
        if lines > FILE_LINES:
            found.append(f"{path.relative_to(ROOT)} has {lines} lines")
        if path.suffix == ".py":
            found += long_functions(path)
    return found


if __name__ == "__main__":
    problems = faults()
    print("\n".join(problems) or f"{len(sources())} files within {FILE_LINES} lines, functions within {FUNCTION_LINES}")
    sys.exit(1 if problems else 0)
