/** Versions of the libraries that carry the wires; a test compares them with what is installed. */
export const libraries: Readonly<Record<string, string>> = {
  amqplib: '2.3.1',
  commander: '14.0.3',
  kysely: '0.28.18',
}
