/**
 * Whether this window may ask at all. The desktop window always may; a browser page needs the cookie
 * that a one-time link buys, whose token leaves the address bar before anything else happens.
 */
import { signedIn, signIn } from '$lib/api/client';
import { ApiError } from '$lib/api/http';
import { signInToken } from '$lib/router/router';
import { transport } from '$lib/transport';

export type SessionState = 'checking' | 'signed-in' | 'signed-out' | 'link-used' | 'unreachable';

export class Session {
  state = $state<SessionState>('checking');

  async start(): Promise<void> {
    if (transport.host === 'desktop') {
      this.state = 'signed-in';
      return;
    }
    this.state = 'checking';
    const token = signInToken(location.hash);
    if (token !== null) history.replaceState(null, '', `${location.pathname}#/fire`);
    try {
      if (token !== null && (await this.#exchange(token))) {
        this.state = 'signed-in';
        return;
      }
      const already = await signedIn();
      this.state = already ? 'signed-in' : token === null ? 'signed-out' : 'link-used';
    } catch {
      this.state = 'unreachable';
    }
  }

  async #exchange(token: string): Promise<boolean> {
    try {
      await signIn(token);
      return true;
    } catch (error) {
      if (error instanceof ApiError && error.status >= 400 && error.status < 500) return false;
      throw error;
    }
  }
}
