// An independent ONVIF client talks to the device at 127.0.0.1:PORT and prints what it was told, as one line of JSON.
// usage: node peer.cjs onvif|node-onvif PORT DISCOVERY_PORT USER PASSWORD PROFILE
"use strict";
const dgram = require("node:dgram");
const [peer, port, discoveryPort, user, password, profile] = process.argv.slice(2);

// Both clients probe a fixed group and port: the device of the test listens on a port of its own.
const createSocket = dgram.createSocket;
dgram.createSocket = (...options) => {
  const socket = createSocket(...options);
  const send = socket.send.bind(socket);
  socket.send = (buffer, offset, length, _port, _group, done) => send(buffer, offset, length, Number(discoveryPort), "127.0.0.1", done);
  return socket;
};

/** Calls f(...args, callback) of a client that answers by callback. */
const ask = (cam, name, ...args) =>
  new Promise((resolve, reject) => cam[name](...args, (error, data) => (error ? reject(new Error(`${name}: ${error.message ?? error}`)) : resolve(data))));

async function agsh() {
  const { Cam, Discovery } = require("onvif");
  const found = await new Promise((resolve, reject) =>
    Discovery.probe({ timeout: 700, resolve: false }, (errors, cams) => (errors ? reject(new Error(String(errors))) : resolve(cams))));
  const cam = await new Promise((resolve, reject) => {
    const made = new Cam({ hostname: "127.0.0.1", port: Number(port), username: user, password, timeout: 10_000 }, (error) => (error ? reject(error) : resolve(made)));
  });
  const told = {
    discovered: found.map((device) => device.probeMatches.probeMatch.XAddrs),
    media2: cam.media2Support,
    profiles: cam.profiles.map((one) => one.$.token),
    active: cam.activeSources.map((source) => ({ profile: source.profileToken, width: source.width ?? null, encoding: source.encoding ?? null })),
  };
  told.information = await ask(cam, "getDeviceInformation");
  told.stream = (await ask(cam, "getStreamUri", { protocol: "RTSP", profileToken: profile })).uri;
  told.snapshot = (await ask(cam, "getSnapshotUri", { profileToken: profile })).uri;
  told.hostname = (await ask(cam, "getHostname")).name;
  told.scopes = (await ask(cam, "getScopes")).length;
  told.ntp = await ask(cam, "getNTP");
  told.nodes = Object.keys(await ask(cam, "getNodes"));
  told.presets = await ask(cam, "getPresets", { profileToken: profile });
  await ask(cam, "continuousMove", { profileToken: profile, x: 0.5, y: -0.5, zoom: 0 });
  told.moving = (await ask(cam, "getStatus", { profileToken: profile })).moveStatus;
  await ask(cam, "stop", { profileToken: profile, panTilt: true, zoom: true });
  await ask(cam, "absoluteMove", { profileToken: profile, x: 0.25, y: -0.25, zoom: 0.5 });
  told.position = (await ask(cam, "getStatus", { profileToken: profile })).position;
  await ask(cam, "relativeMove", { profileToken: profile, x: 0.1, y: 0, zoom: 0 });
  await ask(cam, "gotoPreset", { profileToken: profile, preset: "2" });
  await ask(cam, "setPreset", { profileToken: profile, presetName: "yard" });
  await ask(cam, "gotoHomePosition", { profileToken: profile });
  told.imaging = await ask(cam, "getImagingSettings", { token: cam.videoSources[0]?.$?.token ?? "source_1" });
  await ask(cam, "setImagingSettings", { token: "source_1", brightness: 70 });
  told.brightness = (await ask(cam, "getImagingSettings", { token: "source_1" })).brightness;
  told.topics = JSON.stringify(await ask(cam, "getEventProperties"));
  told.subscribed = Boolean(await ask(cam, "createPullPointSubscription"));
  const pulled = await ask(cam, "pullMessages", { timeout: 2000, messageLimit: 5 });
  told.notification = JSON.stringify(pulled);
  await ask(cam, "renew");
  await ask(cam, "unsubscribe");
  return told;
}

async function futomi() {
  const onvif = require("node-onvif");
  const found = await onvif.startProbe();
  const device = new onvif.OnvifDevice({ xaddr: `http://127.0.0.1:${port}/onvif/device_service`, user, pass: password });
  const information = await device.init();
  const told = {
    discovered: found.map((one) => one.xaddrs.join(" ")),
    information,
    profiles: device.getProfileList().map((one) => ({ token: one.token, stream: one.stream.rtsp, snapshot: one.snapshot, width: one.video.encoder?.resolution?.width ?? null })),
    difference: device.services.device.getTimeDiff(),
  };
  device.changeProfile(profile);
  told.picture = (await device.fetchSnapshot()).body.length;
  await device.ptzMove({ speed: { x: 1, y: 0, z: 0 }, timeout: 5 });
  await device.ptzStop();
  const { ptz, device: service, events } = device.services;
  told.presets = (await ptz.getPresets({ ProfileToken: profile })).data.GetPresetsResponse.Preset.map((one) => one.Name);
  told.status = (await ptz.getStatus({ ProfileToken: profile })).data.GetStatusResponse.PTZStatus.MoveStatus.PanTilt;
  await ptz.gotoHomePosition({ ProfileToken: profile, Speed: 1 });
  told.relays = (await service.getRelayOutputs()).data.GetRelayOutputsResponse.RelayOutputs.map((one) => one.$.token);
  told.ntp = (await service.getNTP()).data.GetNTPResponse.NTPInformation.NTPManual.DNSname;
  told.topics = Object.keys((await events.getEventProperties()).data.GetEventPropertiesResponse.TopicSet);
  return told;
}

(peer === "onvif" ? agsh() : futomi()).then(
  (told) => {
    console.log(JSON.stringify(told));
    process.exit(0);
  },
  (error) => {
    console.error(error);
    process.exit(1);
  },
);
