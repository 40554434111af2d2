"""The routes of all apps."""

from django.urls import include, path

urlpatterns = [
    path("", include("units.urls")),
    path("", include("indicators.urls")),
    path("", include("assessments.urls")),
]

handler400 = "units.views.bad_request"
handler403 = "units.views.forbidden"
handler404 = "units.views.missing"
handler500 = "units.views.broken"
