/** Words about being reached, and of the control listener's switch. */
export const server = {
  try: 'Try the addresses',
  trying: 'Trying…',
  outcomes: {
    reached: 'tried: it answers',
    elsewhere: 'tried: something else answers there',
    redirected: 'tried: it redirects elsewhere',
    silent: 'tried: nothing answers',
    off: '',
  },
  fixes: {
    'this-computer': 'A program on this computer may filter connections. End it, or choose another port.',
    network: 'Nothing came back by the network’s address: a firewall of this computer may be in the way.',
    outside: (target: string) =>
      `Lead the tunnel or the proxy to ${target}, or correct the public base URL. Its certificate has to be one that is trusted.`,
    control: 'Nothing came back from the control listener. Restart Switchhook.',
  },
  networkNote: 'Tried from this computer itself; a firewall may still keep others out.',
  tried: 'The addresses were tried.',
  switches: {
    control: {
      label: 'Control listener',
      note: 'For scripts with a management key on this computer, at port 4666. This window does not need it.',
      on: 'The control listener is on.',
      off: 'The control listener is off.',
    },
    network: {
      label: 'Take triggers from the network',
      note: 'Other computers then reach the address above. It is plain HTTP: keys and numbers can be read on the way.',
      on: 'Triggers are taken from the network.',
      off: 'Triggers are taken from this computer alone.',
    },
  },
  tls: {
    title: 'How to put TLS in front',
    steps: [
      'Have a name whose DNS leads to this computer, and ports 80 and 443 open to it.',
      'Start a proxy that fetches its own certificate, for example Caddy:',
      'Enter https:// and the name as the public base URL below, then try the addresses.',
    ],
    command: (target: string) => `caddy reverse-proxy --from calls.example.com --to ${target}`,
    copy: 'Copy the proxy’s command',
    copied: 'Copied.',
  },
};
