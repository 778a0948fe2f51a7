"""Proxies in front of an installation, with the configurations that docs/operations/proxy.md
prints."""

import datetime
import http.client
import os
import re
import shutil
import signal
import socket
import ssl
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from stack.home import ROOT
from stack.ports import HOST
from webapp.tests.browser.installation import Installation
from webapp.tests.browser.polling import wait_until

DOCUMENT: Final = ROOT / "docs" / "operations" / "proxy.md"
NAME: Final = "iot.example.com"
_APACHE_MODULES: Final = ("mpm_event", "authz_core", "socache_shmcb", "ssl", "proxy", "proxy_http")


@dataclass(frozen=True)
class Certificate:
    """Of NAME, signed by itself."""

    certificate: Path
    key: Path


def make_certificate(folder: Path) -> Certificate:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, NAME)])
    now = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=2))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(NAME)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    made = Certificate(folder / "proxy.pem", folder / "proxy.key")
    made.certificate.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    made.key.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return made


def program_of(kind: str) -> str | None:
    return shutil.which(
        {"nginx": "nginx", "apache": "apache2", "caddy": "caddy"}[kind], path="/usr/sbin:/usr/bin"
    )


@contextmanager
def running_proxy(
    kind: str, folder: Path, installation: Installation, port: int, path: str, certificate: Certificate
) -> Iterator[None]:
    """Runs nginx, apache or caddy for the block, on `port`, with the printed configuration."""
    configuration = folder / f"{kind}.conf"
    site = _site(kind, installation, port, path, certificate)
    program = program_of(kind)
    assert program is not None
    texts: Mapping[str, str] = {
        "nginx": f"daemon off; pid {folder}/nginx.pid; error_log stderr;\n"
        f"events {{}}\nhttp {{ access_log off; client_body_temp_path {folder}/bodies; proxy_temp_path {folder}/proxied;\n{site}\n}}\n",
        "apache": "".join(
            f"LoadModule {each}_module /usr/lib/apache2/modules/mod_{each}.so\n" for each in _APACHE_MODULES
        )
        + f"ServerRoot {folder}\nListen {port}\nPidFile {folder}/apache.pid\nErrorLog {folder}/apache.log\n"
        f"User www-data\nDefaultRuntimeDir {folder}\nMutex file:{folder} default\n{site}\n",
        "caddy": f"{{\n admin off\n auto_https disable_redirects\n storage file_system {folder}/caddy\n}}\n{site}\n",
    }
    configuration.write_text(texts[kind])
    argv = {
        "nginx": (program, "-p", str(folder), "-e", "stderr", "-c", str(configuration)),
        "apache": (program, "-f", str(configuration), "-DFOREGROUND"),
        "caddy": (program, "run", "--adapter", "caddyfile", "--config", str(configuration)),
    }[kind]
    with (folder / f"{kind}.out").open("wb") as log:
        process = subprocess.Popen(
            argv, cwd=folder, stdout=log, stderr=log, env={"HOME": str(folder)}, start_new_session=True
        )
    try:
        wait_until(lambda: process.poll() is not None or _speaks_tls(port, certificate), f"{kind} answers")
        assert process.poll() is None, (folder / f"{kind}.out").read_text()
        yield
    finally:
        os.killpg(process.pid, signal.SIGKILL)  # Apache would wait for the end of open streams
        process.wait()


def _site(kind: str, installation: Installation, port: int, path: str, certificate: Certificate) -> str:
    """The printed configuration, with the test's ports, path and certificate."""
    found = re.search(rf"```{kind}\n(.*?)```", DOCUMENT.read_text(), re.DOTALL)
    assert found is not None
    text = found[1]
    for old, new in {
        "127.0.0.1:8001": installation.host_of("live"),
        "127.0.0.1:8000": installation.host_of("web"),
        f"/etc/ssl/{NAME}.pem": str(certificate.certificate),
        f"/etc/ssl/{NAME}.key": str(certificate.key),
        f"{NAME} {{": f"{NAME}:{port} {{",
    }.items():
        text = text.replace(old, new)
    text = re.sub(r"\b443\b", str(port), text)  # and no such digits within another port
    if path:  # "put /iot in front of both paths"
        text = re.sub(r"(location |ProxyPass |reverse_proxy )/", rf"\1{path}/", text)
        if kind == "apache":
            text = re.sub(r"(http://[\d.:]+)/", rf"\1{path}/", text)
    return text


class ProxyConnection(http.client.HTTPConnection):
    """To NAME, wherever its name leads."""

    def __init__(self, port: int, certificate: Certificate) -> None:
        super().__init__(NAME, port, timeout=15)
        self._context = ssl.create_default_context(cafile=str(certificate.certificate))

    def connect(self) -> None:
        plain = socket.create_connection((HOST, self.port), timeout=15)
        self.sock = self._context.wrap_socket(plain, server_hostname=NAME)


def _speaks_tls(port: int, certificate: Certificate) -> bool:
    """A proxy listens a moment before its processes take connections."""
    with closing(ProxyConnection(port, certificate)) as connection:
        try:
            connection.connect()
        except OSError:
            return False
    return True
