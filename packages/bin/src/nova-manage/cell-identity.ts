import { CELL0_UUID, type CellMapping } from '@micronova/model'

/** `UUID(NAME)`, or the uuid alone of a cell without a name. */
export function cellIdentity({ uuid, name }: CellMapping): string {
  return name ? `${uuid}(${name})` : uuid
}

export function isCell0({ uuid }: CellMapping): boolean {
  return uuid === CELL0_UUID
}
