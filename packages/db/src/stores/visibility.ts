import type { RequestContext } from '@micronova/model'

/** Which rows a context may see, by their mark of deletion. */
export function visible({ readDeleted }: RequestContext): { readonly deleted?: number | { readonly not: number } } {
  if (readDeleted === 'yes') return {}
  return { deleted: readDeleted === 'only' ? { not: 0 } : 0 }
}

/** A user sees what belongs to the project; services and administrators see everything. */
export function owned({ isAdmin, userId, projectId }: RequestContext): { readonly project_id?: string } {
  return isAdmin || !userId || !projectId ? {} : { project_id: projectId }
}
