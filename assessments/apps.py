"""Registration of the app; its tables' guards are kept in place."""

from django.apps import AppConfig

from assessments import sealed_rows
from units import guards, registry


class AssessmentsConfig(AppConfig):
    name = "assessments"
    verbose_name = "考核"

    def ready(self) -> None:
        """What only grows, only grows on SQLite too; what is kept of units goes over when they are merged."""
        registry.register("succession", "assessments.succeeding.take_over")
        registry.register("holdings", "assessments.holding.held")
        registry.register("filled", "assessments.holding.filled")
        registry.register("search", "assessments.searching.find")
        guards.keep(
            self,
            {
                **guards.append_only(
                    "assessments_scoreevent", "assessments_scoreamendment", "assessments_enginechange"
                ),
                **sealed_rows.sqlite(),
            },
        )
