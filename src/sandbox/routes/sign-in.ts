/** /v1/sign-in: to the issuer and back, for a session that reads. Not there without configuration. @module */
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { Type } from 'typebox';
import { check } from '../../base/errors.ts';
import { cookieText, readCookie } from '../cookies.ts';
import { PROBLEM_RESPONSES } from '../problem.ts';
import { ATTEMPT_SECONDS, SESSION_SECONDS, type SignIn } from '../sign-in.ts';

const Nothing = Type.Object({});
const SignedIn = Type.Object({ principal: Type.String(), seconds: Type.Integer() });
/** What an issuer answers is the issuer's: `sign-in.ts` checks it. */
const Answer = Type.Object({}, { additionalProperties: Type.String({ maxLength: 2048 }) });

export type SignInRoutesOptions = { readonly signIn: SignIn | undefined };

function present(signIn: SignIn | undefined): SignIn {
  check(signIn !== undefined, 'NOT_FOUND', 'no issuer is configured');
  return signIn;
}

export const signInRoutes: FastifyPluginAsyncTypebox<SignInRoutesOptions> = async (
  app,
  { signIn },
) => {
  app.get(
    '/v1/sign-in',
    {
      config: { operation: 'signIn' },
      schema: { response: { 302: Nothing, ...PROBLEM_RESPONSES } },
    },
    async (_request, reply) => {
      const issuer = present(signIn);
      const { location, attempt } = await issuer.begin();
      const cookie = cookieText('sign-in', attempt, ATTEMPT_SECONDS, issuer.secure);
      return reply.code(302).header('set-cookie', cookie).header('location', location).send({});
    },
  );

  app.get(
    '/v1/sign-in/callback',
    {
      config: { operation: 'signedIn' },
      schema: { querystring: Answer, response: { 200: SignedIn, ...PROBLEM_RESPONSES } },
    },
    async (request, reply) => {
      const issuer = present(signIn);
      const attempt = readCookie(request, 'sign-in', issuer.secure);
      check(attempt !== undefined, 'UNAUTHENTICATED', 'no sign-in was begun here');
      const at = request.url.indexOf('?');
      const query = at < 0 ? '' : request.url.slice(at);
      const { principal, session } = await issuer.finish(query, attempt);
      const cookies = [
        cookieText('session', session, SESSION_SECONDS, issuer.secure),
        cookieText('sign-in', '', 0, issuer.secure),
      ];
      return reply.header('set-cookie', cookies).send({ principal, seconds: SESSION_SECONDS });
    },
  );

  app.post(
    '/v1/sign-out',
    {
      config: { operation: 'signOut' },
      schema: { response: { 200: Nothing, ...PROBLEM_RESPONSES } },
    },
    async (_request, reply) => {
      const { secure } = present(signIn);
      return reply.header('set-cookie', cookieText('session', '', 0, secure)).send({});
    },
  );
};
