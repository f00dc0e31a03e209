/**
 * The levels that `[glance] debug` and `[cinder] debug` ask for, as `logger=LEVEL` pairs. Without them the clients log
 * at WARNING (glanceclient, by default_log_levels) or as the root does.
 *
 * @see nova 26.2.2, `config.py`, `set_log_defaults`
 */
export function clientDebugLevels(debug: { readonly glance: boolean; readonly cinder: boolean }): string[] {
  return [...(debug.glance ? ['glanceclient=DEBUG'] : []), ...(debug.cinder ? ['cinderclient=DEBUG', 'os_brick=DEBUG'] : [])]
}
