import { catalogue } from "@/i18n/catalogue";

export const words = catalogue(
  {
    signIn: "Sign in",
    signingIn: "Signing in…",
    userName: "User name",
    password: "Password",
    code: "Code",
    codeHint: "Of your authenticator app, or a recovery code",
    serverIsAway: "The server does not answer. As soon as it is back, you can sign in.",
    wrong: "The user name or the password is wrong.",
    wrongCode: "The code is wrong or was used already. Wait for the next one.",
    tooManyTries: "Too many tries. Wait a moment, then try again.",
    or: "or",
    signInWith: (provider: string) => `Sign in with ${provider}`,
    ssoUnavailable: "The identity provider does not answer as it should. Try again later, or ask your administrator.",
    ssoRefused: "The identity provider did not let you in.",
    ssoFailed: "The identity provider's answer could not be trusted. Ask your administrator.",
    ssoExpired: "The sign-in took too long or began in another window. Try again.",
    ssoNoRole: "Your account has no role here. Ask your administrator.",
    ssoDisabled: "Your account is disabled here.",
    limitReached: "Too many people are signed in. Wait until somebody has signed out.",
    ssoNameTaken: "There is another account with your name. Ask your administrator.",
  },
  {
    signIn: "Anmelden",
    signingIn: "Anmeldung läuft …",
    userName: "Benutzername",
    password: "Passwort",
    code: "Code",
    codeHint: "Aus Ihrer Authenticator-App, oder ein Wiederherstellungscode",
    serverIsAway: "Der Server antwortet nicht. Sobald er zurück ist, können Sie sich anmelden.",
    wrong: "Benutzername oder Passwort ist falsch.",
    wrongCode: "Der Code ist falsch oder wurde schon benutzt. Warten Sie auf den nächsten.",
    tooManyTries: "Zu viele Versuche. Warten Sie einen Moment und versuchen Sie es dann noch einmal.",
    or: "oder",
    signInWith: (provider: string) => `Anmelden mit ${provider}`,
    ssoUnavailable:
      "Der Anmeldedienst antwortet nicht richtig. Versuchen Sie es später, oder fragen Sie die Administration.",
    ssoRefused: "Der Anmeldedienst hat Sie nicht angemeldet.",
    ssoFailed: "Der Antwort des Anmeldedienstes ist nicht zu trauen. Fragen Sie die Administration.",
    ssoExpired:
      "Die Anmeldung hat zu lange gedauert oder begann in einem anderen Fenster. Versuchen Sie es noch einmal.",
    ssoNoRole: "Ihr Konto hat hier keine Rolle. Fragen Sie die Administration.",
    ssoDisabled: "Ihr Konto ist hier deaktiviert.",
    limitReached: "Es sind schon zu viele Personen angemeldet. Warten Sie, bis sich jemand abgemeldet hat.",
    ssoNameTaken: "Es gibt schon ein anderes Konto mit Ihrem Namen. Fragen Sie die Administration.",
  },
);

/** What the sign-in page's address says went wrong; null for a code that is none. */
export function problemWords(code: string | null): string | null {
  switch (code) {
    case "ssoUnavailable":
    case "ssoRefused":
    case "ssoFailed":
    case "ssoExpired":
    case "ssoNoRole":
    case "ssoDisabled":
    case "ssoNameTaken":
    case "limitReached":
      return words[code];
    default:
      return null;
  }
}
