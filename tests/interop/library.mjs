// @dograh/sdk: every method that has a route here.

import assert from 'node:assert/strict';
import { DograhClient, Workflow } from '@dograh/sdk';

const client = new DograhClient({
	baseUrl: process.env.DOGRAH_API_URL,
	apiKey: process.env.DOGRAH_API_KEY
});

const { node_types: types } = await client.listNodeTypes();
assert.equal(types.length, 7);
assert.equal((await client.getNodeType('trigger')).display_name, 'API Trigger');
await assert.rejects(client.getNodeType('nothing'));

// The sample agent through the builder and back.
const [sample] = await client.listWorkflows({ status: 'active' });
const before = await client.getWorkflow(sample.id);
const saved = await client.saveWorkflow(sample.id, await client.loadWorkflow(sample.id));
assert.equal(saved.version_status, 'draft');
before.workflow_definition.nodes.forEach((node, at) => {
	const again = saved.workflow_definition.nodes[at].data;
	assert.deepEqual({ ...again, ...node.data }, again);
});

const built = new Workflow({ client, name: 'Built' });
const start = await built.add({ type: 'startCall', name: 'Start', prompt: 'Greet.' });
const end = await built.add({ type: 'endCall', name: 'End', prompt: 'Say goodbye.' });
await built.add({ type: 'trigger' });
built.edge(start, end, { label: 'Done', condition: 'always' });
await assert.rejects(built.add({ type: 'agentNode', prompt: 'x', made_up: 1 }));
const made = await client.createWorkflow({
	body: { name: 'Built', workflow_definition: built.toJson() }
});
assert.equal(made.workflow_definition.nodes[2].data.trigger_path.length, 36);
await client.updateWorkflow(made.id, { body: { name: 'Again' } });
assert.equal((await client.getWorkflow(made.id)).name, 'Again');
await assert.rejects(client.getWorkflow(999));

assert.deepEqual(await client.listCredentials(), []);
const call = (phone_number) => client.testPhoneCall({ body: { workflow_id: made.id, phone_number } });
assert.ok((await call('+14155550101')).workflow_run_id > 0);
await assert.rejects(call('+14155550105'), { statusCode: 400 });
