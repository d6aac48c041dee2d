"""dograh-sdk: every method that has a route here."""

from dograh_sdk import ApiError, DograhClient, SpecMismatchError, ValidationError, Workflow
from dograh_sdk._generated_models import CreateWorkflowRequest, InitiateCallRequest, UpdateWorkflowRequest
from dograh_sdk.typed import AgentNode, EndCall, GlobalNode, Qa, StartCall, Trigger, Webhook


def refused(kind, call):
    try:
        call()
    except kind as error:
        return error
    raise AssertionError(f"{kind.__name__} was not raised")


client = DograhClient()

types = client.list_node_types()
assert types.spec_version == client.spec_version
names = {spec.name for spec in types.node_types}
assert names == {"startCall", "agentNode", "endCall", "globalNode", "trigger", "webhook", "qa"}, names
assert client.get_node_type("trigger").display_name == "API Trigger"
refused(SpecMismatchError, lambda: client.get_node_type("nothing"))
# Without what the list left behind, so that the server is asked.
assert DograhClient().get_node_type("qa").name == "qa"

# The sample agent through the builder and back: nothing of it is lost.
sample = client.list_workflows(status="active")[0]
before = client.get_workflow(sample.id)
saved = client.save_workflow(sample.id, client.load_workflow(sample.id))
assert saved.version_status == "draft"
for node, again in zip(before.workflow_definition["nodes"], saved.workflow_definition["nodes"], strict=True):
    assert node["data"].items() <= again["data"].items(), (node, again)

built = Workflow(client=client, name="Built")
start = built.add_typed(StartCall(prompt="Greet.", greeting="Hello {{who | there}}."))
ask = built.add_typed(AgentNode(prompt="Ask."))
end = built.add_typed(EndCall(prompt="Say goodbye."))
for beside in [Trigger(), Webhook(), Qa(), GlobalNode()]:
    built.add_typed(beside)
built.edge(start, ask, label="Go on", condition="always")
built.edge(ask, end, label="Done", condition="always", transition_speech="Thank you.")
refused(ValidationError, lambda: built.add(type="agentNode", prompt="x", made_up=1))
made = client.create_workflow(body=CreateWorkflowRequest(name="Built", workflow_definition=built.to_json()))
trigger = next(node for node in made.workflow_definition["nodes"] if node["type"] == "trigger")
assert len(trigger["data"]["trigger_path"]) == 36
assert client._request("POST", f"/workflow/{made.id}/validate")["is_valid"]

changed = client.load_workflow(made.id)
changed.name = "Renamed"
client.save_workflow(made.id, changed)
assert client.get_workflow(made.id).name == "Renamed"
client.update_workflow(made.id, body=UpdateWorkflowRequest(name="Again"))
assert {workflow.name for workflow in client.list_workflows()} >= {"Again"}

assert client.list_credentials() == []
kept = {"name": "CRM", "credential_type": "none", "credential_data": {}}
uuid = client._request("POST", "/credentials/", json=kept)["uuid"]
(credential,) = client.list_credentials()
assert (credential.uuid, credential.name) == (uuid, "CRM")

# The draft of what was built is called.
called = client.test_phone_call(body=InitiateCallRequest(workflow_id=made.id, phone_number="+14155550101"))
run = client._request("GET", f"/workflow/{made.id}/runs/{called['workflow_run_id']}")
assert run["initial_context"]["called_number"] == "+14155550101"
nobody = refused(ApiError, lambda: client.test_phone_call(body=InitiateCallRequest(workflow_id=made.id)))
assert nobody.status_code == 400 and "Phone number must be provided" in str(nobody)
refusing = InitiateCallRequest(workflow_id=made.id, phone_number="+14155550105")
assert refused(ApiError, lambda: client.test_phone_call(body=refusing)).body["code"] == "carrier-refused"

missing = refused(ApiError, lambda: client.get_workflow(999))
assert missing.status_code == 404 and "Workflow with id 999 not found" in str(missing)
stranger = DograhClient(api_key="dgr_nobody")
assert refused(ApiError, stranger.list_workflows).status_code == 401
