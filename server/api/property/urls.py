from django.urls import path

from server.api.property import views
from server.core.rest.views import LIST

urlpatterns = [
    path("property/", views.Properties.as_view()),
    path("property/<str:pk>/", views.OneProperty.as_view()),
    path("propertytemplate/", views.PropertyTemplates.as_view(LIST)),
    path("propertytemplate/<str:pk>/", views.OnePropertyTemplate.as_view()),
    path("propertytemplate/<str:pk>/enum/", views.Enums.as_view()),
]
