from django.urls import path

from server.api.event import views

urlpatterns = [
    path("event/", views.Events.as_view()),
    path("event/upload/", views.EventUpload.as_view()),
    path("event/file/<str:token>/", views.EventFile.as_view(), name="event-file"),
    path("event/<uuid:event_id>/", views.Event.as_view()),
    path("event/<uuid:event_id>/data/", views.EventData.as_view()),
    path("event/<uuid:event_id>/url/", views.EventUrl.as_view()),
]
