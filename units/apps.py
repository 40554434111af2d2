"""Registration of the app; its tables' guards are kept in place."""

from django.apps import AppConfig

from units import guards, registry


class UnitsConfig(AppConfig):
    name = "units"
    verbose_name = "单位与账号"

    def ready(self) -> None:
        """What only grows, only grows on SQLite too; units are found by search."""
        registry.register("search", "units.searching.units")
        guards.keep(self, guards.append_only("units_auditevent"))
