import { Inject } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import { Args, Context, Mutation, Resolver } from '@nestjs/graphql';
import { type ProjectCommand, completeRules, presetRules, slotOf } from '@waybill/domain';
import { WaybillError, parseInput } from '@waybill/kernel';
import { z } from 'zod';
import { givenCommandId, metadataOf } from '../access/asker.js';
import { sendThrough } from '../commanding.js';
import type * as Api from '../graphql.gen.js';
import type { GraphqlContext } from '../graphql/context.js';
import { PARTS, type Parts } from '../parts.js';
import { lookAtConfig } from '../roles/policies.js';
import { shown } from '../writing.js';
import { ProjectRequest } from './handlers.js';
import { type ProjectAnswer, toProject } from './mapping.js';
import { projectKey } from './parsing.js';
import { withOpaqueIds } from './people-in-metadata.js';
import { requireProject } from './queries.js';

type ProjectPayload = Omit<Api.ProjectPayload, 'project'> & { readonly project: ProjectAnswer };
type Given = { [C in ProjectCommand as C['type']]: Pick<C, 'type' | 'data'> }[ProjectCommand['type']];

@Resolver('Project')
export class ProjectMutations {
  constructor(
    @Inject(PARTS) private readonly parts: Parts,
    private readonly bus: CommandBus,
  ) {}

  @Mutation()
  registerProject(
    @Args('input') { key, name, commandId }: Api.RegisterProjectInput,
    @Context() context: GraphqlContext,
  ): Promise<ProjectPayload> {
    const data = { project: projectKey(key), name: name ?? key };
    return this.change({ type: 'RegisterProject', data }, commandId, context);
  }

  @Mutation()
  async submitMetadata(
    @Args('input') { project, section, metadata, commandId }: Api.SubmitMetadataInput,
    @Context() context: GraphqlContext,
  ): Promise<ProjectPayload> {
    const key = projectKey(project);
    await requireProject(this.parts, key);
    const given = section === 'business' ? await withOpaqueIds(this.parts.operations.people, metadata) : metadata;
    // The handler parses the data with the schema of the section; until then it is what the caller gave.
    const data = { project: key, metadata: given as never };
    return this.change({ type: SUBMIT[section], data }, commandId, context);
  }

  @Mutation()
  defineRules(
    @Args('input') { project, preset, rules, commandId }: Api.DefineRulesInput,
    @Context() context: GraphqlContext,
  ): Promise<ProjectPayload> {
    const named = parseInput(Preset, { preset: preset ?? null }, 'branch rules').preset;
    if (rules == null && named === null) {
      throw new WaybillError('INVALID_INPUT', 'branch rules: give rules or the name of a preset', {
        hint: 'Presets are gitflow and trunk.',
        fields: [{ field: 'rules', message: 'give rules, or a preset' }],
      });
    }
    const complete = rules == null ? presetRules(named!) : completeRules(rules);
    const data = { project: projectKey(project), preset: named, rules: complete };
    return this.change({ type: 'DefineBranchRules', data }, commandId, context);
  }

  @Mutation()
  async deleteBranch(
    @Args('input') { project, branch, commandId }: Api.DeleteBranchInput,
    @Context() { asker }: GraphqlContext,
  ): Promise<Api.DeleteBranchPayload> {
    const key = projectKey(project);
    const slot = slotOf(key, { kind: 'branch', name: branch });
    const result = await this.bus.execute(
      new ProjectRequest({
        type: 'DeleteBranch',
        data: { project: key, branch },
        metadata: metadataOf(asker, key, this.parts.now(), givenCommandId(commandId)),
      }),
    );
    const position = await shown(this.parts, result);
    const environments = await this.parts.views.environments.ofSlot(key, slot);
    return { branch, slot, environments: environments.map(({ name }) => name), position };
  }

  @Mutation()
  async checkConfig(@Args('project') project: string): Promise<Api.CheckConfigPayload> {
    const { key } = await requireProject(this.parts, projectKey(project));
    return { noticed: await lookAtConfig(this.parts, sendThrough(this.bus), key) };
  }

  private async change(
    given: Given,
    commandId: string | null | undefined,
    { asker }: GraphqlContext,
  ): Promise<ProjectPayload> {
    const { project } = given.data;
    const metadata = metadataOf(asker, project, this.parts.now(), givenCommandId(commandId));
    const result = await this.bus.execute(new ProjectRequest({ ...given, metadata }));
    const position = await shown(this.parts, result);
    return { project: toProject(await requireProject(this.parts, project)), position };
  }
}

const SUBMIT = {
  developer: 'SubmitDeveloperMetadata',
  business: 'SubmitBusinessMetadata',
  devops: 'SubmitDevopsMetadata',
} as const;

const Preset = z.object({ preset: z.enum(['gitflow', 'trunk']).nullable() });
