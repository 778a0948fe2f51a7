"""Uses `iotile_cloud` for people, catalogue, archives and sums, and `requests` for forms as `curl`
sends them. Runs in the clients' virtual environment; prints what it saw as JSON."""

import json
import sys
import time
from datetime import UTC, datetime
from typing import Any

import requests
from iotile_cloud.api.connection import Api
from iotile_cloud.stream.report import AccumulationReportGenerator
from iotile_cloud.utils.mdo import MdoHelper

PATIENCE_S = 20.0
PAUSE_S = 0.2


def main(given: dict[str, Any]) -> dict[str, Any]:
    seen: dict[str, Any] = {"signed_in_by_form": signed_in_by_form(given)}
    api = Api(domain=given["address"])
    api.login(email=given["email"], password=given["password"])
    org = api.org.get()["results"][0]["slug"]
    api.org(org).invite.post({"email": "guest@example.org"})
    seen["members"] = [each["user"] for each in api.org(org).members.get()["results"]]
    seen["pending"] = [each["email"] for each in api.org(org).pending.get()["results"]]
    seen["slots"] = [each["number"] for each in api.dt("virtual-device-v1-0-0").slot.get()["results"]]
    with open(given["report"], "rb") as report:
        api.streamer.report.upload_fp(report, timestamp=given["received"])
    seen["counts"] = counts_of(api, given["device"], given["stream"])
    seen["listed"] = [row["slug"] for row in api.stream.get(device=given["device"])["results"]]
    seen["sum"] = AccumulationReportGenerator(api).compute_sum(
        [given["device"]], start=datetime(2000, 1, 1, tzinfo=UTC)
    )
    seen["factors"] = factors(api, given["stream"])
    seen["archived"] = archived(api, given["device"])
    api.logout()
    return seen


def signed_in_by_form(given: dict[str, Any]) -> list[Any]:
    """Signs in and writes a note, without JSON."""
    base = f"{given['address']}/api/v1"
    fields = {"email": given["email"], "password": given["password"]}
    answer = requests.post(f"{base}/auth/login/", data=fields, timeout=PATIENCE_S)
    token = {"Authorization": f"jwt {answer.json()['jwt']}"}
    note = {"target": given["device"], "note": "from a form"}
    parts = {name: (None, text) for name, text in note.items()}
    as_form = requests.post(f"{base}/note/", data=note, headers=token, timeout=PATIENCE_S)
    as_parts = requests.post(f"{base}/note/", files=parts, headers=token, timeout=PATIENCE_S)
    return [answer.status_code, as_form.json()["note"], as_parts.json()["note"]]


def counts_of(api: Any, device: str, stream: str) -> dict[str, Any]:
    """What the device says of its streams, once the report is processed."""
    deadline = time.monotonic() + PATIENCE_S
    counts: dict[str, Any] = {}
    while not counts.get(stream, {}).get("data_cnt") and time.monotonic() < deadline:
        time.sleep(PAUSE_S)
        counts = api.device(device).extra.get()["stream_counts"]
    return counts


def factors(api: Any, stream: str) -> list[float]:
    """A raw 10 by the factors of the variable, and by those that the stream gets of its own."""
    variable = api.variable(api.stream(stream).get()["variable"]).get()
    own = {"mdo_type": "S", "multiplication_factor": 3, "division_factor": 2, "offset": 0.5}
    changed = api.stream(stream).patch(own)
    names = ("multiplication_factor", "division_factor", "offset")
    return [MdoHelper(*(row[name] for name in names)).compute(10) for row in (variable, changed)]


def archived(api: Any, device: str) -> list[str]:
    """Archives the device; returns its archive's streams, as the web application asks for them."""
    block = api.datablock.post({"device": device, "title": "Spring"})["slug"]
    deadline = time.monotonic() + PATIENCE_S
    streams: list[str] = []
    while time.monotonic() < deadline and (not streams or api.device(device).get()["busy"]):
        time.sleep(PAUSE_S)
        streams = [row["slug"] for row in api.stream.get(device=block)["results"]]
    return [block, *streams]


if __name__ == "__main__":
    sys.stdout.write(json.dumps(main(json.loads(sys.argv[1]))) + "\n")
