from django.urls import path

from server.api.project import views
from server.api.property import views as property_views
from server.core.rest.views import LIST, REMOVABLE

urlpatterns = [
    path("project/", views.Projects.as_view(LIST)),
    path("project/new/", views.StartProject.as_view()),
    path("project/<str:id_or_slug>/", views.OneProject.as_view(REMOVABLE)),
    path("project/<str:id_or_slug>/extra/", views.ProjectExtra.as_view()),
    path("project/<str:slug>/properties/", property_views.ProjectProperties.as_view()),
    path("project/<str:slug>/new_property/", property_views.NewProjectProperty.as_view()),
]
