/** Decorators that there are without a file, by the Python names that configurations carry. */
export const NOTIFY_DECORATOR = 'nova.notifications.notify_decorator'

export const declaredDecorators = [NOTIFY_DECORATOR] as const
