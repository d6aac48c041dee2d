/**
 * The exact request as a program, with nothing to install: Python's standard library, JavaScript's `fetch`.
 * The body stays the text that the window would send, because reading it into numbers would round them.
 */
import { KEY_VARIABLE, quote, type TriggerRequest } from './request';

export function pythonSnippet(request: TriggerRequest): string {
  return `import os
import urllib.request

request = urllib.request.Request(
    ${quote(request.url)},
    method="POST",
    headers={
        "X-API-Key": os.environ["${KEY_VARIABLE}"],
        "Content-Type": "application/json",
    },
    data=${quote(request.body)}.encode(),
)
with urllib.request.urlopen(request) as reply:
    print(reply.read().decode())
`;
}

export function javascriptSnippet(request: TriggerRequest): string {
  return `const key = process.env.${KEY_VARIABLE};
if (!key) throw new Error("set ${KEY_VARIABLE} to an API key first");

fetch(${quote(request.url)}, {
  method: "POST",
  headers: { "X-API-Key": key, "Content-Type": "application/json" },
  body: ${quote(request.body)},
})
  .then(async (reply) => {
    const text = await reply.text();
    if (!reply.ok) throw new Error(reply.status + " " + text);
    console.log(text);
  })
  .catch((error) => {
    console.error(error);
    process.exitCode = 1;
  });
`;
}
