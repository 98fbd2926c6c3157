import { useApp } from './app-context.ts';
import { AuthForm, type Problem } from './auth-form.tsx';
import { RouteLink } from './route-link.tsx';

function check(email: string, password: string): Problem | null {
  if (email === '') return { field: 'email', message: 'Enter your email address.' };
  if (password === '') return { field: 'password', message: 'Enter your password.' };
  return null;
}

export function SignInView() {
  const { session, site } = useApp();
  return (
    <AuthForm
      key="signin"
      title="Sign in"
      action="Sign in"
      lead="To chat, sign in with your account."
      newPassword={false}
      check={check}
      submit={(email, password) => session.signIn(email, password)}
      fieldOf={() => 'password'}
    >
      {site.isSignupOpen.value && (
        <p class="auth-other">
          New here? <RouteLink to="/signup">Create account</RouteLink>
        </p>
      )}
    </AuthForm>
  );
}
