/**
 * OpenID Connect sign-in for people who read in a browser: authorization code with PKCE, state and
 * nonce (OpenID Connect Core 1.0, RFC 7636). The configuration says which subject is which key; a
 * session then has the roles of that key, and of the table only what is marked `session`: it reads.
 * Nothing that spends, writes or is the wire of a holder takes one (rulings 10): for that a key signs.
 *
 * State and session are cookies that only this service can make (HMAC, `jose`); nothing is stored.
 * A session cannot be withdrawn before it ends, so it is short. Cross-site requests carry no session
 * (SameSite=Strict) and there is nothing to change with one.
 *
 * Adversary   whoever can make a browser follow a link. Trusted: the issuer, for who signs in.
 * @module
 */
import { createSecretKey, type KeyObject } from 'node:crypto';
import { jwtVerify, SignJWT } from 'jose';
import * as client from 'openid-client';
import { type Dispatcher, fetch as undiciFetch } from 'undici';
import { check, Refusal } from '../base/errors.ts';
import type { PublicKeyText } from '../base/sign.ts';
import type { Clock } from '../flows/ports.ts';

export type SignInOptions = {
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret?: string | undefined;
  /** The address of `/v1/sign-in/callback`, as the issuer knows it. */
  readonly redirect: string;
  /** Keys by subject, as the issuer names people. */
  readonly people: Readonly<Record<string, PublicKeyText>>;
  /** 32 bytes; the same in every process behind one address. */
  readonly key: Uint8Array;
  readonly clock: Pick<Clock, 'now'>;
  readonly dispatcher: Dispatcher;
};

export const SESSION_SECONDS = 1800;
export const ATTEMPT_SECONDS = 600;

type Attempt = { readonly state: string; readonly nonce: string; readonly verifier: string };

export class SignIn {
  readonly #options: SignInOptions;
  readonly #key: KeyObject;
  #issuer: Promise<client.Configuration> | undefined;

  constructor(options: SignInOptions) {
    this.#options = options;
    this.#key = createSecretKey(options.key);
  }

  /** Whether cookies are for TLS only. */
  get secure(): boolean {
    return this.#options.redirect.startsWith('https:');
  }

  /** Where to send the browser, and what it must bring back. */
  async begin(): Promise<{ readonly location: string; readonly attempt: string }> {
    const verifier = client.randomPKCECodeVerifier();
    const attempt = { state: client.randomState(), nonce: client.randomNonce(), verifier };
    const location = client.buildAuthorizationUrl(await this.#discovered(), {
      redirect_uri: this.#options.redirect,
      scope: 'openid',
      response_type: 'code',
      code_challenge: await client.calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
      state: attempt.state,
      nonce: attempt.nonce,
    });
    return {
      location: location.href,
      attempt: await this.#seal('attempt', attempt, ATTEMPT_SECONDS),
    };
  }

  /** The session of whoever comes back with `query`. Refuses with UNAUTHENTICATED. */
  async finish(
    query: string,
    sealed: string,
  ): Promise<{ principal: PublicKeyText; session: string }> {
    const { state, nonce, verifier } = await this.#opened<Attempt>('attempt', sealed);
    const { redirect, people } = this.#options;
    const subject = await client
      .authorizationCodeGrant(await this.#discovered(), new URL(`${redirect}${query}`), {
        pkceCodeVerifier: verifier,
        expectedState: state,
        expectedNonce: nonce,
        idTokenExpected: true,
      })
      .then((tokens) => tokens.claims()?.sub)
      .catch((cause: unknown) => {
        throw new Refusal('UNAUTHENTICATED', 'sign-in', undefined, { cause });
      });
    const known = subject !== undefined && Object.hasOwn(people, subject);
    check(known, 'FORBIDDEN', 'somebody whom the configuration does not name');
    const principal = people[subject] as PublicKeyText;
    return { principal, session: await this.#seal('session', { principal }, SESSION_SECONDS) };
  }

  /** The key that a session stands for. Refuses with UNAUTHENTICATED. */
  async principal(session: string): Promise<PublicKeyText> {
    const { principal } = await this.#opened<{ principal: PublicKeyText }>('session', session);
    // Whoever was taken out of the configuration since is out.
    const known = Object.values(this.#options.people).includes(principal);
    check(known, 'UNAUTHENTICATED', 'somebody whom the configuration names no more');
    return principal;
  }

  #discovered(): Promise<client.Configuration> {
    const { issuer, clientId, clientSecret, dispatcher } = this.#options;
    // Marked as deprecated to stand out. Without TLS the configuration takes loopback only.
    // eslint-disable-next-line @typescript-eslint/no-deprecated
    const execute = issuer.startsWith('http:') ? [client.allowInsecureRequests] : [];
    this.#issuer ??= client
      .discovery(new URL(issuer), clientId, clientSecret, undefined, {
        execute,
        // The binding: undici's fetch and the global one differ in nothing that is used.
        [client.customFetch]: ((url: string, init: object) =>
          undiciFetch(url, { ...init, dispatcher })) as unknown as client.CustomFetch,
      })
      .catch((cause: unknown) => {
        this.#issuer = undefined;
        throw new Refusal('ISSUER_UNREACHABLE', 'issuer', undefined, { cause });
      });
    return this.#issuer;
  }

  #seal(use: string, content: object, seconds: number): Promise<string> {
    const now = Math.floor(this.#options.clock.now().getTime() / 1000);
    return new SignJWT({ ...content })
      .setProtectedHeader({ alg: 'HS256', typ: `kakehashi-${use}+jwt` })
      .setIssuedAt(now)
      .setExpirationTime(now + seconds)
      .sign(this.#key);
  }

  async #opened<T>(use: string, sealed: string): Promise<T> {
    try {
      const { payload } = await jwtVerify(sealed, this.#key, {
        algorithms: ['HS256'],
        typ: `kakehashi-${use}+jwt`,
        currentDate: this.#options.clock.now(),
        requiredClaims: ['exp'],
      });
      // The binding: this service made it.
      return payload as T;
    } catch (cause) {
      throw new Refusal('UNAUTHENTICATED', use, undefined, { cause });
    }
  }
}
