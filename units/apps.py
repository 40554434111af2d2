"""Registration of the app; its tables' guards are kept in place."""

from django.apps import AppConfig

from units import guards


class UnitsConfig(AppConfig):
    name = "units"
    verbose_name = "单位与账号"

    def ready(self) -> None:
        """What only grows, only grows on SQLite too."""
        guards.keep(self, guards.append_only("units_auditevent"))
