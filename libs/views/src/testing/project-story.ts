import { presetRules, projectDecider, projectStreamOf, type BranchRule, type ProjectCommand } from '@waybill/domain';
import { APPROVER } from './samples.js';
import { ADMIN, type Tell } from './telling.js';

export function projectStory(tell: Tell) {
  const onProject = (command: Pick<ProjectCommand, 'type' | 'data' | 'context'>) =>
    tell(projectDecider, projectStreamOf(command.data.project), command as ProjectCommand, ADMIN);

  return {
    project: (project: string, name = `project ${project.toUpperCase()}`) =>
      onProject({ type: 'RegisterProject', data: { project, name }, context: undefined }),

    developer: (project: string) =>
      onProject({
        type: 'SubmitDeveloperMetadata',
        data: {
          project,
          metadata: {
            sourceRepository: 'https://git.example/a.git',
            deliverable: { kind: 'image', repository: 'registry.example/a' },
            ports: [{ name: 'http', port: 8080, protocol: 'http' }],
            healthChecks: {},
            config: { repository: 'https://git.example/config.git', branch: 'main' },
          },
        },
        context: undefined,
      }),

    business: (project: string) =>
      onProject({
        type: 'SubmitBusinessMetadata',
        data: {
          project,
          metadata: {
            owner: 'p-owner0001',
            productLine: 'shop',
            domains: [],
            trafficPolicy: {},
            approvers: [APPROVER],
            notify: [],
          },
        },
        context: undefined,
      }),

    devops: (project: string) =>
      onProject({
        type: 'SubmitDevopsMetadata',
        data: { project, metadata: { quotas: { maxReplicas: 3 }, resources: {}, strategies: {} } },
        context: undefined,
      }),

    rules: (project: string, rules: BranchRule[] = [...presetRules('gitflow')]) =>
      onProject({
        type: 'DefineBranchRules',
        data: { project, preset: 'gitflow', rules },
        context: {
          resources: rules.flatMap((rule) =>
            rule.resources.map((resource) => ({
              resource,
              kind: resource.startsWith('istio') ? ('istio' as const) : ('kubernetes' as const),
              location: resource.slice(resource.indexOf('-') + 1),
              delivery: 'cluster' as const,
            })),
          ),
        },
      }),

    deleteBranch: (project: string, branch: string) =>
      onProject({ type: 'DeleteBranch', data: { project, branch }, context: undefined }),
  };
}
