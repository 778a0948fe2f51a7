"""What the API's documentation says of a device's own credentials."""

from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema

from server.apps.devices.api.authentication import DeviceKeyAuthentication, DeviceTokenAuthentication


def _in_the_header(description: str) -> dict[str, Any]:
    return {"type": "apiKey", "in": "header", "name": "Authorization", "description": description}


class DeviceKeyScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]  # its metaclass has no types
    target_class = DeviceKeyAuthentication
    name = "device-key"

    def get_security_definition(self, auto_schema: AutoSchema) -> dict[str, Any]:
        return _in_the_header("`Device-Key <the device's upload key>`.")


class DeviceTokenScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]  # its metaclass has no types
    target_class = DeviceTokenAuthentication
    name = "device-token"

    def get_security_definition(self, auto_schema: AutoSchema) -> dict[str, Any]:
        return _in_the_header("`a-jwt <key of device/{slug}/key/?type=a-jwt>`.")
