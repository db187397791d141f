/**
 * @openmined/psi.js 2.0.6, Google's ECDH-PSI in WebAssembly, for the same job as psi/vole: who of the receiver's
 * strings the sender has too. Both its parties run in this process, one after the other, without a connection: it is
 * given the time that a network takes.
 */
import { peer } from '../peer.ts';

type Message = Uint8Array;
type Serialized = { readonly serializeBinary: () => Message };
type Factory<T> = { readonly createWithNewKey: (reveal: boolean) => T };
type Codec<T> = { readonly deserializeBinary: (bytes: Message) => T };

type Server = {
  readonly createSetupMessage: (rate: number, size: number, items: readonly string[]) => Serialized;
  readonly processRequest: (request: Serialized) => Serialized;
};
type Client = {
  readonly createRequest: (items: readonly string[]) => Serialized;
  readonly getIntersection: (setup: Serialized, response: Serialized) => number[];
};
type Library = {
  readonly server: Factory<Server>;
  readonly client: Factory<Client>;
  readonly request: Codec<Serialized>;
  readonly response: Codec<Serialized>;
  readonly serverSetup: Codec<Serialized>;
};

export type PsiJs = (receiver: readonly string[], sender: readonly string[]) => number[];

/** The rate of false matches: ours is 2^-40 a session, this is what its filter is usually given. */
const FALSE_POSITIVES = 1e-9;

/** Indices of the receiver's items that the sender has, ascending; undefined where it is not installed. */
export async function psiJs(): Promise<PsiJs | undefined> {
  const load = peer('@openmined/psi.js') as (() => Promise<Library>) | undefined;
  if (load === undefined) return undefined;
  const library = await load();
  return (receiver, sender) => {
    const server = library.server.createWithNewKey(true);
    const client = library.client.createWithNewKey(true);
    const setup = server.createSetupMessage(FALSE_POSITIVES, receiver.length, sender);
    const request = library.request.deserializeBinary(
      client.createRequest(receiver).serializeBinary(),
    );
    const response = server.processRequest(request).serializeBinary();
    const found = client.getIntersection(
      library.serverSetup.deserializeBinary(setup.serializeBinary()),
      library.response.deserializeBinary(response),
    );
    return found.toSorted((a, b) => a - b);
  };
}
