// Bodies that are no JSON, or not the JSON that a method call is.
import { after, afterEach, describe, test } from 'node:test';
import assert from 'node:assert/strict';
import { startApp } from '../lib/app.mjs';
import { healthy } from '../lib/program.mjs';

const app = await startApp();
after(() => app.stop());
afterEach(async () => assert.ok(await healthy(app.address), 'the process lives on'));

const bytes = (...parts) => Buffer.concat(parts.map((part) => (typeof part === 'string' ? Buffer.from(part) : Buffer.from(part))));
const nested = (depth) => `{"args":{"x":${'['.repeat(depth)}${']'.repeat(depth)}}}`;

describe('refused with 400 and a sentence', () => {
  const refused = {
    'nothing but blanks': '   \n',
    'an opening brace': '{',
    'half a body': '{"args":{"email":"a',
    'an array': '[]',
    'a string': '"args"',
    'a number': '7',
    null: 'null',
    true: 'true',
    'text behind the object': '{"args":{}} x',
    'two objects': '{"args":{}}{"args":{}}',
    'a comment': '{"args":{}/* */}',
    'single quotes': "{'args':{}}",
    'no quotes': '{args:{}}',
    'a comma at the end': '{"args":{},}',
    NaN: '{"args":{"x":NaN}}',
    Infinity: '{"args":{"x":-Infinity}}',
    'a leading zero': '{"args":{"x":01}}',
    'a hexadecimal number': '{"args":{"x":0x10}}',
    'True': '{"args":{"x":True}}',
    'a raw control character': '{"args":{"x":"a\u0001b"}}',
    'a raw line feed in a string': '{"args":{"x":"a\nb"}}',
    'a NUL behind the object': '{"args":{}}\u0000',
    'an unknown escape': '{"args":{"x":"\\q"}}',
    'half a unicode escape': '{"args":{"x":"\\u12"}}',
    'a lone surrogate': '{"args":{"x":"\\ud800"}}',
    'invalid UTF-8': bytes('{"args":{"x":"', [0xff, 0xfe], '"}}'),
    'overlong UTF-8': bytes('{"args":{"x":"', [0xc0, 0xaf], '"}}'),
    'a surrogate in UTF-8': bytes('{"args":{"x":"', [0xed, 0xa0, 0x80], '"}}'),
    'UTF-8 cut short': bytes('{"args":{"x":"', [0xe2, 0x82], '"}}'),
    'UTF-16': Buffer.from('{"args":{}}', 'utf16le'),
    '100 levels': nested(100),
    '30,000 levels': nested(30_000),
    '30,000 levels never closed': `{"args":${'['.repeat(30_000)}`,
    'args an array': '{"args":[]}',
    'args a string': '{"args":"x"}',
    'args a number': '{"args":0}',
    'authToken a number': '{"args":{},"authToken":1}',
    'authToken an object': '{"args":{},"authToken":{"$ne":null}}',
  };
  for (const [name, body] of Object.entries(refused)) {
    test(name, async () => {
      const response = await app.client().post('_system.session.init', body);
      assert.equal(response.status, 400, response.text);
      assert.match(response.get('content-type'), /^text\/plain/);
      assert.match(response.text, /^[A-Z][^{}]{6,}$/);
    });
  }
});

describe('taken', () => {
  const taken = {
    'no args': '{}',
    'args null': '{"args":null}',
    'blanks around it': ' \r\n\t{ "args" : { } } \n',
    'more than is known': '{"args":{"a":[1,2.5e3,{"b":null}]},"clientInfo":{"screenWidth":1,"orientation":"portrait"},"other":[true]}',
    'clientInfo of a kind nobody expects': '{"args":{},"clientInfo":[["x"]]}',
    'escapes': '{"args":{"x":"\\u00e9\\ud83d\\ude00\\n\\/"}}',
    'several levels': nested(8),
    'a token of null': '{"args":{},"authToken":null}',
  };
  for (const [name, body] of Object.entries(taken)) {
    test(name, async () => {
      const response = await app.client().post('_system.session.init', body);
      assert.equal(response.status, 200, response.text);
    });
  }
  test('an empty body', async () => {
    const response = await app.client().post('_system.session.init', '', { length: 0 });
    assert.ok([200, 400].includes(response.status), String(response.status));
  });
});

test('a name given twice is one value, never two', async () => {
  const client = app.client();
  await client.signUp();
  const [email, password] = [JSON.stringify(client.email), JSON.stringify(client.password)];
  const response = await client.post('_system.user.loginWithPassword',
    `{"args":{"email":"nobody@example.org","email":${email},"password":"x","password":${password}}}`);
  assert.ok([200, 400].includes(response.status), `${response.status}: the last one counts, or none does`);
});

test('names from the prototype of objects mean nothing', async () => {
  const response = await app.client().post('_system.user.loginWithPassword',
    '{"args":{"__proto__":{"email":"a@example.org"},"constructor":1}}');
  assert.ok([400, 401].includes(response.status));
});

test('an answer survives text that needs escaping', async () => {
  const client = app.client();
  await client.join();
  const firstName = '"\\/\u2028\u2029<>&\u{1f600}\u0085';
  const { user } = await client.call('_system.user.updateProfile', { firstName });
  assert.equal(user.firstName, firstName);
});
