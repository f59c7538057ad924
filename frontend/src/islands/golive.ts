import { call, Problem } from "../core/api";

interface Key {
  secret: string;
}

const WIDTH = 1280;
const HEIGHT = 720;
const FRAMES = 30;
const BITRATE = 2_500_000;
const GATHER_MS = 2_000;

/** Goes live from this browser: first a look at camera and microphone, then the stream itself, by WHIP. */
export function start(element: HTMLElement): void {
  new Broadcast(element).begin();
}

class Broadcast {
  private readonly video: HTMLVideoElement;
  private media: MediaStream | null = null;
  private peer: RTCPeerConnection | null = null;
  private place = "";
  private meter: { context: AudioContext; frame: number } | null = null;

  constructor(private readonly root: HTMLElement) {
    this.video = this.part<HTMLVideoElement>("video");
  }

  begin(): void {
    if (!navigator.mediaDevices || typeof RTCPeerConnection === "undefined") {
      this.say("This browser cannot go live. Use OBS, or another browser.");
      return;
    }
    this.part("[data-test]").addEventListener("click", () => void this.tryIt());
    this.part("[data-go]").addEventListener("click", () => void this.goLive());
    this.part("[data-stop]").addEventListener("click", () => void this.stop("You are not live any more. People see that you left."));
    for (const select of this.root.querySelectorAll("select")) select.addEventListener("change", () => void this.tryIt());
    addEventListener("beforeunload", (event) => {
      if (this.peer) event.preventDefault();
    });
    addEventListener("pagehide", () => this.tellGone());
  }

  private async tryIt(): Promise<void> {
    this.letGo();
    try {
      this.media = await navigator.mediaDevices.getUserMedia({
        video: { width: { ideal: WIDTH }, height: { ideal: HEIGHT }, frameRate: { ideal: FRAMES }, ...this.chosen("camera") },
        audio: { echoCancellation: true, ...this.chosen("microphone") },
      });
    } catch (error) {
      this.say(refusal(error));
      return;
    }
    this.video.srcObject = this.media;
    await this.video.play();
    await this.listDevices();
    this.listen(this.media);
    this.show("ready");
    const size = this.media.getVideoTracks()[0]?.getSettings();
    this.say(`This is what people will see${size?.width ? `: ${size.width} × ${size.height}` : ""}. Say something: the bar moves.`);
  }

  private async goLive(): Promise<void> {
    if (!this.media) return;
    this.show("going");
    this.say("Going live …");
    try {
      await this.publish(await this.key());
      this.show("live");
      this.say("You are live. Keep this page open.");
    } catch (error) {
      this.hangUp();
      this.show("ready");
      this.say(error instanceof Problem || error instanceof Refused ? error.message : "This did not work. Try again in a moment.");
    }
  }

  private async publish(key: string): Promise<void> {
    const peer = (this.peer = new RTCPeerConnection());
    for (const track of this.media?.getTracks() ?? []) this.send(peer, track);
    peer.addEventListener("connectionstatechange", () => {
      if (peer === this.peer && peer.connectionState === "failed") void this.stop("The connection was lost. Go live again to go on.");
    });
    await peer.setLocalDescription(await peer.createOffer());
    await gathered(peer);
    const answer = await fetch(this.root.dataset.golive ?? "/whip", {
      method: "POST",
      headers: { "Content-Type": "application/sdp", Authorization: `Bearer ${key}` },
      body: peer.localDescription?.sdp ?? "",
    });
    if (!answer.ok) throw new Refused((await answer.text()).trim());
    this.place = answer.headers.get("Location") ?? "";
    await peer.setRemoteDescription({ type: "answer", sdp: await answer.text() });
  }

  /** H.264 as everybody plays it, in one size: another size in between is another beginning for players. */
  private send(peer: RTCPeerConnection, track: MediaStreamTrack): void {
    const sender = peer.addTransceiver(track, { direction: "sendonly", streams: this.media ? [this.media] : [] });
    if (track.kind !== "video") return;
    const known = RTCRtpSender.getCapabilities("video")?.codecs ?? [];
    const wanted = known.filter((each) => each.mimeType === "video/H264" || each.mimeType === "video/rtx");
    if (wanted.length) sender.setCodecPreferences(wanted);
    const told = sender.sender.getParameters();
    if (told.encodings[0]) told.encodings[0].maxBitrate = BITRATE;
    (told as { degradationPreference?: string }).degradationPreference = "maintain-resolution";
    void sender.sender.setParameters(told).catch(() => undefined);
  }

  /** The one that this page shows; otherwise a new one, since no page shows an old one again. */
  private async key(): Promise<string> {
    const shown = document.querySelector<HTMLElement>("#key")?.innerText.trim();
    return shown || (await call<Key>("POST", `/streams/${this.root.dataset.stream ?? ""}/key`)).secret;
  }

  private async stop(words: string): Promise<void> {
    this.tellGone();
    this.hangUp();
    this.show("ready");
    this.say(words);
  }

  private tellGone(): void {
    if (this.place) void fetch(this.place, { method: "DELETE", keepalive: true }).catch(() => undefined);
    this.place = "";
  }

  private hangUp(): void {
    this.peer?.close();
    this.peer = null;
  }

  private letGo(): void {
    for (const track of this.media?.getTracks() ?? []) track.stop();
    if (this.meter) {
      cancelAnimationFrame(this.meter.frame);
      void this.meter.context.close();
      this.meter = null;
    }
  }

  private chosen(name: string): { deviceId?: { exact: string } } {
    const value = this.root.querySelector<HTMLSelectElement>(`[name=${name}]`)?.value;
    return value ? { deviceId: { exact: value } } : {};
  }

  private async listDevices(): Promise<void> {
    const devices = await navigator.mediaDevices.enumerateDevices();
    for (const [name, kind] of [["camera", "videoinput"], ["microphone", "audioinput"]] as const) {
      const select = this.root.querySelector<HTMLSelectElement>(`[name=${name}]`);
      if (!select || select.options.length) continue;
      for (const each of devices.filter((device) => device.kind === kind)) select.add(new Option(each.label || kind, each.deviceId));
    }
  }

  private listen(media: MediaStream): void {
    const bar = this.part<HTMLMeterElement>("[data-level]");
    const context = new AudioContext();
    const heard = context.createAnalyser();
    context.createMediaStreamSource(media).connect(heard);
    const values = new Float32Array(heard.fftSize);
    const look = (): void => {
      heard.getFloatTimeDomainData(values);
      bar.value = Math.min(1, Math.sqrt(values.reduce((sum, each) => sum + each * each, 0) / values.length) * 4);
      if (this.meter) this.meter.frame = requestAnimationFrame(look);
    };
    this.meter = { context, frame: requestAnimationFrame(look) };
  }

  private show(state: "ready" | "going" | "live"): void {
    this.root.dataset.state = state;
    this.part("[data-picture]").hidden = false;
    this.part("[data-test]").hidden = state !== "ready";
    this.part("[data-go]").hidden = state === "live";
    this.part<HTMLButtonElement>("[data-go]").disabled = state === "going";
    this.part("[data-stop]").hidden = state !== "live";
  }

  private say(words: string): void {
    this.part("[data-words]").textContent = words;
  }

  private part<T extends HTMLElement>(selector: string): T {
    const found = this.root.querySelector<T>(selector);
    if (!found) throw new Error(`no ${selector}`);
    return found;
  }
}

class Refused extends Error {}

function refusal(error: unknown): string {
  const name = error instanceof DOMException ? error.name : "";
  if (name === "NotAllowedError") return "Your browser was told not to give the camera away. Allow it beside the address, and try again.";
  if (name === "NotFoundError" || name === "OverconstrainedError") return "There is no camera or no microphone here.";
  return "The camera cannot be used. Another program may have it.";
}

async function gathered(peer: RTCPeerConnection): Promise<void> {
  if (peer.iceGatheringState === "complete") return;
  await new Promise<void>((done) => {
    const timer = setTimeout(done, GATHER_MS);
    peer.addEventListener("icegatheringstatechange", () => {
      if (peer.iceGatheringState !== "complete") return;
      clearTimeout(timer);
      done();
    });
  });
}
