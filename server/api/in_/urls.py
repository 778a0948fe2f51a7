from django.urls import path

from server.api.in_ import views

urlpatterns = [
    path("in/", views.In.as_view()),
    path("in/<uuid:key_id>/", views.InAtKey.as_view()),
]
