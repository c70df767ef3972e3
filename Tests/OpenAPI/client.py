"""Does with a client that openapi-python-client has made from the document what its users would do.

    client.py PACKAGES URL KEY

PACKAGES is the folder that holds the client's package, `leadhub_api_client`. What the document does not have is left
out: no group of operations is named twice here.
"""

import importlib
import pathlib
import sys


def operation(group, name):
    return importlib.import_module(f"leadhub_api_client.api.{group}.{name}")


def body_of(models, name, example):
    return getattr(models, name).from_dict(example)


def lives(client, models, group, singular, example):
    """Creates a record, finds it in the list, deletes it; all by the client's own types."""
    kind = "".join(word.capitalize() for word in singular.split("_"))
    created = operation(group, f"create_{singular}").sync_detailed(
        client=client, body=body_of(models, f"New{kind}", example)
    )
    assert created.status_code == 201, created.content
    record = created.parsed.data
    assert isinstance(record, getattr(models, kind)), type(record)
    for name, value in example.items():
        if isinstance(value, str):
            assert getattr(record, name) == value, (name, getattr(record, name))

    listed = operation(group, f"list_{group}").sync_detailed(client=client, per_page=100)
    assert listed.status_code == 200, listed.content
    assert record.id in [other.id for other in listed.parsed.data]

    deleted = operation(group, f"delete_{singular}").sync_detailed(record.id, client=client)
    assert deleted.status_code == 204, deleted.content
    gone = operation(group, f"get_{singular}").sync_detailed(record.id, client=client)
    assert gone.status_code == 404
    assert gone.parsed.code == "NOT_FOUND", gone.parsed
    print(f"{singular}: created, listed, deleted")


def main(packages, url, key):
    sys.path.insert(0, packages)
    package = importlib.import_module("leadhub_api_client")
    models = importlib.import_module("leadhub_api_client.models")
    client = package.AuthenticatedClient(base_url=url, token=key)
    lives(client, models, "leads", "lead", {"first_name": "Sarah", "email": "sarah@example.com", "tags": ["vip"]})
    groups = pathlib.Path(packages, "leadhub_api_client", "api")
    if (groups / "forms").exists():
        lives(client, models, "forms", "form", {"name": "Contact"})
    if (groups / "automations").exists():
        trigger = {"type": "lead_created", "config": {}}
        step = {"type": "action", "action": "add_note", "config": {"text": "Hello, {{lead.first_name}}"}}
        lives(
            client, models, "automations", "automation", {"name": "Welcome", "trigger": trigger, "steps": [step]}
        )


main(*sys.argv[1:])
