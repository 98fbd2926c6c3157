/** What a token says of its bearer, as it comes from this site: the gateway verifies tokens, the page does not. */
export interface Claims {
  readonly userId: string | null;
  readonly tier: number | null;
}

/** The claims of a JWT (RFC 7519); null where there is none of that name. */
export function claimsOf(token: string): Claims {
  const { uid, tier } = payloadOf(token);
  return {
    userId: typeof uid === 'string' ? uid : null,
    tier: typeof tier === 'number' && Number.isSafeInteger(tier) ? tier : null,
  };
}

function payloadOf(token: string): { uid?: unknown; tier?: unknown } {
  try {
    const payload = token.split('.')[1]!.replaceAll('-', '+').replaceAll('_', '/');
    const bytes = Uint8Array.from(atob(payload), (character) => character.charCodeAt(0));
    return (JSON.parse(new TextDecoder().decode(bytes)) as object | null) ?? {};
  } catch {
    return {};
  }
}
