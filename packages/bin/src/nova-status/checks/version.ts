/** Compares microversions: `1.9` is older than `1.36`. */
export function isOlder(version: string, than: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  const [wantedMajor = 0, wantedMinor = 0] = than.split('.').map(Number)
  return major === wantedMajor ? minor < wantedMinor : major < wantedMajor
}
