/**
 * Compose and Kubernetes files: fields that their formats have and no others (facts of the Compose
 * specification and of the Kubernetes API reference, for what is used here), and the hardening that the README
 * promises. Nothing here starts a cluster.
 */
import { deepStrictEqual, ok, strictEqual } from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, test } from 'vitest';
import { type TSchema, Type } from 'typebox';
import { Errors } from 'typebox/value';
import { parseAllDocuments } from 'yaml';

const FOLDER = path.resolve(import.meta.dirname, '../../sandbox-images');
const text = (name: string): string => readFileSync(path.join(FOLDER, name), 'utf8');

const Closed = <P extends Record<string, TSchema>>(properties: P) =>
  Type.Object(properties, { additionalProperties: false });
const Text = Type.String({ minLength: 1 });
const Texts = Type.Array(Text);
const Optional = Type.Optional;
const Whole = Type.Integer({ minimum: 0 });

const ComposeSecret = Closed({
  source: Text,
  target: Optional(Text),
  uid: Optional(Text),
  gid: Optional(Text),
  mode: Optional(Whole),
});
const Compose = Closed({
  services: Type.Record(
    Text,
    Closed({
      image: Text,
      command: Optional(Texts),
      user: Optional(Text),
      read_only: Optional(Type.Boolean()),
      init: Optional(Type.Boolean()),
      cap_drop: Optional(Texts),
      security_opt: Optional(Texts),
      ports: Optional(Texts),
      volumes: Optional(Texts),
      tmpfs: Optional(Texts),
      secrets: Optional(Type.Array(ComposeSecret)),
      stop_grace_period: Optional(Text),
      restart: Optional(Type.Enum(['no', 'always', 'on-failure', 'unless-stopped'])),
      mem_limit: Optional(Text),
      pids_limit: Optional(Whole),
      logging: Optional(Closed({ driver: Text, options: Optional(Type.Record(Text, Text)) })),
    }),
  ),
  volumes: Optional(Type.Record(Text, Closed({}))),
  secrets: Optional(Type.Record(Text, Closed({ file: Text }))),
});

const Port = Type.Union([Whole, Text]);
const Names = Type.Record(Text, Text);
const Metadata = Closed({ name: Optional(Text), labels: Optional(Names) });
const Probe = Closed({
  httpGet: Closed({ path: Text, port: Port, scheme: Optional(Type.Enum(['HTTP', 'HTTPS'])) }),
  periodSeconds: Optional(Whole),
  timeoutSeconds: Optional(Whole),
});
const Container = Closed({
  name: Text,
  image: Text,
  args: Optional(Texts),
  envFrom: Optional(Type.Array(Closed({ configMapRef: Closed({ name: Text }) }))),
  ports: Optional(Type.Array(Closed({ name: Text, containerPort: Whole }))),
  securityContext: Optional(
    Closed({
      allowPrivilegeEscalation: Type.Boolean(),
      readOnlyRootFilesystem: Type.Boolean(),
      capabilities: Closed({ drop: Texts }),
    }),
  ),
  resources: Optional(Closed({ requests: Optional(Names), limits: Optional(Names) })),
  livenessProbe: Optional(Probe),
  readinessProbe: Optional(Probe),
  volumeMounts: Optional(
    Type.Array(Closed({ name: Text, mountPath: Text, readOnly: Optional(Type.Boolean()) })),
  ),
});
const Volume = Closed({
  name: Text,
  emptyDir: Optional(Closed({ sizeLimit: Optional(Text) })),
  secret: Optional(Closed({ secretName: Text, defaultMode: Optional(Whole) })),
});
const Pod = Closed({
  automountServiceAccountToken: Optional(Type.Boolean()),
  terminationGracePeriodSeconds: Optional(Whole),
  securityContext: Optional(
    Closed({
      runAsNonRoot: Type.Boolean(),
      runAsUser: Whole,
      runAsGroup: Whole,
      fsGroup: Optional(Whole),
      seccompProfile: Closed({ type: Type.Enum(['RuntimeDefault', 'Unconfined', 'Localhost']) }),
    }),
  ),
  containers: Type.Array(Container, { minItems: 1 }),
  volumes: Optional(Type.Array(Volume)),
});
const Claim = Closed({
  metadata: Metadata,
  spec: Closed({ accessModes: Texts, resources: Closed({ requests: Names }) }),
});
const KINDS: Record<string, TSchema> = {
  ConfigMap: Closed({
    apiVersion: Type.Literal('v1'),
    kind: Text,
    metadata: Metadata,
    data: Names,
  }),
  Service: Closed({
    apiVersion: Type.Literal('v1'),
    kind: Text,
    metadata: Metadata,
    spec: Closed({
      selector: Names,
      ports: Type.Array(Closed({ name: Optional(Text), port: Whole, targetPort: Optional(Port) })),
    }),
  }),
  StatefulSet: Closed({
    apiVersion: Type.Literal('apps/v1'),
    kind: Text,
    metadata: Metadata,
    spec: Closed({
      serviceName: Text,
      replicas: Whole,
      selector: Closed({ matchLabels: Names }),
      template: Closed({ metadata: Metadata, spec: Pod }),
      volumeClaimTemplates: Optional(Type.Array(Claim)),
    }),
  }),
};

const documents = (yaml: string): unknown[] =>
  parseAllDocuments(yaml, { version: '1.2', strict: true }).map((one) => {
    deepStrictEqual(one.errors, []);
    return one.toJS() as unknown;
  });
const wrong = (schema: TSchema, value: unknown): string[] =>
  [...Errors(schema, value)].map((one) => `${one.instancePath} ${one.keyword}`);

describe('Compose', () => {
  test('fields that it has', () => {
    const [document] = documents(text('compose.yaml'));
    deepStrictEqual(wrong(Compose, document), []);
  });

  test('control: another field is found', () => {
    const [document] = documents(text('compose.yaml').replace('read_only:', 'readonly:'));
    ok(wrong(Compose, document).length > 0);
  });
});

describe('Kubernetes', () => {
  const all = documents(text('kubernetes.yaml')) as { kind: string }[];

  test('fields that it has', () => {
    deepStrictEqual(
      all.map(({ kind }) => kind),
      ['ConfigMap', 'Service', 'StatefulSet'],
    );
    for (const one of all) deepStrictEqual(wrong(KINDS[one.kind] ?? Type.Never(), one), []);
  });

  test('control: another field is found', () => {
    const changed = text('kubernetes.yaml').replace(
      'readOnlyRootFilesystem',
      'readonlyRootFilesystem',
    );
    const [set] = (documents(changed) as { kind: string }[]).slice(-1);
    ok(wrong(KINDS['StatefulSet'] ?? Type.Never(), set).length > 0);
  });

  test('what a container mounts is there, and it may do nothing that it need not', () => {
    const set = all[2] as unknown as {
      spec: {
        replicas: number;
        template: { spec: { containers: Record<string, unknown>[]; volumes: { name: string }[] } };
        volumeClaimTemplates: { metadata: { name: string } }[];
      };
    };
    const { containers, volumes } = set.spec.template.spec;
    const there = [
      ...volumes.map(({ name }) => name),
      ...set.spec.volumeClaimTemplates.map(({ metadata }) => metadata.name),
    ];
    for (const { volumeMounts, securityContext } of containers as {
      volumeMounts: { name: string }[];
      securityContext: object;
    }[]) {
      for (const { name } of volumeMounts) ok(there.includes(name), name);
      deepStrictEqual(securityContext, {
        allowPrivilegeEscalation: false,
        readOnlyRootFilesystem: true,
        capabilities: { drop: ['ALL'] },
      });
    }
    strictEqual(set.spec.replicas, 1);
  });
});

test('the image has no base, no shell and no root', () => {
  const lines = text('Containerfile')
    .split('\n')
    .filter((line) => /^[A-Z]+ /.test(line));
  deepStrictEqual(
    lines.map((line) => line.split(' ')[0]),
    ['FROM', 'COPY', 'USER', 'WORKDIR', 'ENV', 'ENTRYPOINT', 'CMD', 'LABEL'],
  );
  ok(lines.includes('FROM scratch') && lines.includes('USER 65532:65532'));
});
