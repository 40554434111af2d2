"""Rows of any table as lines of JSON, and back; every value exact, on both databases."""

import json
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.apps import apps
from django.db.models import Field, FileField, Model

# made by the migrations themselves, or worth nothing on another machine
_NOT_KEPT = {"contenttypes", "sessions", "auth", "axes"}
AT_ONCE = 500


def models() -> list[type[Model]]:
    """Every table that is kept, the links of many-to-many relations too."""
    found = apps.get_models(include_auto_created=True)
    return [model for model in found if model._meta.app_label not in _NOT_KEPT and model._meta.managed]


def lines(model: type[Model]) -> Iterator[bytes]:
    """The table's rows by key, each a JSON list in the order of its columns."""
    names = [field.attname for field in model._meta.concrete_fields]
    rows = model._base_manager.order_by("pk").values_list(*names)
    for row in rows.iterator(chunk_size=AT_ONCE):
        yield json.dumps(row, ensure_ascii=False, default=_plain, separators=(",", ":")).encode()


def row(model: type[Model], line: bytes) -> Model:
    """An unsaved instance with every column as it was, the key too."""
    fields = model._meta.concrete_fields
    values = json.loads(line)
    pairs = zip(fields, values, strict=True)
    return model(**{field.attname: _value(field, value) for field, value in pairs})


def store(model: type[Model], rows: Sequence[Model]) -> None:
    model._base_manager.bulk_create(rows, batch_size=AT_ONCE)


def files(model: type[Model]) -> "list[Field[Any, Any]]":
    return [field for field in model._meta.concrete_fields if isinstance(field, FileField)]


def _value(field: "Field[Any, Any]", value: Any) -> Any:
    if value is None or field.get_internal_type() == "JSONField":
        return value
    if isinstance(field, FileField):
        return str(value)
    target = getattr(field, "target_field", None) or field
    return target.to_python(value)


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal | UUID):
        return str(value)
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    raise TypeError(f"cannot be kept: {type(value).__name__}")
