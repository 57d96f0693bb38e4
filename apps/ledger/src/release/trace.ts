import { Context, Parent, ResolveField, Resolver } from '@nestjs/graphql';
import type { MetadataAtRevision, SubmittedSection } from '@waybill/views';
import { type PrincipalRef, principalRef } from '../access/principal.js';
import type * as Api from '../graphql.gen.js';
import type { GraphqlContext } from '../graphql/context.js';
import { type IncidentAnswer, toIncident } from '../incident/mapping.js';
import type { ReleaseAnswer } from './mapping.js';

type SectionAnswer = Omit<Api.SubmittedSection, 'submittedBy'> & { readonly submittedBy: PrincipalRef };
type MetadataAnswer = Pick<Api.ReleaseMetadata, 'revision'> &
  Readonly<Record<keyof MetadataAtRevision, SectionAnswer | null>>;

@Resolver('Release')
export class ReleaseTrace {
  @ResolveField()
  async incidents(
    @Parent() { id }: ReleaseAnswer,
    @Context() { incidentsOf }: GraphqlContext,
  ): Promise<readonly IncidentAnswer[]> {
    return (await incidentsOf.load(id)).map(toIncident);
  }

  @ResolveField()
  async metadata(
    @Parent() { project, metadataRevision }: ReleaseAnswer,
    @Context() { metadata }: GraphqlContext,
  ): Promise<MetadataAnswer | null> {
    if (metadataRevision === null) return null;
    const { developer, business, devops } = await metadata.load({ project, revision: metadataRevision });
    return {
      revision: metadataRevision,
      developer: toSection(developer),
      business: toSection(business),
      devops: toSection(devops),
    };
  }
}

function toSection(section: SubmittedSection | null): SectionAnswer | null {
  if (!section) return null;
  const { value, revision, eventId, actor, recordedAt } = section;
  return { value, revision, eventId, submittedBy: principalRef(actor), submittedAt: recordedAt };
}
