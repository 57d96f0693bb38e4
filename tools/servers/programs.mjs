import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** Where each program that we need but do not install comes from. */
const HOW_TO_GET = {
  go: 'Go 1.26 or newer, from https://go.dev/dl',
  mvn: 'Maven (Debian: apt-get install maven)',
  java: 'Java 17 or newer (Debian: apt-get install openjdk-17-jre-headless)',
  keytool: 'Java 17 or newer (Debian: apt-get install openjdk-17-jre-headless)',
};

/** The first of the PATH that holds such a program; undefined when none does. */
export function findProgram(name, environment = process.env) {
  const folders = [
    ...(environment.JAVA_HOME && ['java', 'keytool'].includes(name) ? [join(environment.JAVA_HOME, 'bin')] : []),
    ...(environment.PATH ?? '').split(delimiter),
  ];
  return folders
    .filter(Boolean)
    .map((folder) => join(folder, name))
    .find(isProgram);
}

/** Throws the sentence that says what is missing, for what, and how to get it. */
export function requireProgram(name, purpose, environment = process.env) {
  const found = findProgram(name, environment);
  if (found) return found;
  throw new MissingServer(
    `${purpose} needs the program ${name}, which is not on the PATH: install ${HOW_TO_GET[name]}`,
  );
}

/** A server that cannot be started or installed here; the message is the one sentence to show. */
export class MissingServer extends Error {}

export function isProgram(file) {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}
