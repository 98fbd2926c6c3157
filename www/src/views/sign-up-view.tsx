import { MethodError } from '../net/method-error.ts';
import { AccountCreated } from '../state/session.ts';
import { useApp } from './app-context.ts';
import { AuthForm, type Problem } from './auth-form.tsx';
import { RouteLink } from './route-link.tsx';

function check(email: string, password: string): Problem | null {
  if (!/^\S+@\S+$/.test(email)) return { field: 'email', message: 'Enter an email address, such as you@example.org.' };
  const { length } = [...password];
  if (length < 8 || length > 128) return { field: 'password', message: 'The password needs 8 to 128 characters.' };
  return null;
}

export function SignUpView() {
  const { router, session } = useApp();
  const submit = async (email: string, password: string) => {
    try {
      await session.createAccount(email, password);
    } catch (error) {
      if (!(error instanceof AccountCreated)) throw error;
      router.go('/signin');
    }
  };
  return (
    <AuthForm
      key="signup"
      title="Create account"
      action="Create account"
      lead="An email address and a password, and you are in."
      newPassword={true}
      check={check}
      submit={submit}
      fieldOf={(error) => (error instanceof MethodError && /password/i.test(error.message) ? 'password' : 'email')}
    >
      <p class="auth-other">
        Have an account? <RouteLink to="/signin">Sign in</RouteLink>
      </p>
    </AuthForm>
  );
}
