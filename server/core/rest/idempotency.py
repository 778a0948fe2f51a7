"""`Idempotency-Key` on POST: a client that lost the answer repeats the request, and the work is
done once.

The row of the key and the work are one transaction. A repetition that comes meanwhile waits for the
row and then gets the answer; if the work failed, the row is rolled back with it, and the repetition
does the work.

A kept answer is for a caller who has all rights of then, in whatever organisation: which of them
the request needed, only its view knows. Whoever has lost one gets 403. An answer that holds a
secret is not kept at all; its repetition gets 409, since the work was done.
"""

import copy
import hashlib
from collections.abc import Callable
from datetime import timedelta
from typing import Final

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.db import connection, transaction
from django.db.models.functions import Now
from django.http import HttpRequest, HttpResponse, JsonResponse, UnreadablePostError
from django.http.response import HttpResponseBase
from django.urls import Resolver404, resolve
from django.utils.module_loading import import_string
from rest_framework.exceptions import APIException
from rest_framework.request import Request

from server.core import credentials
from server.core.rest.bodies import is_api
from server.core.rest.models import IdempotentAnswer
from server.core.rest.secret_answers import holds_secret

LONGEST_KEY: Final = 200
RETENTION: Final = timedelta(hours=24)
_NOT_KEPT: Final = b""
"""In place of a body; a sealed one is never empty."""
GetResponse = Callable[[HttpRequest], HttpResponseBase]
Rights = dict[str, list[str]]
"""What a caller may do, by what the rights are for."""


class IdempotencyMiddleware:
    """For authenticated callers only. Only successful answers are kept: an error may be gone at the
    next try."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        key = request.headers.get("Idempotency-Key")
        if key is None or request.method != "POST" or not is_api(request):
            return self.get_response(request)
        if not 0 < len(key) <= LONGEST_KEY or not (key.isascii() and key.isprintable()):
            return _refusal(400, f"An Idempotency-Key has 1 to {LONGEST_KEY} printable ASCII characters.")
        try:
            digest = _request_digest(request)
        except RequestDataTooBig:
            return _refusal(413, "The request is too large.")
        except UnreadablePostError:
            return _refusal(400, "The request ended before it was complete.")
        caller = _caller(request)
        if caller is None:
            return self.get_response(request)
        return self._run_once(request, caller, _scope(request, key), digest)

    def _run_once(self, request: HttpRequest, caller: Request, scope: str, digest: str) -> HttpResponseBase:
        with transaction.atomic():
            is_first = _claim_key(scope, digest)
            rights = _rights_of(caller)  # before the work, which may bring or end some
            if not is_first:
                return _replay(scope, digest, rights)
            response = self.get_response(request)
            broken = connection.needs_rollback
            if not broken and not _store_answer(scope, response, rights):
                IdempotentAnswer.objects.filter(pk=scope).delete()
        return response


def clean_idempotent_answers() -> int:
    deleted, _ = IdempotentAnswer.objects.filter(created_on__lt=Now() - RETENTION).delete()
    return deleted


def _caller(request: HttpRequest) -> Request | None:
    """Returns the request, authenticated as the view would, so that a token that was revoked
    meanwhile gets no stored answer; None when nobody is signed in."""
    try:
        view = resolve(request.path_info).func
    except Resolver404:
        return None
    known = getattr(getattr(view, "cls", None), "authentication_classes", ())
    try:
        authenticated = Request(copy.copy(request), authenticators=[each() for each in known])
        return authenticated if authenticated.successful_authenticator is not None else None
    except APIException:
        return None


def _rights_of(caller: Request) -> Rights:
    rights: Rights = import_string(settings.IDEMPOTENT_CALLER_RIGHTS)(caller)
    return rights


def _has_lost_rights(stored: Rights, present: Rights) -> bool:
    return any(what not in present or not set(names) <= set(present[what]) for what, names in stored.items())


def _scope(request: HttpRequest, key: str) -> str:
    who = request.headers.get("Authorization") or request.session.session_key or ""
    return credentials.digest("\n".join((who, request.path_info, key)))


def _request_digest(request: HttpRequest) -> str:
    """Returns a digest of query, content type and body, without a form's boundary, which is
    different each time."""
    boundary = (request.content_params or {}).get("boundary", "").encode()
    body = request.body.replace(boundary, b"") if boundary else request.body
    digest = hashlib.sha256(f"{request.META.get('QUERY_STRING', '')}\n{request.content_type}\n".encode())
    digest.update(body)
    return digest.hexdigest()


def _claim_key(scope: str, digest: str) -> bool:
    """Returns False when the key is taken. Waits for a request with the same key that is in
    progress."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO core_idempotentanswer (scope, request_digest, status, content_type, body)
            VALUES (%s, %s, 0, '', '')
            ON CONFLICT (scope) DO UPDATE SET
                request_digest = EXCLUDED.request_digest, status = 0, content_type = '', body = '', created_on = now()
            WHERE core_idempotentanswer.created_on < now() - make_interval(secs => %s)
            """,
            [scope, digest, RETENTION.total_seconds()],
        )
        return bool(cursor.rowcount)


def _store_answer(scope: str, response: HttpResponseBase, rights: Rights) -> bool:
    if not 200 <= response.status_code < 300 or not isinstance(response, HttpResponse):
        return False
    return bool(
        IdempotentAnswer.objects.filter(pk=scope).update(
            status=response.status_code,
            content_type=response.headers.get("Content-Type", ""),
            rights=rights,
            body=_NOT_KEPT if holds_secret(response) else credentials.seal(response.content),
        )
    )


def _replay(scope: str, digest: str, rights: Rights) -> HttpResponse:
    stored = IdempotentAnswer.objects.get(pk=scope)
    if _has_lost_rights(stored.rights, rights):
        return _refusal(403, "You have fewer rights than when this was done, so its answer is not repeated.")
    if stored.request_digest != digest:
        return _refusal(422, "This Idempotency-Key was used with another request.")
    if bytes(stored.body) == _NOT_KEPT:
        return _refusal(409, "This was done before, and its answer is not kept, as it holds a secret.")
    response = HttpResponse(
        credentials.unseal(bytes(stored.body)), status=stored.status, content_type=stored.content_type or None
    )
    if not stored.content_type:
        del response.headers["Content-Type"]  # an answer without a body
    response.headers["Idempotent-Replayed"] = "true"
    return response


def _refusal(status: int, detail: str) -> JsonResponse:
    return JsonResponse({"detail": detail}, status=status)
