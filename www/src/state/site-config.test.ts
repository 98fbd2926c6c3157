import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SiteConfig } from './site-config.ts';

function taken(values: Record<string, unknown>): SiteConfig {
  const config = new SiteConfig();
  config.take(Object.fromEntries(Object.entries(values).map(([key, value]) => [key, { value }])));
  return config;
}

test('nothing decided: an open site without an upgrade page and examples', () => {
  const { isSignupOpen, upgradeUrl, examples } = taken({});
  assert.deepEqual([isSignupOpen.value, upgradeUrl.value, examples.value], [true, null, []]);
});

test('what was decided', () => {
  const { isSignupOpen, upgradeUrl, examples } = taken({
    'chat.signup': 'closed',
    'chat.upgradeUrl': 'https://shop.example/plans',
    'chat.examples': 'One?|Two?',
  });
  assert.deepEqual([isSignupOpen.value, upgradeUrl.value, examples.value], [false, 'https://shop.example/plans', ['One?', 'Two?']]);
});

test('only a link to the web is one, and only text is text', () => {
  for (const value of ['javascript:alert(1)', '/plans', 7, null]) assert.equal(taken({ 'chat.upgradeUrl': value }).upgradeUrl.value, null);
});
