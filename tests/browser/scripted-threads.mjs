// The conversations that the scripted gateway keeps, as PROTOCOL and behest-gateway have them.
const PAGE = 50;
const MESSAGES_PAGE = 500;

export class ScriptedThreads {
  #threads = new Map();
  #serial = 0;

  clear() {
    this.#threads.clear();
  }

  /** Puts a thread there that has been before; messages are [role, content, state]. */
  seed(uid, { id, title, messages = [], at = Date.now() }) {
    const thread = this.#create(uid, id, title, at);
    for (const [role, content, state] of messages) this.#add(thread, role, content, state);
    return thread;
  }

  of(uid) {
    return [...this.#threads.values()].filter((thread) => thread.uid === uid).sort((a, b) => b.at - a.at || b.serial - a.serial);
  }

  find(uid, id) {
    return this.of(uid).find((thread) => thread.id === id);
  }

  list(uid, { limit = PAGE, after }) {
    const all = this.of(uid);
    if (after === undefined) return all.slice(0, Number(limit)).map(shown);
    const [time, id] = after.split(',');
    const at = Date.parse(time);
    const place = all.findIndex((thread) => thread.at === at && thread.id === id);
    const rest = place < 0 ? all.filter((thread) => thread.at < at) : all.slice(place + 1);
    return rest.slice(0, Number(limit)).map(shown);
  }

  show(uid, id) {
    const thread = this.find(uid, id);
    return thread ? shown(thread) : null;
  }

  messages(uid, id, { limit = MESSAGES_PAGE, before = Infinity }) {
    const thread = this.find(uid, id);
    return thread ? thread.messages.filter((message) => Number(message.id) < Number(before)).slice(-Number(limit)) : null;
  }

  remove(uid, id) {
    const thread = this.find(uid, id);
    if (thread) this.#threads.delete(thread.key);
    return Boolean(thread);
  }

  /** A turn begins; what comes of its reply is told to the answer. */
  begin(uid, id, messages) {
    const question = messages.findLast(({ role }) => role === 'user')?.content ?? '';
    const first = messages.find(({ role }) => role === 'user')?.content ?? '';
    const isNew = !this.find(uid, id);
    const thread = this.find(uid, id) ?? this.#create(uid, id, first.slice(0, 60), Date.now());
    thread.at = Date.now();
    const [asked, answered] = thread.messages.slice(-2);
    if (messages.length === 1 && asked?.content === question && answered?.state !== 'complete') thread.messages.splice(-2);
    const added = messages.map(({ role, content }) => this.#add(thread, role, content));
    const reply = this.#add(thread, 'assistant', '', 'streaming');
    return {
      piece: (text) => (reply.content += text),
      end: (state) => {
        if (reply.state !== 'streaming') return;
        reply.state = state;
        if (state !== 'incomplete' || reply.content !== '') return;
        thread.messages = thread.messages.filter((message) => message !== reply && !added.includes(message));
        if (isNew) this.#threads.delete(thread.key);
      },
    };
  }

  #create(uid, id, title, at) {
    const thread = { key: `${uid} ${id}`, serial: ++this.#serial, uid, id, title, at, messages: [] };
    this.#threads.set(thread.key, thread);
    return thread;
  }

  #add(thread, role, content, state = 'complete') {
    const message = { role, content, id: String(++this.#serial), state, created_at: new Date(thread.at).toISOString() };
    thread.messages.push(message);
    return message;
  }
}

function shown({ id, title, at }) {
  const time = new Date(at).toISOString();
  return { id, title, created_at: time, last_message_at: time };
}
