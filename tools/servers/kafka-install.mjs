import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { installOnce, installedFolder } from './cache.mjs';
import { findKafka } from './kafka.mjs';
import { runWithProgress } from './progress.mjs';
import { requireProgram } from './programs.mjs';
import { KAFKA_PACKAGE, KAFKA_VERSION } from './versions.mjs';

/**
 * Fetches Kafka's jars with Maven, 43 MB.
 * @param {(sentence: string) => void} say
 * @param {{ signal?: AbortSignal }} [options]
 */
export async function installKafka(say, { signal } = {}) {
  if (process.env.KAFKA_HOME && findKafka()) return;
  requireProgram('java', 'Kafka');
  const mvn = requireProgram('mvn', 'Installing Kafka');
  await installOnce(
    installedFolder('kafka', KAFKA_VERSION),
    async (folder) => {
      const pom = join(folder, 'pom.xml');
      writeFileSync(pom, projectFile());
      const goal = ['-q', '-B', '-f', pom, 'dependency:copy-dependencies'];
      const options = [`-DoutputDirectory=${join(folder, 'libs')}`, '-DincludeScope=runtime'];
      await runWithProgress(say, `fetching Kafka ${KAFKA_VERSION}`, 'some seconds', mvn, [...goal, ...options], {
        signal,
      });
    },
    say,
  );
}

function projectFile() {
  const [group, artifact, version] = KAFKA_PACKAGE.split(':');
  return `<project>
  <modelVersion>4.0.0</modelVersion>
  <groupId>waybill</groupId><artifactId>servers</artifactId><version>1</version>
  <dependencies>
    <dependency><groupId>${group}</groupId><artifactId>${artifact}</artifactId><version>${version}</version></dependency>
  </dependencies>
</project>
`;
}
