/** One holder's ledger by example: charges, refusals, replays, aborts, what each step refuses. */
import { deepEqual, equal, throws } from 'node:assert/strict';
import { describe, test } from 'vitest';
import { Refusal } from '../../src/base/errors.ts';
import { refusal } from '../support/refusal.ts';
import { amount, id, LedgerScript } from './ledger-script.ts';

const state = refusal('PROTOCOL_STATE');
const conflict = refusal('CONFLICT');

function granted(rho = '3/10', delta = '0/1'): LedgerScript {
  const ledger = new LedgerScript();
  ledger.grant('study', amount(rho, delta));
  return ledger;
}

const fieldsOf = (call: () => unknown): unknown => {
  try {
    call();
  } catch (error) {
    return error instanceof Refusal ? error.fields : error;
  }
  return undefined;
};

describe('charges', () => {
  test('three of 1/10 fit into 3/10 exactly; then nothing positive fits', () => {
    const ledger = granted();
    for (const run of ['a', 'b', 'c']) {
      equal(ledger.reserve('study', run, run, amount('1/10')).kind, 'charge');
    }
    equal(ledger.left('study'), '0/1');
    const tiny = amount(`1/${10n ** 200n}`);
    throws(() => ledger.reserve('study', 'd', 'd', tiny), refusal('BUDGET_EXHAUSTED'));
  });

  test('a refusal says holder, asked, spent and left, changes nothing and ends nothing', () => {
    const ledger = granted('1/2');
    ledger.reserve('study', 'a', 'a', amount('1/5')); // open reservations count as spent
    ledger.reserve('study', 'b', 'b', amount('1/5'));
    ledger.touch('b');
    const before = ledger.state;
    const over = () => ledger.reserve('study', 'c', 'c', amount('1/5'));
    throws(over, refusal('BUDGET_EXHAUSTED'));
    deepEqual(fieldsOf(over), { holder: 'lu', asked: '1/5', spent: '2/5', left: '1/10' });
    equal(ledger.state, before);
    equal(ledger.reserve('study', 'd', 'd', amount('1/10')).kind, 'charge');
  });

  test('disclosures are counted by study: an aborted one gives its place back, a touched one does not', () => {
    const ledger = granted('2/1');
    ledger.grant('other', amount('1/1'));
    const disclosing = (study: string, run: string) =>
      ledger.reserve(study, run, run, amount('1/10'), {
        disclosure: { output: 'set', quota: 2 },
      });
    disclosing('study', 'a');
    disclosing('study', 'b');
    throws(() => disclosing('study', 'c'), refusal('DISCLOSURES_EXHAUSTED'));
    equal(disclosing('study', 'a').kind, 'known');
    equal(disclosing('other', 'd').kind, 'charge');
    equal(ledger.reserve('study', 'e', 'e', amount('1/10')).kind, 'charge');
    ledger.abort('a');
    equal(disclosing('study', 'f').kind, 'charge');
    ledger.touch('b');
    throws(() => disclosing('study', 'g'), refusal('DISCLOSURES_EXHAUSTED'));
    const booked = ledger.entries.flatMap(({ body }) =>
      body.type === 'reserve' && body.discloses !== undefined ? [body.discloses] : [],
    );
    deepEqual(booked, ['set', 'set', 'set', 'set']);
  });

  test('accept, accept, reject, accept (a filter stays usable)', () => {
    const ledger = granted('1/2');
    const kinds = ['1/5', '1/5', '1/5', '1/10'].map((rho, i) => {
      try {
        return ledger.reserve('study', `run ${i}`, `key ${i}`, amount(rho)).kind;
      } catch {
        return 'refused';
      }
    });
    deepEqual(kinds, ['charge', 'charge', 'refused', 'charge']);
  });

  test('delta is limited as well, and named where only it does not fit', () => {
    const ledger = granted('1/1', '1/1000000');
    ledger.reserve('study', 'a', 'a', amount('1/10', '1/2000000'));
    const over = () => ledger.reserve('study', 'b', 'b', amount('1/10', '1/1000000'));
    throws(over, refusal('BUDGET_EXHAUSTED'));
    deepEqual(fieldsOf(over), {
      holder: 'lu',
      asked: '1/1000000',
      spent: '1/2000000',
      left: '1/2000000',
    });
  });

  test('the holder limit caps the sum over studies', () => {
    const ledger = new LedgerScript('jp', { holder: amount('1/2', '1/2') });
    ledger.grant('one', amount('2/5'));
    ledger.grant('two', amount('2/5'));
    ledger.reserve('one', 'a', 'a', amount('2/5'));
    const over = () => ledger.reserve('two', 'b', 'b', amount('1/5'));
    throws(over, refusal('HOLDER_LIMIT_EXHAUSTED'));
    deepEqual(fieldsOf(over), { holder: 'jp', asked: '1/5' });
    equal(ledger.reserve('two', 'c', 'c', amount('1/10')).kind, 'charge');
  });

  test('a study without a grant, a charge of zero, a negative one', () => {
    const ledger = granted();
    throws(() => ledger.reserve('other', 'a', 'a', amount('1/10')), refusal('STUDY_UNKNOWN'));
    for (const bad of [amount('0/1'), amount('-1/10'), amount('1/10', '-1/10')]) {
      throws(() => ledger.reserve('study', 'a', 'a', bad), refusal('INVALID_PARAMETER'));
    }
  });
});

describe('the same run again', () => {
  test('is known, charges nothing, and names the noise that stands', () => {
    const ledger = granted();
    ledger.reserve('study', 'a', 'key', amount('1/10'));
    const known = { kind: 'known', charged: true, commitment: id('seed a') };
    deepEqual(ledger.reserve('study', 'a', 'key', amount('1/10')), known);
    ledger.touch('a');
    deepEqual(ledger.reserve('study', 'a', 'key', amount('1/10')), known);
    equal(ledger.entries.length, 4);
  });
  test('with another plan, key or amount is a conflict', () => {
    const ledger = granted();
    ledger.reserve('study', 'a', 'key', amount('1/10'));
    throws(() => ledger.reserve('study', 'a', 'other', amount('1/10')), conflict);
    throws(() => ledger.reserve('study', 'a', 'key', amount('1/5')), conflict);
    throws(() => ledger.reserve('study', 'a', 'key', amount('1/10', '1/9')), conflict);
  });
  test('a grant is idempotent; another amount is a conflict', () => {
    const ledger = granted();
    equal(ledger.grant('study', amount('3/10')), false);
    throws(() => ledger.grant('study', amount('2/5')), conflict);
  });
});

describe('the same vector key in a new run', () => {
  const stored = (): LedgerScript => {
    const ledger = granted('1/10');
    ledger.reserve('study', 'a', 'key', amount('1/10'));
    ledger.touch('a');
    ledger.vector('a');
    return ledger;
  };
  test('replays a stored vector free, also from an exhausted budget', () => {
    const ledger = stored();
    const replay = { kind: 'replay', of: id('a'), commitment: id('seed a') };
    deepEqual(ledger.reserve('study', 'b', 'key', amount('1/10')), replay);
    equal(ledger.left('study'), '0/1');
    deepEqual(ledger.reserve('study', 'b', 'key', amount('1/10')), {
      kind: 'known',
      charged: false,
      commitment: id('seed a'),
    });
    equal(ledger.state.runs.get(id('b'))?.vector, id('vector a'));
    ledger.settle('b');
    equal(ledger.state.runs.get(id('b'))?.status, 'settled');
  });
  test('a replayed run may not touch data; it may be aborted', () => {
    const ledger = stored();
    ledger.reserve('study', 'b', 'key', amount('1/10'));
    throws(() => ledger.touch('b'), state);
    throws(() => ledger.vector('b', 'fresh'), state);
    ledger.abort('b');
    equal(ledger.left('study'), '0/1');
  });
  test('is charged separately while the first run has no vector', () => {
    const ledger = granted('3/10');
    ledger.reserve('study', 'a', 'key', amount('1/10'));
    equal(ledger.reserve('study', 'b', 'key', amount('1/10')).kind, 'charge');
    ledger.abort('a');
    equal(ledger.left('study'), '1/5');
    ledger.touch('b');
    ledger.vector('b');
    deepEqual(ledger.reserve('study', 'c', 'key', amount('1/10')).kind, 'replay');
  });
  test('two charged runs keep a vector each, and replays use the first', () => {
    const ledger = granted('3/10');
    for (const run of ['a', 'b']) ledger.reserve('study', run, 'key', amount('1/10'));
    for (const run of ['b', 'a']) ledger.touch(run);
    for (const run of ['b', 'a']) ledger.vector(run);
    equal(ledger.state.runs.get(id('a'))?.vector, id('vector a'));
    ledger.reserve('study', 'c', 'key', amount('1/10'));
    equal(ledger.state.runs.get(id('c'))?.vector, id('vector b'));
  });
});

describe('transitions', () => {
  const reserved = (): LedgerScript => {
    const ledger = granted();
    ledger.reserve('study', 'a', 'key', amount('1/10'));
    return ledger;
  };
  test('abort before touch gives everything back, once', () => {
    const ledger = reserved();
    equal(ledger.abort('a'), true);
    equal(ledger.abort('a'), false);
    equal(ledger.left('study'), '3/10');
    throws(() => ledger.touch('a'), state);
    throws(() => ledger.reserve('study', 'a', 'key', amount('1/10')), state);
  });
  test('no refund after touch', () => {
    const ledger = reserved();
    equal(ledger.touch('a'), true);
    equal(ledger.touch('a'), false);
    throws(() => ledger.abort('a'), state);
    equal(ledger.left('study'), '1/5');
  });
  test('settle needs touch and vector; twice is known; another release is a conflict', () => {
    const ledger = reserved();
    throws(() => ledger.settle('a'), state);
    ledger.touch('a');
    throws(() => ledger.settle('a'), state);
    ledger.vector('a');
    equal(ledger.settle('a'), true);
    equal(ledger.settle('a'), false);
    throws(() => ledger.settle('a', 'other'), conflict);
    throws(() => ledger.abort('a'), state);
    equal(ledger.touch('a'), false);
    equal(ledger.vector('a'), false);
  });
  test('a vector needs touch, is kept once, and is one', () => {
    const ledger = reserved();
    throws(() => ledger.vector('a'), state);
    ledger.touch('a');
    equal(ledger.vector('a'), true);
    equal(ledger.vector('a'), false);
    throws(() => ledger.vector('a', 'other'), conflict);
  });
  test('unknown runs', () => {
    const ledger = granted();
    for (const step of [ledger.touch, ledger.vector, ledger.settle, ledger.abort]) {
      throws(() => step('nobody'), state);
    }
  });
});
