"""Uses `iotile_cloud` as its own documentation does. Runs in the clients' virtual environment;
prints what it saw as JSON."""

import json
import sys
import time
from typing import Any

from iotile_cloud.api.connection import Api
from iotile_cloud.api.exceptions import HttpClientError, HttpNotFoundError
from iotile_cloud.stream.data import RawData, StreamData

PATIENCE_S = 20.0
PAUSE_S = 0.2


def main(given: dict[str, Any]) -> dict[str, Any]:
    api = Api(domain=given["address"])
    seen: dict[str, Any] = {"login": api.login(email=given["email"], password=given["password"])}
    seen["user"] = api.account.get()["results"][0]["username"]
    seen["refresh"] = api.refresh_token()
    seen["tree"] = tree(api, given)
    with open(given["report"], "rb") as report:
        seen["count"] = api.streamer.report.upload_fp(report, timestamp=given["received"])["count"]
    seen["last_id"] = acknowledged(api, given["device"], given["highest_id"])
    seen["paged"] = paged(api, given["stream"])
    seen["not_there"] = refusal(lambda: api.device("d--0000-0000-0000-fffe").get())
    seen["token_after_logout"] = token_after_logout(given)
    api.logout()
    seen["logged_out"] = api.token is None
    return seen


def tree(api: Any, given: dict[str, Any]) -> dict[str, Any]:
    """From the organisation down to the stream, as tools look for their device."""
    orgs = api.org.get()
    projects = api.org(orgs["results"][0]["slug"]).projects.get()
    project = api.project(projects["results"][0]["id"]).get()
    device = api.device(given["short_device"]).get()
    stream = api.stream(given["stream"]).get()
    return {
        "org": orgs["results"][0]["slug"],
        "project": project["slug"],
        "devices": api.device.get(project=project["id"])["count"],
        "device": device["slug"],
        "device_id": device["id"],
        "streams": [each["slug"] for each in api.stream.get(device=given["device"])["results"]],
        "unit": stream["output_unit"]["unit_short"],
        "variable": api.variable(stream["variable"]).get()["name"],
        "sg": api.sg(device["sg"]).get()["slug"],
        "vartype": api.vartype(stream["var_type"]).get()["slug"],
        "properties": api.property.get(target=given["device"])["count"],
    }


def acknowledged(api: Any, device: str, wanted: int) -> int:
    """Asks again and again, as the phone does."""
    deadline = time.monotonic() + PATIENCE_S
    last_id = 0
    while last_id < wanted and time.monotonic() < deadline:
        streamers = api.streamer.get(device=device)["results"]
        last_id = max([each["last_id"] for each in streamers], default=0)
        time.sleep(PAUSE_S)
    return last_id


def paged(api: Any, stream: str) -> dict[str, Any]:
    """Two rows a page, by the client's own loop."""
    of_stream, raw = StreamData(stream, api), RawData(api)
    of_stream.initialize_from_server(page_size=2)
    raw.initialize_from_server(filter=stream, page_size=2)
    return {
        "stream": [row["int_value"] for row in of_stream.data],
        "data": [row["int_value"] for row in raw.data],
    }


def refusal(call: Any) -> str:
    try:
        call()
    except HttpNotFoundError:
        return "not found"
    except HttpClientError:
        return "client error"
    return "none"


def token_after_logout(given: dict[str, Any]) -> str:
    """The other kind of token ends with the logout."""
    api = Api(domain=given["address"], token_type="token")
    api.login(email=given["email"], password=given["password"])
    token = api.token
    api.logout()
    again = Api(domain=given["address"])
    again.set_token(token, token_type="token")
    return refusal(lambda: again.account.get())


if __name__ == "__main__":
    sys.stdout.write(json.dumps(main(json.loads(sys.argv[1]))) + "\n")
