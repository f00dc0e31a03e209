export { createTransport, type TransportDeps, type TransportOptions } from './create-transport.js'
export { unwrap, wrap } from './envelope.js'
export {
  ConfigurationError,
  InvalidArguments,
  InvalidTarget,
  InvalidTransportUrl,
  MalformedMessage,
  MessageDeliveryFailure,
  MessageUndeliverable,
  MessagingError,
  type MessagingErrorCode,
  MessagingTimeout,
  NoSuchMethod,
  PythonError,
  RemoteError,
  RpcVersionCapError,
  UnsupportedEnvelope,
  UnsupportedVersion,
} from './errors.js'
export { decodeFailure, encodeFailure } from './failure.js'
export type { Json, JsonObject } from './json.js'
export { formatJson, parseJson } from './json-codec.js'
export { MemoryBus } from './memory/memory-bus.js'
export {
  decodeMessage,
  decodeRequest,
  encodeNotification,
  encodeReply,
  encodeRequest,
  type Message,
  type NotificationMessage,
  type ReplyAddress,
  type ReplyMessage,
  type RequestMessage,
} from './message.js'
export { messagingOptions, notificationOptions, rabbitOptions, rpcOptions } from './options.js'
export { type BrokerProbe, probeBrokers } from './rabbit/probe.js'
export { defaultRabbitOptions, type RabbitOptions } from './rabbit/rabbit-options.js'
export { type MessagingSections, notifierOptions, rabbitOptionsOfQuery, transportOptions } from './read-options.js'
export type {
  ConnectionReport,
  EndedCall,
  HandledRequest,
  OutstandingCall,
  RequestInHand,
  RpcObserver,
  RpcServerReport,
  TransportReport,
} from './report.js'
export type { ErrorCatalogue, RemoteFailure, Serializer } from './serializer.js'
export type { Target } from './target.js'
export type {
  CallOptions,
  Endpoint,
  NotificationPriority,
  Notifier,
  NotifierOptions,
  Parameter,
  ReceivedWork,
  RemoteMethod,
  RpcClient,
  RpcClientOptions,
  RpcServer,
  RpcServerOptions,
  Transport,
  WorkJournal,
} from './transport.js'
export { type BrokerHost, parseTransportUrl, type RabbitUrl, type TransportUrl } from './transport-url.js'
export { isVersion, isVersionCompatible } from './version.js'
