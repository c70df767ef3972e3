"""What no schema can say, so that schemathesis does not take it for a defect.

A schema describes a request by itself, as it is sent. The server normalizes text first; and whether a record
that it names exists, whether a name is taken, what the record was before: that only the server knows. Such refusals
are let pass here, by their exact words; every other refusal of a request that the document allows is a defect.
"""

import re
import unicodedata

import jsonschema_rs
import schemathesis
from schemathesis.core.failures import AcceptedNegativeData
from schemathesis.core.parameters import ParameterLocation
from schemathesis.openapi.checks import RejectedPositiveData
from schemathesis.specs.openapi.checks import negative_data_rejection, positive_data_acceptance

OF_THE_MOMENT = re.compile(
    "|".join(
        [
            r"The selected (.*\W)?((\w+ )?id|\w+ ids\.\d+|tag|cursor) is invalid\.",
            r"The .+ has already been taken\.",
            r"The .+ field cannot be changed\.",
            # What an update would make of the record.
            r"The is default field cannot be unset; make another pipeline the default one\.",
            r"The tags field must not have more than 50 items\.",
            r"The custom fields field must not have more than 100 keys\.",
            # Rules between two members, which their descriptions name.
            r"The (\S+\.)?is lost field must be false where is won is true\.",
            r"The cursor field cannot be used together with page\.",
            # What one member of a step says decides what others must be, and texts name what they are filled in with.
            r"The (selected )?(steps\.\d+|trigger)\.config\.(field|operator|value(\.\S.*)?|to|subject|body|text|message) .*",
            # A form's fields: each key once, options to select from, and what of a lead they say.
            r"The (selected )?fields\.\d+\.(key|maps to|options) .*",
            # What an update may bring to a config, the integration's type decides.
            r"The (selected )?config\.\S.* (is unknown|is required( when .*)?|is invalid|must .*)\.",
        ]
    )
)


def depends_on_the_moment(response):
    if response.status_code == 412:
        return True
    if response.status_code != 422:
        return False
    answer = response.json()
    if answer["code"] == "IDEMPOTENCY_KEY_REUSED":
        return True
    # What a form asks stands in the form, what a service's message is like is known by its integration, and what is
    # taken in once more stands in the ledger.
    path = response.request.url.split("?")[0]
    if path.endswith(("/submissions", "/replay")) or "/api/inbound/forms/" in path or "/api/inbound/integrations/" in path:
        return True
    messages = [message for messages in answer["errors"].values() for message in messages]
    return all(OF_THE_MOMENT.fullmatch(message) for message in messages)


def fits_the_document(case):
    """schemathesis also takes bodies for good that fit none of the cases of a step: those are none of ours."""
    document = case.operation.schema.raw_schema
    operation = document["paths"][case.operation.path][case.operation.method.lower()]
    content = operation.get("requestBody", {}).get("content", {}).get("application/json")
    if content is None:
        return True
    schema = {"components": document["components"], "allOf": [content["schema"]]}
    return jsonschema_rs.Draft202012Validator(schema).is_valid(case.body)


@schemathesis.check
def good_data_is_accepted(context, response, case):
    """`positive_data_acceptance`, which schemathesis.toml switches off, with the above let pass."""
    try:
        return positive_data_acceptance(context, response, case)
    except RejectedPositiveData:
        if depends_on_the_moment(response) or not fits_the_document(case):
            return None
        raise


def all_text(items):
    return all(isinstance(item, str) for item in items)


def normalized(value):
    """What the server sees: text without white space at its ends and in Unicode's form C, an empty one as null; a name
    that comes twice in a list counts once."""
    if isinstance(value, str):
        return unicodedata.normalize("NFC", value.strip()) or None
    if isinstance(value, list):
        items = [normalized(item) for item in value]
        return list({item.casefold(): item for item in items}.values()) if all_text(items) else items
    if isinstance(value, dict):
        return {name.strip(): normalized(item) for name, item in value.items()}
    return value


def is_good_once_normalized(case):
    negative = [place for place, part in case.meta.components.items() if part.mode.is_negative]
    if negative != [ParameterLocation.BODY] or case.media_type != "application/json":
        return False
    document = case.operation.schema.raw_schema
    body = document["paths"][case.operation.path][case.operation.method]["requestBody"]
    schema = {**body["content"]["application/json"]["schema"], "components": document["components"]}
    return jsonschema_rs.Draft202012Validator(schema, validate_formats=True).is_valid(normalized(case.body))


@schemathesis.check
def bad_data_is_refused(context, response, case):
    """`negative_data_rejection`, with bodies let pass that are good once their text is normalized."""
    try:
        return negative_data_rejection(context, response, case)
    except AcceptedNegativeData:
        if is_good_once_normalized(case):
            return None
        raise


@schemathesis.hook
def map_headers(context, headers):
    """Every other condition on what a record was is one that holds, so that its update is carried out."""
    if headers and len(headers.get("If-Match", "-")) % 2 == 0:
        headers["If-Match"] = "*"
    return headers


@schemathesis.hook
def map_body(context, body):
    """Every other id in a body is a small one, which a record may have."""
    if isinstance(body, dict):
        for name, value in body.items():
            if name.endswith("_id") and isinstance(value, int) and value % 2 == 0:
                body[name] = value % 4 + 1
    return body
