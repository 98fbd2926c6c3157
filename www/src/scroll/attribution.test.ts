import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ScrollAttribution, type Position } from './attribution.ts';

const at = (top: number, scrollHeight = 1000, clientHeight = 400): Position => ({ top, scrollHeight, clientHeight });

test('growing content leaves it pinned', () => {
  const scroll = new ScrollAttribution(at(600));
  scroll.observe(at(600, 1100));
  assert.ok(scroll.isPinned);
  scroll.movedToEnd(at(700, 1100));
  scroll.observe(at(700, 1100));
  assert.ok(scroll.isPinned);
});

test('a movement up unpins, however small', () => {
  const scroll = new ScrollAttribution(at(600));
  scroll.observe(at(597));
  assert.ok(!scroll.isPinned);
});

test('a movement up that comes together with growth unpins', () => {
  const scroll = new ScrollAttribution(at(600));
  scroll.observe(at(550, 1200));
  assert.ok(!scroll.isPinned);
});

test('only the way to the end pins again', () => {
  const scroll = new ScrollAttribution(at(600));
  scroll.observe(at(300));
  scroll.observe(at(500));
  assert.ok(!scroll.isPinned);
  scroll.observe(at(598));
  assert.ok(scroll.isPinned);
});

test('the browser clamping the position is nobody scrolling', () => {
  const scroll = new ScrollAttribution(at(600));
  scroll.observe(at(500, 900));
  assert.ok(scroll.isPinned, 'content shrank');
  scroll.observe(at(400, 900, 500));
  assert.ok(scroll.isPinned, 'the view grew');
  scroll.movedToEnd(at(500, 900, 400));
  scroll.observe(at(400, 900, 300));
  assert.ok(scroll.isPinned, 'the view grew and shrank');
});

test('a wheel upwards counts before anything has moved, except at the very top', () => {
  const scroll = new ScrollAttribution(at(600));
  scroll.wantUp(at(600));
  assert.ok(!scroll.isPinned);
  const short = new ScrollAttribution(at(0, 400));
  short.wantUp(at(0, 400));
  assert.ok(short.isPinned);
});

test('jumping to the end pins', () => {
  const scroll = new ScrollAttribution(at(600));
  scroll.observe(at(100));
  scroll.movedToEnd(at(600));
  assert.ok(scroll.isPinned);
});
