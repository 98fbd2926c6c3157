import { useSignal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { useId, useLayoutEffect, useRef } from 'preact/hooks';
import { messageOf } from '../net/method-error.ts';
import { useApp } from './app-context.ts';
import { BrandMark } from './icons.tsx';
import { ThemeSwitch } from './theme-switch.tsx';

export type FieldName = 'email' | 'password';
export interface Problem {
  readonly field: FieldName;
  readonly message: string;
}

export interface AuthFormProps {
  readonly title: string;
  readonly action: string;
  readonly lead: string;
  readonly newPassword: boolean;
  readonly check: (email: string, password: string) => Problem | null;
  readonly submit: (email: string, password: string) => Promise<void>;
  /** Which field a refused form is to be put right in. */
  readonly fieldOf: (error: unknown) => FieldName;
  readonly children?: ComponentChildren;
}

/** Email and password with one button: what sign-in and sign-up have in common. */
export function AuthForm(props: AuthFormProps) {
  const { session } = useApp();
  const email = useRef<HTMLInputElement>(null);
  const password = useRef<HTMLInputElement>(null);
  const problem = useSignal<Problem | null>(null);
  const isBusy = useSignal(false);
  const isShown = useSignal(false);
  const id = useId();
  const rule = props.newPassword ? `${id}-rule` : '';

  useLayoutEffect(() => email.current?.focus(), []);

  const report = (found: Problem) => {
    problem.value = found;
    const field = found.field === 'email' ? email.current : password.current;
    field?.focus();
    field?.select();
  };

  const submit = async (event: Event) => {
    event.preventDefault();
    if (isBusy.value) return;
    const address = email.current!.value.trim();
    const secret = password.current!.value;
    const found = props.check(address, secret);
    if (found) return report(found);
    problem.value = null;
    isBusy.value = true;
    try {
      await props.submit(address, secret);
    } catch (error) {
      report({ field: props.fieldOf(error), message: messageOf(error) });
    } finally {
      isBusy.value = false;
    }
  };

  const fieldState = (name: FieldName, description = '') => ({
    'aria-invalid': problem.value?.field === name ? ('true' as const) : undefined,
    'aria-describedby': [description, problem.value?.field === name ? `${id}-error` : ''].join(' ').trim() || undefined,
  });

  return (
    <main class="auth">
      <div class="auth-card">
        <BrandMark class="auth-mark" />
        <h1>{props.title}</h1>
        <p class="auth-lead">{props.lead}</p>
        {session.notice.value && (
          <p class="notice" role="alert">
            {session.notice}
          </p>
        )}
        <form noValidate aria-describedby={problem.value ? `${id}-error` : undefined} onSubmit={submit}>
          <label for={`${id}-email`}>Email</label>
          <input
            ref={email}
            id={`${id}-email`}
            name="email"
            type="email"
            autocomplete="username"
            autocapitalize="none"
            spellcheck={false}
            maxLength={254}
            {...fieldState('email')}
          />
          <label for={`${id}-password`}>Password</label>
          <div class="secret-field">
            <input
              ref={password}
              id={`${id}-password`}
              name="password"
              type={(isShown.value ? 'text' : 'password') as 'text'}
              autocomplete={props.newPassword ? 'new-password' : 'current-password'}
              autocapitalize="none"
              spellcheck={false}
              {...fieldState('password', rule)}
            />
            <button
              type="button"
              class="quiet-button"
              aria-pressed={isShown.value}
              onClick={() => (isShown.value = !isShown.value)}
            >
              Show<span class="visually-hidden"> characters</span>
            </button>
          </div>
          {rule && (
            <p id={rule} class="field-rule">
              8 to 128 characters
            </p>
          )}
          <p id={`${id}-error`} class="form-error" role="alert">
            {problem.value?.message}
          </p>
          <button type="submit" class="primary-button" aria-disabled={isBusy.value}>
            {props.action}
          </button>
        </form>
        {props.children}
      </div>
      <ThemeSwitch />
    </main>
  );
}
