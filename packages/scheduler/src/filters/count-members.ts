/** How many of the members of a group are among the instances of a host. Asked for each host: most have none. */
export function countMembers(members: readonly string[], instances: ReadonlySet<string>): number {
  if (instances.size === 0) return 0
  let count = 0
  for (const member of members) if (instances.has(member)) count += 1
  return count
}
