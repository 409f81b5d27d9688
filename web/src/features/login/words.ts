import { catalogue } from "@/i18n/catalogue";

export const words = catalogue(
  {
    signIn: "Sign in",
    signingIn: "Signing in…",
    userName: "User name",
    password: "Password",
    wrong: "The user name or the password is wrong.",
    tooManyTries: "Too many tries. Wait a moment, then try again.",
  },
  {
    signIn: "Anmelden",
    signingIn: "Anmeldung läuft …",
    userName: "Benutzername",
    password: "Passwort",
    wrong: "Benutzername oder Passwort ist falsch.",
    tooManyTries: "Zu viele Versuche. Warten Sie einen Moment und versuchen Sie es dann noch einmal.",
  },
);
