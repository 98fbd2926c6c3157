import type { GatewayCheck } from './diagnosis.ts';
import { callMethod } from './methods.ts';
import type { Token } from './token.ts';

export interface User {
  readonly id: string;
  readonly handle: string;
  readonly roles: readonly string[];
  readonly firstName?: string;
  readonly lastName?: string;
  readonly avatarUrl?: string;
}

export type Configs = Readonly<Record<string, { readonly value: unknown }>>;

export interface Start {
  readonly user: User | null;
  readonly configs: Configs;
}

export const startSession = () => callMethod<Start>('_system.session.init');
export const heartbeat = () => callMethod<void>('_system.session.heartbeat');
export const signUp = (email: string, password: string) =>
  callMethod<string>('_system.user.signupWithPassword', { email, password });
export const logIn = async (email: string, password: string) =>
  (await callMethod<{ user: User }>('_system.user.loginWithPassword', { email, password })).user;
export const logOut = () => callMethod<void>('_system.user.logout');
export const mint = (sessionId: string | null) => callMethod<Token>('behest.mint', sessionId ? { sessionId } : {});
export const checkGateway = () => callMethod<GatewayCheck>('behest.checkGateway');
