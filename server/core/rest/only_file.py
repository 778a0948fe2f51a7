"""A fast parser of multipart forms with one small file and nothing else, as nearly every upload of
a report has.

Django's parser takes any form in any number of chunks, and costs more than the rest of the request
outside of the view.
"""

import re
from typing import Final, NamedTuple

MOST_BYTES: Final = 1024 * 1024

# In lower case only, as Django's parser requires it.
_FORM: Final = re.compile(r'multipart/form-data; ?boundary=("?)([A-Za-z0-9_.+=-]{1,70})\1')
_HEAD: Final = re.compile(
    rb'Content-Disposition: form-data; name="(?P<field>[a-z_]{1,40})"; filename="(?P<name>[A-Za-z0-9_][A-Za-z0-9_. -]{0,119})"'
    rb"(?:\r\nContent-Type: [a-z0-9.+/-]{1,80})?",
    re.IGNORECASE,
)
_NO_MATCH: Final = -1


class OnlyFile(NamedTuple):
    field: str
    name: str
    data: bytes


def only_file(content_type: str, body: bytes) -> OnlyFile | None:
    """Parse a form; `content_type` is the request's header. Returns None for anything unusual,
    valid or not: use Django's parser."""
    form = _FORM.fullmatch(content_type)
    if form is None:
        return None
    boundary = b"--" + form[2].encode()
    first = boundary + b"\r\n"
    last = b"\r\n" + boundary + b"--"
    head_end = body.find(b"\r\n\r\n", len(first), len(first) + 400)
    end = len(body.removesuffix(b"\r\n")) - len(last)
    if not body.startswith(first) or head_end == _NO_MATCH or not body.startswith(last, max(end, 0)):
        return None
    # Django's parser splits at every boundary, even in a file name.
    is_one_part = body.find(boundary, len(boundary)) == end + len(b"\r\n")
    head = _HEAD.fullmatch(body, len(first), head_end)
    if head is None or end < head_end + 4 or not is_one_part:
        return None
    return OnlyFile(head["field"].decode(), head["name"].decode(), body[head_end + 4 : end])
