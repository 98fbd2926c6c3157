/** What is used of a `Storage`; every call may throw, or there may be no storage at all. */
export interface Area {
  get(key: string): string | null;
  set(key: string, value: string): boolean;
  remove(key: string): void;
  keys(): string[];
}

/** `localStorage` that is merely forgetful where the browser allows none or it is full. */
export function localArea(): Area {
  return areaOf(() => localStorage);
}

/** `sessionStorage` likewise: what is of this tab only. */
export function tabArea(): Area {
  return areaOf(() => sessionStorage);
}

function areaOf(storage: () => Storage): Area {
  return {
    get: (key) => attempt(() => storage().getItem(key), null),
    set: (key, value) => attempt(() => (storage().setItem(key, value), true), false),
    remove: (key) => attempt(() => storage().removeItem(key), undefined),
    keys: () => attempt(() => Object.keys(storage()), []),
  };
}

function attempt<Value>(action: () => Value, otherwise: Value): Value {
  try {
    return action();
  } catch {
    return otherwise;
  }
}

export function memoryArea(): Area {
  const map = new Map<string, string>();
  return {
    get: (key) => map.get(key) ?? null,
    set: (key, value) => (map.set(key, value), true),
    remove: (key) => void map.delete(key),
    keys: () => [...map.keys()],
  };
}
