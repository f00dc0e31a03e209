/**
 * Dates are stored as UTC without a zone. Six digits after the point are SQLAlchemy's own form on SQLite,
 * where texts are compared; DATETIME of MariaDB and MySQL keeps whole seconds.
 */
export function formatDatetime(date: Date, wholeSeconds: boolean): string {
  const text = date.toISOString().replace('T', ' ')
  return wholeSeconds ? text.slice(0, 19) : `${text.slice(0, 23)}000`
}

/** @param text `YYYY-MM-DD HH:MM:SS`, with up to six digits of a second; what is below a millisecond is cut off */
export function parseDatetime(text: string): Date {
  return new Date(`${text.slice(0, 23).replace(' ', 'T')}Z`)
}
