/**
 * A carrier on loopback that speaks as much of Twilio's Calls API as one call needs. A test says when the
 * callee's phone rings, is answered and put down; each is told to Switchhook in a signed callback. What a
 * carrier does wrong is tried elsewhere, against the carrier of the black-box tests.
 */
import { createHmac } from 'node:crypto';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

export const ACCOUNT = 'AC0123456789abcdef0123456789abcdef';
export const TOKEN = 'an auth token of nobody';
const SID = 'CA0123456789abcdef0123456789abcdef';

/** The account itself, as it is asked for to verify it. */
const PAYING = { sid: ACCOUNT, friendly_name: 'Harbour Dental', status: 'active', type: 'Full' };

export class CarrierDouble {
  #server: Server;
  #call: URLSearchParams | null = null;
  #status = 'queued';
  #rung: () => void = () => {};
  /** Settles when the first dial has come. */
  readonly dialed = new Promise<void>((resolve) => (this.#rung = resolve));
  /** Every number that was dialled, in order. */
  readonly numbers: string[] = [];

  /** `reach` is where callbacks are really sent; their URLs name the public address, which is what is signed. */
  constructor(readonly reach: string | null = null) {
    this.#server = createServer((request, response) => {
      void this.#answer(request).then((status) => {
        response.writeHead(status, { 'Content-Type': 'application/json' });
        const call = request.url?.includes('/Calls') ?? false;
        response.end(JSON.stringify(call ? this.#resource() : PAYING));
        if (status === 201) this.#rung();
      });
    });
  }

  async listen(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    await new Promise((resolve) => {
      this.#server.close(resolve);
      this.#server.closeAllConnections();
    });
  }

  /** What the callee's phone does now; settles when Switchhook has been told. */
  async tell(status: 'ringing' | 'in-progress' | 'completed' | 'busy' | 'no-answer'): Promise<number> {
    const call = this.#call;
    if (!call) throw new Error('nothing was dialled');
    this.#status = status;
    const url = call.get('StatusCallback') ?? '';
    const form = new URLSearchParams({
      AccountSid: ACCOUNT,
      ApiVersion: '2010-04-01',
      CallSid: SID,
      CallStatus: status,
      Direction: 'outbound-api',
      From: call.get('From') ?? '',
      To: call.get('To') ?? '',
    });
    const signed = url + [...form].map(([name, value]) => name + value).join('');
    const signature = createHmac('sha1', TOKEN).update(signed).digest('base64');
    const { pathname, search, origin } = new URL(url);
    const reply = await fetch((this.reach ?? origin) + pathname + search, {
      method: 'POST',
      headers: { 'X-Twilio-Signature': signature },
      body: form,
    });
    return reply.status;
  }

  async #answer(request: IncomingMessage): Promise<number> {
    if (request.method !== 'POST' || !request.url?.endsWith('/Calls.json')) return 200;
    const body: Buffer[] = [];
    for await (const part of request) body.push(part as Buffer);
    this.#call = new URLSearchParams(Buffer.concat(body).toString());
    this.numbers.push(this.#call.get('To') ?? '');
    return 201;
  }

  #resource(): object {
    return {
      sid: SID,
      account_sid: ACCOUNT,
      status: this.#status,
      to: this.#call?.get('To') ?? null,
      from: this.#call?.get('From') ?? null,
      direction: 'outbound-api',
    };
  }
}
