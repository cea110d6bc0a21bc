// Phenix' EdgeAuth library: prints edge tokens as one JSON object, a token for each form of its builder.
//   node phenix.mjs APPLICATION_ID SECRET ROOM_ID ALIAS
import TokenBuilder from "phenix-edge-auth";

const [applicationId, secret, roomId, alias] = process.argv.slice(2);
const anything = () => new TokenBuilder().withApplicationId(applicationId).withSecret(secret).expiresInSeconds(600);
const room = () => anything().forRoom(roomId);
const tokens = {
  room: room(),
  roomAlias: anything().forRoomAlias(alias),
  channel: anything().forChannel(roomId),
  channelAlias: anything().forChannelAlias(alias),
  streaming: room().forStreamingOnly(),
  publishing: room().forPublishingOnly().withCapability("multi-bitrate").withCapability("fhd"),
  tagged: room().applyTag("billing: 7").applyTag("é💥"),
  address: room().forRemoteAddress("127.0.0.1"),
  date: room().expiresAt(new Date(Date.now() + 86_400_000)),
  fraction: room().expiresInSeconds(599.9995),
  authentication: room().forAuthenticateOnly(),
  session: room().forSession("eu#session"),
  originStream: room().forOriginStream("eu#stream"),
  elsewhere: room().forRemoteAddress("192.0.2.1"),
  expired: room().expiresInSeconds(-1),
  otherRoom: anything().forRoom(`${roomId}x`),
  otherAlias: anything().forRoomAlias(`${alias}x`),
  otherTag: anything().forTag("my-tag"),
  untagged: anything(),
  otherSecret: room().withSecret(`${secret}x`),
  otherApplication: room().withApplicationId("somebody-else"),
};
console.log(JSON.stringify(Object.fromEntries(Object.entries(tokens).map(([form, builder]) => [form, builder.build()]))));
