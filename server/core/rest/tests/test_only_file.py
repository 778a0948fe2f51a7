"""What is read without Django's parser is what Django's parser reads."""

import io

import pytest
from django.core.files.uploadhandler import MemoryFileUploadHandler
from django.http import HttpRequest
from django.http.multipartparser import MultiPartParser, MultiPartParserError
from hypothesis import example, given
from hypothesis import strategies as some

from server.core.rest.only_file import OnlyFile, only_file

TYPE = "multipart/form-data; boundary=x1"
FORM = (
    b'--x1\r\nContent-Disposition: form-data; name="file"; filename="report.bin"\r\n'
    b"Content-Type: application/octet-stream\r\n\r\n\x01\x00\r\n\xff\r\n--x1--\r\n"
)


def by_django(content_type: str, body: bytes) -> OnlyFile | None:
    request = HttpRequest()
    request.META = {"CONTENT_TYPE": content_type, "CONTENT_LENGTH": str(len(body))}
    handlers = [MemoryFileUploadHandler(request)]
    try:
        fields, files = MultiPartParser(request.META, io.BytesIO(body), handlers).parse()
    except MultiPartParserError:
        return None
    found = [(field, file) for field, some_files in files.lists() for file in some_files]
    if fields or len(found) != 1:
        return None
    [(field, file)] = found
    return OnlyFile(field, str(file.name), file.read())


def test_a_plain_form_is_read() -> None:
    assert only_file(TYPE, FORM) == OnlyFile("file", "report.bin", b"\x01\x00\r\n\xff")


@pytest.mark.parametrize("written", ["multipart/form-data;boundary=x1", 'multipart/form-data; boundary="x1"'])
def test_a_content_type_may_be_written_in_other_ways(written: str) -> None:
    assert only_file(written, FORM) == only_file(TYPE, FORM)


def test_a_form_without_a_last_line_end_is_read() -> None:
    assert only_file(TYPE, FORM.removesuffix(b"\r\n")) == only_file(TYPE, FORM)


def test_an_empty_file_is_one() -> None:
    form = b'--x1\r\nContent-Disposition: form-data; name="file"; filename="a.bin"\r\n\r\n\r\n--x1--'

    assert only_file(TYPE, form) == OnlyFile("file", "a.bin", b"")


@pytest.mark.parametrize(
    ("content_type", "form"),
    [
        ("application/json", FORM),
        ("multipart/form-data", FORM),
        (TYPE.replace("multipart", "Multipart"), FORM),
        ("multipart/form-data; boundary=x2", FORM),
        ("multipart/form-data; boundary=x1; charset=latin-1", FORM),
        (TYPE, b""),
        (TYPE, b"--x1--"),
        (TYPE, FORM[:-8]),
        (TYPE, FORM + b"--x1--\r\n"),
        (TYPE, b"before" + FORM),
        (TYPE, FORM.replace(b"\x00\r\n", b"\x00\r\n--x1\r\n")),
        (TYPE, FORM.replace(b"report.bin", b"report--x1.bin")),
        (TYPE, FORM.replace(b"octet-stream", b"x--x1")),
        (TYPE, FORM.replace(b"report.bin", b"../report.bin")),
        (TYPE, FORM.replace(b"report.bin", b"..")),
        (TYPE, FORM.replace(b"report.bin", "b\u00fcro.bin".encode())),
        (TYPE, FORM.replace(b"report.bin", b'a\\"b.bin')),
        (
            TYPE,
            FORM.replace(
                b"application/octet-stream", b"application/octet-stream\r\nContent-Transfer-Encoding: base64"
            ),
        ),
    ],
)
def test_whatever_is_not_plain_is_left_to_the_parser(content_type: str, form: bytes) -> None:
    assert only_file(content_type, form) is None


boundaries = some.sampled_from([b"x1", b"-", b"--", b"a.bin", b"file", b"text"])
pieces = some.sampled_from(
    [
        b"x1",
        b"--x1",
        b"--",
        b"\r\n",
        b"\r\n\r\n",
        b'name="file"; ',
        b'filename="a.bin"',
        b"Content-Type: text/plain",
        b"\x00",
        FORM,
    ]
)


@given(
    boundary=boundaries,
    inserted=some.lists(pieces | some.binary(max_size=8), max_size=6),
    place=some.integers(0, len(FORM)),
)
@example(boundary=b"x1", inserted=[b"--x1"], place=FORM.index(b".bin"))
@example(boundary=b"x1", inserted=[b"--x1"], place=FORM.index(b"/octet-stream"))
def test_it_never_reads_anything_else_than_the_parser_does(
    boundary: bytes, inserted: list[bytes], place: int
) -> None:
    content_type = TYPE.replace("x1", boundary.decode())
    body = (FORM[:place] + b"".join(inserted) + FORM[place:]).replace(b"x1", boundary)

    read = only_file(content_type, body)

    assert read is None or read == by_django(content_type, body)
