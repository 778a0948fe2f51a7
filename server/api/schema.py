"""Documentation of the authentication classes. Not in their module: DRF's settings import that too
early for drf-spectacular."""

from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema

from server.api.authentication import (
    ApiKeyAuthentication,
    DeviceKeyAuthentication,
    DeviceTokenAuthentication,
    JwtAuthentication,
    TokenAuthentication,
)
from server.api.in_.authentication import AddressedKeyAuthentication


def _in_the_header(description: str) -> dict[str, Any]:
    return {"type": "apiKey", "in": "header", "name": "Authorization", "description": description}


class JwtScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]  # its metaclass has no types
    target_class = JwtAuthentication
    name = "jwt"

    def get_security_definition(self, auto_schema: AutoSchema) -> dict[str, Any]:
        return _in_the_header("`JWT <jwt of auth/login/>`; the scheme in any case, `Bearer` too.")


class TokenScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]  # its metaclass has no types
    target_class = TokenAuthentication
    name = "token"

    def get_security_definition(self, auto_schema: AutoSchema) -> dict[str, Any]:
        return _in_the_header("`Token <token of auth/login/>`.")


class ApiKeyScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]  # its metaclass has no types
    target_class = ApiKeyAuthentication
    name = "api-key"

    def get_security_definition(self, auto_schema: AutoSchema) -> dict[str, Any]:
        return _in_the_header(
            "`Api-Key <prefix>.<secret>`: a program of an organisation, for what the key's scopes allow."
        )


class DeviceKeyScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]  # its metaclass has no types
    target_class = DeviceKeyAuthentication
    name = "device-key"

    def get_security_definition(self, auto_schema: AutoSchema) -> dict[str, Any]:
        return _in_the_header("`Device-Key <the device's upload key>`.")


class AddressedKeyScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]  # its metaclass has no types
    target_class = AddressedKeyAuthentication
    name = "device-key-as-password"

    def get_security_definition(self, auto_schema: AutoSchema) -> dict[str, Any]:
        about = "Any user name, and the device's upload key as the password; or the key as the field `key` of the body."
        return {"type": "http", "scheme": "basic", "description": about}


class DeviceTokenScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]  # its metaclass has no types
    target_class = DeviceTokenAuthentication
    name = "device-token"

    def get_security_definition(self, auto_schema: AutoSchema) -> dict[str, Any]:
        return _in_the_header("`a-jwt <key of device/{slug}/key/?type=a-jwt>`.")
