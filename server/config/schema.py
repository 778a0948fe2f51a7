"""Completes the OpenAPI document: who may call each operation, and the error responses that all
share."""

from typing import Any, Final

from server.config.operations import Operation, operations
from server.config.rights import TABLE, sentence
from server.core.rest.rights import ANYONE, API_KEY_ONLY, DEVICE_ONLY, Right

_PREFIX: Final = "/api/v1/"

DETAIL: Final = {
    "type": "object",
    "description": "What went wrong, in a sentence.",
    "properties": {"detail": {"type": "string"}},
    "required": ["detail"],
}
REFUSED: Final = {
    "description": "What is wrong: by field, as a sentence, or as a list of sentences.",
    "anyOf": [
        {"$ref": "#/components/schemas/Detail"},
        {
            "type": "object",
            "description": "By field; `non_field_errors` is the whole.",
            "additionalProperties": {},
        },
        {"type": "array", "items": {}},
    ],
}
ANSWERS: Final = {
    "400": ("Something in the request is not valid.", "Refused"),
    "401": ("Not authenticated: no credential, or an invalid one.", "Detail"),
    "403": ("You may see it, but not do this.", "Detail"),
    "404": ("Not found, or not visible to you.", "Detail"),
    "406": ("None of the requested formats is available.", "Detail"),
    "413": ("The request is too large.", "Detail"),
    "415": ("The body has a format that cannot be read.", "Detail"),
    "429": ("Too many requests; `Retry-After` has the seconds to wait.", "Detail"),
}
NOUNS: Final = {
    "account": "Accounts: signing up, reading and changing your own, passwords.",
    "alias": "Names for a quantity whose stream changes over time.",
    "auth": "Signing in and out, tokens.",
    "changes": "A feed of what changed in an organisation, each change exactly once.",
    "component": "Parts that devices are made of.",
    "config": "Configuration of organisations, projects, devices and people, and its inheritance.",
    "data": "Readings: numbers with a time.",
    "datablock": "Archives: the history of a device up to a time, stored under its own slug.",
    "dbstats": "Statistics of the installation.",
    "device": "Devices: finding, claiming, changing and resetting them.",
    "df": "Readings as tables, for analysis.",
    "dt": "Device templates: models of hardware.",
    "event": "Events: documents with a time, and their files.",
    "file": "Uploading and downloading files.",
    "in": "The shortest way in: values under names, from a device.",
    "invitation": "Accepting an invitation.",
    "key": "Keys of devices.",
    "location": "Where devices were.",
    "note": "Notes about devices, streams and archives, with attachments.",
    "operation": "Operations, which take longer than a request, and their progress.",
    "org": "Organisations, their members, invitations, keys and audit trail.",
    "ot": "Organisation templates.",
    "pid": "The state of an operation.",
    "production": "For factories: devices before they are claimed.",
    "project": "Projects: groups of devices whose variables are the same.",
    "property": "Properties: named values of projects, devices and archives.",
    "propertytemplate": "Which properties an organisation uses, and their allowed values.",
    "pt": "Project templates.",
    "s3file": "Signatures for uploading files.",
    "server": "This server and its clock.",
    "sg": "Sensor graphs: what a kind of device measures.",
    "stream": "Streams: one quantity of one device over time.",
    "streamer": "Streamers with their acknowledgements, and the reports that devices upload.",
    "tap": "Taps: which stream an alias is, from when.",
    "variable": "Variables: quantities of a project.",
    "vartemplate": "Variables that a sensor graph gives to its devices.",
    "vartype": "Kinds of quantities, and their units.",
    "widget": "Widgets: what phones and pages show of a sensor graph.",
}


def complete(result: dict[str, Any], **kwargs: Any) -> dict[str, Any]:
    """Complete the document; a postprocessing hook of drf-spectacular."""
    known = {each.key: each for each in operations()}
    for path, methods in result["paths"].items():
        for method, document in methods.items():
            operation = known.get((method.upper(), path.removeprefix(_PREFIX)))
            if operation is not None:
                _complete_one(operation, document)
    result["components"]["schemas"] |= {"Detail": DETAIL, "Refused": REFUSED}
    result["tags"] = [
        {"name": noun, "description": NOUNS.get(noun, "")}
        for noun in sorted({operation.noun for operation in known.values()})
    ]
    return result


def _complete_one(operation: Operation, document: dict[str, Any]) -> None:
    document["tags"] = [operation.noun]
    right = TABLE.get(operation.key)
    if right is not None:
        document["security"] = [each for each in document.get("security", []) if _accepts(each, right)]
        description = document.get("description", "").strip()
        document["description"] = f"{description}\n\n{sentence(right)}".strip()
    for code in _codes(operation, document):
        description, schema = ANSWERS[code]
        content = {"application/json": {"schema": {"$ref": f"#/components/schemas/{schema}"}}}
        document["responses"].setdefault(code, {"description": description, "content": content})


def _accepts(scheme: dict[str, Any], right: Right) -> bool:
    """Returns whether this way to authenticate is accepted by the operation."""
    name = next(iter(scheme), "")
    if name in {"device-key", "device-token", "device-key-as-password"}:
        return right.device
    if right.needs == DEVICE_ONLY.needs:
        return False
    if name == "api-key":
        return bool(right.scope)
    return right != ANYONE and right.needs != API_KEY_ONLY.needs if name else right == ANYONE


def _codes(operation: Operation, document: dict[str, Any]) -> set[str]:
    """Returns the error codes that the operation can answer with."""
    open_to_all = TABLE.get(operation.key) == ANYONE
    takes = {each["in"] for each in document.get("parameters", ())}
    codes = {"400"}  # for a query parameter that nobody knows
    codes |= set() if not operation.view.authentication_classes else {"401"}
    codes |= set() if open_to_all else {"403"}
    codes |= {"404"} if takes or "requestBody" in document else set()
    codes |= {"413", "415"} if "requestBody" in document else set()
    throttled = operation.view.throttle_classes or "get_throttles" in vars(operation.view)
    codes |= {"429"} if throttled else set()
    return codes
