import { Inject } from '@nestjs/common';
import { Args, Query, Resolver } from '@nestjs/graphql';
import { STABLE_CAPABILITIES, planObjects, toFiles } from '@waybill/adapters';
import { type ConfigContents, type ConfigProblem, parseContents } from '@waybill/config';
import { type BranchRule, CommitId, Deliverable, type Ref, compileRules, matchRef, slotOf } from '@waybill/domain';
import { WaybillError, parseInput } from '@waybill/kernel';
import { composeDesiredState } from '@waybill/policies';
import type { ProjectRow, ResourceRow } from '@waybill/views';
import { z } from 'zod';
import type * as Api from '../graphql.gen.js';
import { PARTS, type Parts } from '../parts.js';
import { parseRef, projectKey } from './parsing.js';
import { requireProject } from './queries.js';

const ZEROS = '0'.repeat(40);

const Given = z.object({
  commit: CommitId.default(ZEROS),
  deliverable: Deliverable.nullable().default(null),
  files: z
    .array(z.object({ path: z.string().min(1).max(500), text: z.string() }))
    .max(1000)
    .nullable()
    .default(null),
});

/** What is read for a ref: from the config repository, or as the caller gave it. */
interface Contents {
  readonly config: { repository: string; directory: string; commit: string; digest: string };
  readonly contents: ConfigContents;
  readonly read: boolean;
}

@Resolver('Rendering')
export class RenderQueries {
  constructor(@Inject(PARTS) private readonly parts: Parts) {}

  @Query()
  async render(@Args('input') input: Api.RenderInput): Promise<Api.Rendering> {
    const project = await requireProject(this.parts, projectKey(input.project));
    const ref = parseRef(input.ref);
    const { commit, deliverable, files } = parseInput(
      Given,
      {
        commit: input.commit ?? undefined,
        deliverable: input.deliverable ?? undefined,
        files: input.files ?? undefined,
      },
      'render',
    );
    const rule = matchRef(compileRules(project.rules), ref)?.rule;
    if (!rule) {
      throw new WaybillError('NOT_FOUND', `no branch rule of ${project.key} matches ${ref.kind} ${ref.name}`, {
        hint: `waybill rules test ${project.key} ${ref.name} tells what each rule says.`,
      });
    }
    const found = await this.contentsOf(project, ref, rule, files);
    const slot = slotOf(project.key, ref);
    const resources = await this.resourcesOf(rule);
    const locations = [...new Set(resources.map(({ location }) => location))].sort();
    return {
      rule: rule.name,
      slot,
      directory: found.config.directory,
      configDigest: found.read ? found.config.digest : null,
      locations: locations.map((location) => {
        const desired = composeDesiredState({
          environment: { project: project.key, slot, location },
          release: '00000000-0000-0000-0000-000000000000',
          ref,
          commit,
          deliverable: deliverable ?? placeholder(project),
          rule,
          source: { pipelineId: null, jobId: null, url: null, attributes: {} },
          project,
          config: found.config,
          contents: parseContents(found.contents),
          resources: resources
            .filter((resource) => resource.location === location)
            .map(({ key, kind, parameters, connection }) => ({ resource: key, kind, parameters, connection })),
        });
        const { objects } = planObjects(desired, 1, STABLE_CAPABILITIES);
        return { location, files: Object.entries(toFiles(objects)).map(([path, text]) => ({ path, text })) };
      }),
    };
  }

  private async contentsOf(
    project: ProjectRow,
    ref: Ref,
    rule: BranchRule,
    given: readonly { readonly path: string; readonly text: string }[] | null,
  ): Promise<Contents> {
    const { developer } = project;
    if (!developer) throw lacksMetadata(project.key);
    if (given) {
      const directory = `${project.key}/${rule.directory}`;
      return {
        config: { repository: developer.config.repository, directory, commit: ZEROS, digest: ZEROS },
        contents: { files: Object.fromEntries(given.map(({ path, text }) => [path, text])) },
        read: false,
      };
    }
    const { repository, branch } = developer.config;
    const result = await this.parts.config.read({
      project: project.key,
      ref,
      directory: rule.directory,
      repository,
      branch,
    });
    if (!result.ok) throw problemOf(result);
    const { directory, commit, digest, contents } = result;
    return { config: { repository, directory, commit, digest }, contents, read: true };
  }

  private async resourcesOf(rule: BranchRule): Promise<readonly ResourceRow[]> {
    const { locations } = this.parts.views;
    const today = new Map((await locations.knownResources()).map((it) => [it.resource, it.moved?.resource]));
    const rows = await Promise.all(rule.resources.map((key) => locations.resource(today.get(key) ?? key)));
    return rows.map((row, index) => {
      if (row && !row.retired) return row;
      throw new WaybillError('INVALID_STATE', `resource ${rule.resources[index]} is not onboarded, or it was retired`, {
        hint: 'DevOps onboards it, or takes it out of the branch rule.',
      });
    });
  }
}

/** A deliverable that nobody can mistake for a real one. */
function placeholder({ key, developer }: ProjectRow): Deliverable {
  if (!developer) throw lacksMetadata(key);
  return developer.deliverable.kind === 'image'
    ? { kind: 'image', image: developer.deliverable.repository, digest: `sha256:${'0'.repeat(64)}` }
    : { kind: 'rpm', package: developer.deliverable.package, version: '0-0' };
}

function lacksMetadata(project: string): WaybillError {
  return new WaybillError('INVALID_STATE', `the developer section of ${project} was not submitted yet`, {
    hint: `waybill project missing ${project} lists what must be given and by whom.`,
  });
}

function problemOf({ problem, file, line, message }: ConfigProblem): WaybillError {
  const where = file ? `${file}${line === null ? '' : `:${line}`}: ` : '';
  return new WaybillError('INVALID_STATE', `the configuration is ${problem}: ${where}${message}`, {
    hint: 'Correct it in the config repository, or give the files to render.',
  });
}
