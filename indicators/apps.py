"""Registration of the app; its tables' guards are kept in place."""

from django.apps import AppConfig

from units import guards, registry


class IndicatorsConfig(AppConfig):
    name = "indicators"
    verbose_name = "指标台账"

    def ready(self) -> None:
        """What only grows, only grows on SQLite too; what is kept of units goes over when they are merged."""
        registry.register("succession", "indicators.succeeding.take_over")
        registry.register("search", "indicators.searching.find")
        guards.keep(self, guards.append_only("indicators_amendment"))
