"""Inside each area: views | api | tasks | admin > services > queries > models; areas meet in services and queries."""

from __future__ import annotations

import ast
from pathlib import Path

import summary_app

ROOT = Path(summary_app.__file__).parent
TOP, SERVICES, QUERIES, MODELS = 3, 2, 1, 0
LAYER = {
    "models": MODELS,
    "queries": QUERIES,
    "services": SERVICES,
    "views": TOP,
    "desk": TOP,
    "api": TOP,
    "tasks": TOP,
    "admin": TOP,
    "waiting": TOP,
    "urls": TOP + 1,
    "forms": SERVICES,
    "guards": SERVICES,
    "replay_views": TOP,
    "before_views": TOP,
    "queue_views": TOP,
    "file_views": TOP,
    "door": SERVICES,
    "people": SERVICES,
    "logoff": SERVICES,
}
# Classes of another area that stand in signatures: what a service is about, never how it is stored.
SHARED_MODELS = {
    "summary_app.connections.models.Connection",
    "summary_app.access.models.User",
}


def modules() -> list[tuple[str, str, int, Path]]:
    """(area, dotted name, layer, file) of every module of an area."""
    found = []
    for area in ("connections", "access", "summary", "quality", "ward", "rules", "feedback"):
        for path in sorted((ROOT / area).rglob("*.py")):
            parts = path.relative_to(ROOT / area).with_suffix("").parts
            if parts != ("__init__",):
                name = ".".join(("summary_app", area, *parts)).removesuffix(".__init__")
                found.append((area, name, LAYER[parts[0]], path))
    return found


def imports(path: Path) -> set[str]:
    tree = ast.parse(path.read_text())
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("summary_app."):
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def target(name: str) -> tuple[str, int] | None:
    """Area and layer of an imported name; None when it belongs to no area."""
    parts = name.split(".")
    if len(parts) < 3 or parts[1] not in (
        "connections",
        "access",
        "summary",
        "quality",
        "ward",
        "rules",
        "feedback",
    ):
        return None
    return parts[1], LAYER[parts[2]]


def test_imports_go_downwards_and_areas_meet_in_services_and_queries() -> None:
    wrong = []
    for area, name, layer, path in modules():
        for imported in imports(path):
            where = target(imported)
            if where is None:
                continue
            other, below = where
            same_room = ".".join(imported.split(".")[:3]) == ".".join(name.split(".")[:3])
            if (
                below > layer
                or (below == layer == TOP and other == area and not same_room)
                or (other != area and below in (TOP, MODELS) and imported not in SHARED_MODELS)
            ):
                wrong.append(f"{name} -> {imported}")
    assert wrong == []


def test_modules_are_short() -> None:
    long = [str(path) for *_, path in modules() if len(path.read_text().splitlines()) > 350]
    assert long == []
