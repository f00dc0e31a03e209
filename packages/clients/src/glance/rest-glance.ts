import { createHash } from 'node:crypto'
import type { Clock } from '@micronova/lifecycle'
import type { RequestContext } from '@micronova/model'
import type { CallOptions } from '../call.js'
import { ClientError } from '../errors.js'
import { type HttpResponse, TransportFailure } from '../http/transport.js'
import { listIn, objectWith } from '../rest/decode.js'
import type { RestCall, RestService } from '../rest/rest-service.js'
import type { Identities } from '../session/identity.js'
import type { GlanceClient } from './client.js'
import type { GlanceImage, ImageChange, ImageData, NewGlanceImage } from './types.js'

export interface RestGlanceOptions {
  /** A download of which nothing comes for this long has failed. */
  readonly silenceMs: number
}

const image = { id: 'string', status: 'string' } as const

/** Glance over REST. @see python-glanceclient 4.1.0, `v2/images.py`; nova 26.2.2, `image/glance.py` */
export class RestGlance implements GlanceClient {
  readonly #rest: RestService
  readonly #identities: Identities
  readonly #clock: Clock
  readonly #options: RestGlanceOptions

  constructor(rest: RestService, identities: Identities, clock: Clock, options: RestGlanceOptions) {
    this.#rest = rest
    this.#identities = identities
    this.#clock = clock
    this.#options = options
  }

  #call(ctx: RequestContext, method: RestCall['method'], path: string, options: CallOptions | undefined): RestCall {
    return { method, path: `/v2${path}`, ctx, identity: this.#identities.of(ctx, 'user'), signal: options?.signal }
  }

  async showImage(ctx: RequestContext, imageId: string, options?: CallOptions): Promise<GlanceImage> {
    const call = this.#call(ctx, 'GET', imagePath(imageId), options)
    return this.#rest.decoded(call, (body) => objectWith(body, 'an image', image))
  }

  async listImages(ctx: RequestContext, query: Readonly<Record<string, string>>, options?: CallOptions): Promise<readonly GlanceImage[]> {
    const found: GlanceImage[] = []
    const first = new URLSearchParams(query).toString()
    const asked = new Set<string>()
    for (let path: string | null = `/images${first === '' ? '' : `?${first}`}`; path !== null && !asked.has(path); ) {
      asked.add(path)
      const page: { items: readonly GlanceImage[]; next: string | null } = await this.#rest.decoded(
        this.#call(ctx, 'GET', path, options),
        (body) => ({ items: listIn<GlanceImage>(body, 'images', image), next: nextPath(body) }),
      )
      found.push(...page.items)
      path = page.next
    }
    return found
  }

  async createImage(ctx: RequestContext, body: NewGlanceImage, options?: CallOptions): Promise<GlanceImage> {
    const call = { ...this.#call(ctx, 'POST', '/images', options), body }
    return this.#rest.decoded(call, (made) => objectWith(made, 'an image', image))
  }

  async updateImage(ctx: RequestContext, imageId: string, changes: readonly ImageChange[], options?: CallOptions): Promise<GlanceImage> {
    const headers = { 'Content-Type': 'application/openstack-images-v2.1-json-patch' }
    const call = { ...this.#call(ctx, 'PATCH', imagePath(imageId), options), headers, body: changes }
    return this.#rest.decoded(call, (made) => objectWith(made, 'an image', image))
  }

  async deleteImage(ctx: RequestContext, imageId: string, options?: CallOptions): Promise<void> {
    await this.#rest.none(this.#call(ctx, 'DELETE', imagePath(imageId), options))
  }

  async downloadImage(ctx: RequestContext, imageId: string, options?: CallOptions): Promise<ImageData | null> {
    const call = this.#call(ctx, 'GET', `${imagePath(imageId)}/file`, options)
    const response = await this.#rest.exchange(call, async (response) => response)
    if (response.status === 204) {
      response.body.destroy()
      return null
    }
    return this.#pieces(response, call)
  }

  async *#pieces({ headers, body }: HttpResponse, { path, signal }: RestCall): AsyncGenerator<Uint8Array> {
    const about = { service: 'image', method: 'GET', path }
    const md5 = headers['content-md5'] ?? null
    const hash = md5 === null ? null : createHash('md5')
    const ending = new Ending(body, signal)
    try {
      const iterator = body[Symbol.asyncIterator]()
      for (;;) {
        const timer = this.#clock.setTimer(this.#options.silenceMs, () =>
          ending.end(new ClientError('timeout', `image data stopped coming`, about)),
        )
        const next = await iterator.next().finally(() => timer.cancel())
        if (next.done === true) break
        hash?.update(next.value)
        yield next.value
      }
    } catch (err) {
      throw (
        ending.reason ??
        (err instanceof TransportFailure
          ? new ClientError('unreachable', `the image data ended early: ${err.message}`, about, { cause: err })
          : err)
      )
    } finally {
      ending.over()
      body.destroy()
    }
    if (ending.reason !== null) throw ending.reason
    if (hash !== null && hash.digest('hex') !== md5)
      throw new ClientError('bad_response', 'the image data does not match its checksum', about)
  }

  async uploadImage(ctx: RequestContext, imageId: string, data: ImageData, options?: CallOptions): Promise<void> {
    const headers = { 'Content-Type': 'application/octet-stream' }
    await this.#rest.none({ ...this.#call(ctx, 'PUT', `${imagePath(imageId)}/file`, options), headers, data })
  }
}

/** Why a body was ended from our side. */
class Ending {
  readonly #body: HttpResponse['body']
  readonly #signal: AbortSignal | undefined
  readonly #abort: () => void
  reason: unknown = null

  constructor(body: HttpResponse['body'], signal: AbortSignal | undefined) {
    this.#body = body
    this.#signal = signal
    this.#abort = () => this.end(signal?.reason)
    if (signal?.aborted) this.#abort()
    signal?.addEventListener('abort', this.#abort, { once: true })
  }

  end(reason: unknown): void {
    this.reason = reason
    this.#body.destroy()
  }

  over(): void {
    this.#signal?.removeEventListener('abort', this.#abort)
  }
}

function imagePath(imageId: string): string {
  return `/images/${encodeURIComponent(imageId)}`
}

/** `{"next": "/v2/images?marker=..."}`; null after the last page. */
function nextPath(body: unknown): string | null {
  const next = new Map<string, unknown>(Object.entries(body ?? {})).get('next')
  return typeof next === 'string' && next.startsWith('/v2/images') ? next.slice('/v2'.length) : null
}
