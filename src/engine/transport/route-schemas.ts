/**
 * Schemas of routes, compiled by what Fastify compiles them with, but when a route first takes or gives something of
 * that shape. A service has some hundred and needs few: compiling all took a quarter of its start.
 * @module
 */
import ajvCompiler from '@fastify/ajv-compiler';
import serializerCompiler from '@fastify/fast-json-stringify-compiler';
import type { FastifySchemaCompiler, FastifyServerOptions } from 'fastify';

type Factories = NonNullable<
  NonNullable<FastifyServerOptions['schemaController']>['compilersFactory']
>;
type Compiler = FastifySchemaCompiler<unknown>;
type Validate = ReturnType<Compiler>;

const validators = ajvCompiler();
const serializers = serializerCompiler();

const validatedLater =
  (compile: Compiler): Compiler =>
  (route) => {
    let compiled: Validate | undefined;
    return (data) => {
      compiled ??= compile(route);
      const valid = compiled(data);
      return valid === false ? { error: compiled.errors ?? [] } : valid;
    };
  };

/** `schemaController` of a server. Schemas of headers must have their names in lower case: Fastify leaves them as they are. */
export const COMPILED_WHEN_USED = {
  compilersFactory: {
    // Its types are those of ajv, which takes a schema; Fastify gives a route with one.
    buildValidator: ((...options: Parameters<typeof validators>) =>
      validatedLater(validators(...options))) as unknown as NonNullable<
      Factories['buildValidator']
    >,
    buildSerializer: (...options) => {
      const compile = serializers(...options);
      return (route) => {
        let compiled: ReturnType<typeof compile> | undefined;
        return (document: unknown) => {
          compiled ??= compile(route);
          return compiled(document);
        };
      };
    },
  },
} satisfies { readonly compilersFactory: Factories };
