from django.urls import path

from server.api.dbstats import views

urlpatterns = [
    path("dbstats/", views.Statistics.as_view()),
]
