from django.urls import path

from server.api.config import views
from server.core.rest.views import LIST

urlpatterns = [
    path("config/name/", views.Names.as_view(LIST)),
    path("config/name/<str:pk>/", views.OneName.as_view()),
    path("config/attr/", views.Attributes.as_view()),
    path("config/attr/search/", views.Search.as_view()),
    path("config/attr/<str:pk>/", views.OneAttribute.as_view()),
]
